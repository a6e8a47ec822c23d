package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/tidegate/tidegate/drivers/line"
	"github.com/tidegate/tidegate/drivers/modbus"
	"github.com/tidegate/tidegate/drivers/sim"
	"github.com/tidegate/tidegate/gateway"
)

type simCommand struct {
	URL     string `arg:"" help:"Where to be: tcp://127.0.0.1:1502, or rtu:///tmp/line?baud=9600 for a pseudo terminal at the pace of a line."`
	Units   []int  `help:"Numbers of the units." default:"1"`
	Profile string `help:"What the units are: addresses (each register holds its address), meter or plc." enum:"addresses,meter,plc" default:"addresses"`

	Delay      time.Duration `help:"Fault: answer so much later."`
	Slow       time.Duration `help:"Fault: pause between the bytes of an answer."`
	Silent     bool          `help:"Fault: no answer."`
	Noise      bool          `help:"Fault: random bytes before each answer."`
	Truncate   bool          `help:"Fault: only half of each answer."`
	WrongUnit  bool          `help:"Fault: answer as another unit."`
	Exception  uint8         `help:"Fault: answer with this exception."`
	Disconnect bool          `help:"Fault: close the connection instead of answering."`
}

func (c simCommand) faults() sim.Faults {
	return sim.Faults{
		Delay: c.Delay, Slow: c.Slow, Silent: c.Silent, Noise: c.Noise, Truncate: c.Truncate,
		WrongUnit: c.WrongUnit, Exception: c.Exception, Disconnect: c.Disconnect,
	}
}

// Run answers until ctx ends.
func (c simCommand) Run(ctx context.Context) error {
	address, err := line.Parse(c.URL)
	if err != nil {
		return err
	}
	units := map[byte]*sim.Unit{}
	for _, number := range c.Units {
		if err := modbus.CheckUnit(address, number); err != nil {
			return err
		}
		units[byte(number)] = c.unit(number)
	}
	switch {
	case address.Protocol == line.ModbusTCP:
		return c.serveTCP(ctx, address.Host, units)
	case address.Protocol == line.ModbusRTU && address.Serial():
		return c.serveRTU(ctx, address, units)
	}
	return gateway.Errorf(gateway.Invalid, "%s cannot be simulated: use tcp://127.0.0.1:1502 or rtu:///tmp/line?baud=9600", c.URL)
}

func (c simCommand) unit(number int) *sim.Unit {
	switch c.Profile {
	case "meter":
		return sim.NewMeter(float64(number))
	case "plc":
		return sim.NewPLC()
	}
	return sim.NewAddresses()
}

func (c simCommand) serveTCP(ctx context.Context, host string, units map[byte]*sim.Unit) error {
	slave, err := sim.ListenTCP(ctx, host, units)
	if err != nil {
		return err
	}
	slave.Set(c.faults())
	fmt.Printf("tcp://%s\n", slave.Addr())
	return slave.Run(ctx)
}

func (c simCommand) serveRTU(ctx context.Context, address line.Address, units map[byte]*sim.Unit) error {
	if err := checkFree(address.Path); err != nil {
		return err
	}
	slave, err := sim.OpenRTU(address.Baud, units)
	if err != nil {
		return err
	}
	if err := slave.Link(address.Path); err != nil {
		return errors.Join(err, slave.Close())
	}
	defer func() { _ = os.Remove(address.Path) }()
	slave.Set(c.faults())
	fmt.Printf("rtu://%s?baud=%d\n", address.Path, address.Baud)
	return slave.Run(ctx)
}

// checkFree keeps the link to a pseudo terminal from taking the place of a real port or of a file. A link that a
// simulator left behind may be replaced.
func checkFree(path string) error {
	if target, err := os.Readlink(path); err == nil && strings.HasPrefix(target, "/dev/pts/") {
		return nil
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return gateway.Errorf(gateway.Invalid, "%s is there already: choose a path for the simulated line where nothing is", path)
	}
	return nil
}
