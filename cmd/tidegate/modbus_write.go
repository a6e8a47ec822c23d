package main

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/tidegate/tidegate/drivers/modbus"
	"github.com/tidegate/tidegate/gateway"
)

type modbusWriteCommand struct {
	modbusDevice
	modbusPoint
	Value string `arg:"" help:"The value: a number, true, false or a text."`
}

// Run writes, reads back and prints what the device holds then.
func (c modbusWriteCommand) Run(ctx context.Context) (err error) {
	point, _, err := c.point()
	if err != nil {
		return err
	}
	point.Writable = true
	if err := modbus.Check(gateway.DeviceQuirks{}, point); err != nil {
		return err
	}
	driver, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, driver.Close()) }()
	reading, err := driver.Write(ctx, c.device(), point, writtenValue(point.Type, c.Value))
	if err != nil {
		return err
	}
	return printReadings(c.JSON, reading)
}

// writtenValue reads a value as JSON has it; everything else is a text.
func writtenValue(kind gateway.Type, text string) gateway.Value {
	var v gateway.Value
	if kind == gateway.String || json.Unmarshal([]byte(text), &v) != nil {
		return gateway.TextValue(text)
	}
	return v
}
