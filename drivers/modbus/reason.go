package modbus

import (
	"fmt"

	"github.com/goburrow/modbus"

	"github.com/tidegate/tidegate/gateway"
)

// The exceptions that the driver tells apart. Modbus 7.
const (
	illegalFunction  = 1
	illegalAddress   = 2
	illegalValue     = 3
	acknowledge      = 5
	busy             = 6
	gatewayPath      = 10
	gatewayNoAnswers = 11
)

var exceptionTexts = map[byte]string{
	illegalFunction:  "illegal function (exception 1): the device does not have this table or cannot do this; check the table",
	illegalAddress:   "illegal data address (exception 2): check the address and the table",
	illegalValue:     "illegal data value (exception 3): check address, type and length",
	4:                "device failure (exception 4): the device has a fault of its own",
	acknowledge:      "still working on it (exception 5): poll more slowly",
	busy:             "busy (exception 6): poll more slowly",
	7:                "negative acknowledge (exception 7): the device cannot do this now",
	8:                "memory parity error (exception 8): the device has a fault of its own",
	gatewayPath:      "gateway path unavailable (exception 10): the Modbus gateway in between has no way to the unit; check its settings",
	gatewayNoAnswers: "gateway target failed to respond (exception 11): the unit behind the Modbus gateway is silent; check its power, wiring and number",
}

// explain is what an exception means for an operator.
func explain(e *modbus.ModbusError) string {
	if text, known := exceptionTexts[e.ExceptionCode]; known {
		return "device says " + text
	}
	return fmt.Sprintf("device says exception %d, which the standard does not know; see its manual", e.ExceptionCode)
}

// wrongRequest reports whether an exception is about what was asked for and would stay the same.
func wrongRequest(e *modbus.ModbusError) bool {
	return e.ExceptionCode == illegalAddress || e.ExceptionCode == illegalValue
}

// unitGone reports whether the unit did not answer the Modbus gateway in between.
func unitGone(e *modbus.ModbusError) bool {
	return e.ExceptionCode == gatewayPath || e.ExceptionCode == gatewayNoAnswers
}

// tryLater reports whether the device asks for patience.
func tryLater(e *modbus.ModbusError) bool {
	return e.ExceptionCode == busy || e.ExceptionCode == acknowledge
}

// ExceptionOf is what a reply PDU says went wrong, as a gateway.Error of code Unavailable; nil when it is no exception.
func ExceptionOf(reply []byte) error {
	if len(reply) < exceptionLength || reply[0]&exceptionBit == 0 {
		return nil
	}
	return deviceFault(&modbus.ModbusError{FunctionCode: reply[0], ExceptionCode: reply[1]})
}

var _ gateway.DamageCounter = (*Driver)(nil)

// Damaged implements gateway.DamageCounter.
func (d *Driver) Damaged() uint64 { return d.bus.damaged }
