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
	Run   simRunCommand   `cmd:"" default:"withargs" help:"Run the device."`
	Fault simFaultCommand `cmd:"" help:"Switch the faults of a device that runs; without any it is healthy again."`
}

type simRunCommand struct {
	URL     string    `arg:"" help:"Where to be: tcp://127.0.0.1:1502, rtu:///tmp/line?baud=9600 or ascii:///tmp/line for a pseudo terminal at the pace of a line, rtu+tcp://127.0.0.1:4001 or ascii+tcp for a serial server."`
	Units   []int     `help:"Numbers of the units." default:"1"`
	Profile string    `help:"What the units are: addresses (each register holds its address), meter, plc or analyzer (20 floats in CDAB order)." enum:"addresses,meter,plc,analyzer" default:"addresses"`
	Runtime string    `help:"Directory of the control socket." env:"TIDEGATE_RUNTIME" type:"path"`
	Faults  simFaults `embed:""`
}

type simFaults struct {
	Delay      time.Duration `help:"Fault: answer so much later."`
	Slow       time.Duration `help:"Fault: pause between the bytes of an answer."`
	Silent     bool          `help:"Fault: no answer."`
	Noise      bool          `help:"Fault: random bytes before each answer."`
	Truncate   bool          `help:"Fault: only half of each answer."`
	WrongUnit  bool          `help:"Fault: answer as another unit."`
	Exception  uint8         `help:"Fault: answer with this exception."`
	Disconnect bool          `help:"Fault: close the connection instead of answering."`
}

func (f simFaults) faults() sim.Faults {
	return sim.Faults{
		Delay: f.Delay, Slow: f.Slow, Silent: f.Silent, Noise: f.Noise, Truncate: f.Truncate,
		WrongUnit: f.WrongUnit, Exception: f.Exception, Disconnect: f.Disconnect,
	}
}

// Run answers until ctx ends.
func (c simRunCommand) Run(ctx context.Context) error {
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
	framing, known := map[line.Protocol]sim.Framing{line.ModbusTCP: nil, line.ModbusRTU: sim.RTU, line.ModbusASCII: sim.ASCII}[address.Protocol]
	switch {
	case known && address.Serial():
		return c.serveLine(ctx, framing, address, units)
	case known && address.Carrier == line.TCP:
		return c.serveNetwork(ctx, framing, address.Host, units)
	}
	return gateway.Errorf(gateway.Invalid, "%s cannot be simulated: use tcp://127.0.0.1:1502, rtu:///tmp/line?baud=9600, ascii:///tmp/line, "+
		"rtu+tcp://127.0.0.1:4001 or ascii+tcp", c.URL)
}

func (c simRunCommand) unit(number int) *sim.Unit {
	switch c.Profile {
	case "meter":
		return sim.NewMeter(float64(number))
	case "plc":
		return sim.NewPLC()
	case "analyzer":
		return sim.NewAnalyzer()
	}
	return sim.NewAddresses()
}

func (c simRunCommand) serveNetwork(ctx context.Context, framing sim.Framing, host string, units map[byte]*sim.Unit) error {
	slave, err := sim.ListenLine(ctx, framing, host, units)
	if err != nil {
		return err
	}
	scheme, _, _ := strings.Cut(c.URL, "://")
	return c.serve(ctx, scheme+"://"+slave.Addr(), slave, units)
}

func (c simRunCommand) serveLine(ctx context.Context, framing sim.Framing, address line.Address, units map[byte]*sim.Unit) error {
	if err := checkFree(address.Path); err != nil {
		return err
	}
	slave, err := sim.OpenLine(framing, address.Baud, units)
	if err != nil {
		return err
	}
	if err := slave.Link(address.Path); err != nil {
		return errors.Join(err, slave.Close())
	}
	defer func() { _ = os.Remove(address.Path) }()
	return c.serve(ctx, fmt.Sprintf("%s://%s?baud=%d", address.Protocol, address.Path, address.Baud), slave, units)
}

// simSlave is a slave of either kind.
type simSlave interface {
	faulty
	Run(ctx context.Context) error
	Close() error
}

// serve prints where the device is, which also names it for tidegate sim fault.
func (c simRunCommand) serve(ctx context.Context, url string, slave simSlave, units map[byte]*sim.Unit) error {
	slave.Set(c.Faults.faults())
	control, err := openControlSocket(ctx, runtimeDirectory(c.Runtime), simSocket(url))
	if err != nil {
		return errors.Join(err, slave.Close())
	}
	handleFaults(control, slave, units)
	running := newParts()
	running.Go("control", control.Run)
	running.Go("device", slave.Run)
	fmt.Println(url)
	return errors.Join(running.Wait(ctx), running.Close())
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
