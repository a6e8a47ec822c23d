package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tidegate/tidegate/drivers/line"
	"github.com/tidegate/tidegate/drivers/modbus"
	"github.com/tidegate/tidegate/gateway"
)

type modbusCommand struct {
	Read     modbusReadCommand     `cmd:"" help:"Read values."`
	Write    modbusWriteCommand    `cmd:"" help:"Write a value and read it back."`
	Identify modbusIdentifyCommand `cmd:"" help:"Ask a device what it is."`
	Scan     modbusScanCommand     `cmd:"" help:"Find the units that answer."`
	Explore  modbusExploreCommand  `cmd:"" help:"Read a range with every type and byte order that it may be."`

	Trace     modbusTraceCommand     `cmd:"" help:"Show what goes over a wire of the running gateway, decoded."`
	Detect    modbusDetectCommand    `cmd:"" help:"Find out baud rate, parity and stop bits of a serial line by trying."`
	Raw       modbusRawCommand       `cmd:"" help:"Send any function code and print the reply."`
	Mask      modbusMaskCommand      `cmd:"" help:"Change bits of a register in the device (function 22)."`
	Exchange  modbusExchangeCommand  `cmd:"" help:"Write registers and read registers in one request (function 23)."`
	Broadcast modbusBroadcastCommand `cmd:"" help:"Write a value to all devices of a serial line at once; nobody answers."`
}

// modbusDevice is one unit on a wire that no gateway has open.
type modbusDevice struct {
	URL     string        `arg:"" help:"The wire: tcp://host:502, rtu:///dev/ttyUSB0?baud=9600, ascii://..., rtu+tcp://host:4001, rtu+udp://host:4001."`
	Unit    int           `help:"Number of the unit." default:"1"`
	Timeout time.Duration `help:"How long to wait for an answer." default:"1s"`
	JSON    bool          `help:"Print JSON instead of a table." name:"json"`
}

// open opens the wire after all that can be wrong with the arguments was checked.
func (m modbusDevice) open(ctx context.Context) (*modbus.Driver, error) {
	address, err := line.Parse(m.URL)
	if err != nil {
		return nil, err
	}
	if address.Protocol == line.Lines {
		return nil, gateway.Errorf(gateway.Invalid, "%s is no Modbus wire: use tcp, rtu, ascii, rtu+tcp, ascii+tcp or rtu+udp", m.URL)
	}
	if err := modbus.CheckUnit(address, m.Unit); err != nil {
		return nil, err
	}
	if m.Timeout <= 0 {
		return nil, gateway.Errorf(gateway.Invalid, "the timeout is longer than 0: use --timeout 1s")
	}
	return modbus.Open(ctx, gateway.Connection{ID: "wire", URL: m.URL, Timeout: gateway.Duration(m.Timeout)})
}

func (m modbusDevice) device() gateway.Device { return gateway.Device{ID: "device", Unit: m.Unit} }

// modbusPoint says how the bytes at an address are read.
type modbusPoint struct {
	Address string `arg:"" help:"holding:100, input:0x1F, coil:0, discrete:7, holding:100.3 for a bit, or 40101."`
	Type    string `help:"bool, int16, uint16, int32, uint32, int64, uint64, float32, float64 or string; default uint16, bool for bits."`
	Order   string `help:"Byte order: ABCD, CDAB, BADC or DCBA." enum:"ABCD,CDAB,BADC,DCBA" default:"ABCD"`
	Length  int    `help:"Bytes of a string." default:"16"`
}

func (p modbusPoint) point() (gateway.Point, modbus.Address, error) {
	address, err := modbus.ParseAddress(p.Address)
	if err != nil {
		return gateway.Point{}, address, err
	}
	point := gateway.Point{ID: address.String(), Address: address.String(), Type: gateway.Type(p.Type), ByteOrder: p.Order}
	bit := address.Table.Bits() || address.Bit != modbus.NoBit
	switch {
	case p.Type == "" && bit:
		point.Type = gateway.Bool
	case p.Type == "":
		point.Type = gateway.Uint16
	case !point.Type.Valid():
		return point, address, gateway.Errorf(gateway.Invalid, "there is no type %q: see tidegate modbus read --help", p.Type)
	}
	if point.Type == gateway.String {
		point.Length = p.Length
	}
	return point, address, modbus.Check(gateway.DeviceQuirks{}, point)
}

type modbusReadCommand struct {
	modbusDevice
	modbusPoint
	Count int `help:"How many values, one behind the other." default:"1"`
}

// maxValues bounds one read; a table has 65,536 places.
const maxValues = 2000

func (c modbusReadCommand) points() ([]gateway.Point, error) {
	first, address, err := c.point()
	if err != nil {
		return nil, err
	}
	if c.Count < 1 || c.Count > maxValues || c.Count > 1 && address.Bit != modbus.NoBit {
		return nil, gateway.Errorf(gateway.Invalid, "1 to %d values are read at once, of the bits of registers only one", maxValues)
	}
	points := []gateway.Point{first}
	for len(points) < c.Count {
		address.Offset += step(first, address)
		next := first
		next.ID, next.Address = address.String(), address.String()
		if err := modbus.Check(gateway.DeviceQuirks{}, next); err != nil {
			return nil, err
		}
		points = append(points, next)
	}
	return points, nil
}

// step is how many places of its table a point takes.
func step(p gateway.Point, address modbus.Address) int {
	switch {
	case address.Table.Bits():
		return 1
	case p.Type == gateway.String:
		return p.Length / 2
	}
	return p.Type.Bytes() / 2
}

// errNoValue ends a read in which a value is missing with an exit code of 1; the table says what and why.
var errNoValue = errors.New("not all values could be read")

// Run reads and prints.
func (c modbusReadCommand) Run(ctx context.Context) (err error) {
	points, err := c.points()
	if err != nil {
		return err
	}
	driver, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, driver.Close()) }()
	readings, err := driver.Poll(ctx, c.device(), points)
	if err != nil {
		return fmt.Errorf("read from %s: %w", c.URL, err)
	}
	return printReadings(c.JSON, readings...)
}
