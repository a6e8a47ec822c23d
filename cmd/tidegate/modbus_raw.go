package main

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/tidegate/tidegate/drivers/modbus"
	"github.com/tidegate/tidegate/gateway"
)

type modbusRawCommand struct {
	modbusDevice
	PDU string `arg:"" help:"Function code and data in hexadecimal: 0300000001 reads holding:0." name:"pdu"`
}

// Run sends and prints; an exception is printed too, and ends with an exit code of 1.
func (c modbusRawCommand) Run(ctx context.Context) error {
	pdu, err := hex.DecodeString(strings.ReplaceAll(c.PDU, " ", ""))
	if err != nil {
		return gateway.Errorf(gateway.Invalid, "%q is not two hexadecimal digits for each byte", c.PDU)
	}
	reply, err := c.raw(ctx, pdu)
	if err != nil && reply == nil {
		return err
	}
	if c.JSON {
		return errors.Join(printJSON(map[string]string{"pdu": hex.EncodeToString(reply)}), err)
	}
	_, printErr := fmt.Printf("% x\n", reply)
	return errors.Join(printErr, err)
}

// raw sends a request; an exception comes with an error that says what it means.
func (m modbusDevice) raw(ctx context.Context, pdu []byte) (reply []byte, err error) {
	driver, err := m.open(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, driver.Close()) }()
	reply, err = driver.Raw(ctx, m.Unit, pdu)
	if err != nil {
		return nil, err
	}
	return reply, modbus.ExceptionOf(reply)
}

// modbusRegister is a holding register of a request.
type modbusRegister uint16

// UnmarshalText reads holding:100, 100, 0x64 or 40101.
func (r *modbusRegister) UnmarshalText(text []byte) error {
	name := string(text)
	if n, err := strconv.ParseUint(name, 0, 16); err == nil && n < 40001 {
		*r = modbusRegister(n)
		return nil
	}
	address, err := modbus.ParseAddress(name)
	if err == nil && (address.Table != modbus.Holdings || address.Bit != modbus.NoBit) {
		err = gateway.Errorf(gateway.Invalid, "%s is not a holding register", name)
	}
	*r = modbusRegister(address.Offset)
	return err
}

// modbusWord is the content of a register: 4711 or 0x1267; negative ones come behind a --, so that they are no flags.
type modbusWord uint16

// UnmarshalText reads a number of 16 bits, with or without a sign.
func (w *modbusWord) UnmarshalText(text []byte) error {
	n, err := strconv.ParseInt(string(text), 0, 32)
	if err != nil || n < -0x8000 || n > 0xFFFF {
		return gateway.Errorf(gateway.Invalid, "%q is not a number of 16 bits", text)
	}
	*w = modbusWord(n)
	return nil
}

type modbusMaskCommand struct {
	modbusDevice
	Register modbusRegister `arg:"" help:"The register: holding:100."`
	And      modbusWord     `arg:"" help:"Bits that stay: 0xFFF0."`
	Or       modbusWord     `arg:"" help:"Bits that are set where they do not stay: 0x0005."`
}

// Run changes the bits; what the device holds then can be read.
func (c modbusMaskCommand) Run(ctx context.Context) error {
	_, err := c.raw(ctx, words([]byte{22}, uint16(c.Register), uint16(c.And), uint16(c.Or)))
	return err
}

type modbusExchangeCommand struct {
	modbusDevice
	Read   modbusRegister `arg:"" help:"First register to read: holding:100."`
	Count  uint16         `arg:"" help:"How many to read, 1 to 125."`
	Write  modbusRegister `arg:"" help:"First register to write: holding:200."`
	Values []modbusWord   `arg:"" help:"What to write there, 1 to 121 values."`
}

// Run writes, reads and prints what was read.
func (c modbusExchangeCommand) Run(ctx context.Context) error {
	if c.Count < 1 || c.Count > 125 || len(c.Values) > 121 {
		return gateway.Errorf(gateway.Invalid, "1 to 125 registers are read and 1 to 121 written at once")
	}
	pdu := words([]byte{23}, uint16(c.Read), c.Count, uint16(c.Write), uint16(len(c.Values)))
	pdu = append(pdu, byte(2*len(c.Values)))
	for _, value := range c.Values {
		pdu = words(pdu, uint16(value))
	}
	reply, err := c.raw(ctx, pdu)
	if err != nil {
		return err
	}
	values := []uint16{}
	rows := [][]string{}
	for i := 2; i+1 < len(reply); i += 2 {
		value := binary.BigEndian.Uint16(reply[i:])
		rows = append(rows, []string{fmt.Sprintf("holding:%d", int(c.Read)+len(values)), strconv.Itoa(int(value))})
		values = append(values, value)
	}
	if c.JSON {
		return printJSON(values)
	}
	return printTable(rows)
}

func words(pdu []byte, values ...uint16) []byte {
	for _, value := range values {
		pdu = binary.BigEndian.AppendUint16(pdu, value)
	}
	return pdu
}

type modbusBroadcastCommand struct {
	modbusDevice
	modbusPoint
	Value string `arg:"" help:"The value: a number, true, false or a text."`
}

// Run sends and waits until the devices had time to do it.
func (c modbusBroadcastCommand) Run(ctx context.Context) (err error) {
	point, _, err := c.point()
	if err != nil {
		return err
	}
	driver, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, driver.Close()) }()
	return driver.Broadcast(ctx, point, writtenValue(point.Type, c.Value))
}
