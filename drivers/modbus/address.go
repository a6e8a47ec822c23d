package modbus

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/tidegate/tidegate/drivers/line"
	"github.com/tidegate/tidegate/drivers/value"
	"github.com/tidegate/tidegate/gateway"
)

// Table is one of the four address spaces of a Modbus device.
type Table byte

// The tables.
const (
	Coils Table = iota
	Discretes
	Inputs
	Holdings
)

// addressSpace is the number of places in a table.
const addressSpace = 65536

var tableNames = [...]string{Coils: "coil", Discretes: "discrete", Inputs: "input", Holdings: "holding"}

// String is the word in an address: coil, discrete, input or holding.
func (t Table) String() string { return tableNames[t] }

// Bits reports whether a place of the table is one bit instead of a register.
func (t Table) Bits() bool { return t == Coils || t == Discretes }

// Writable reports whether the protocol can write the table.
func (t Table) Writable() bool { return t == Coils || t == Holdings }

// NoBit is the Bit of an address that names none.
const NoBit = -1

// Address is a place in a device.
type Address struct {
	Table Table
	// Offset counts from 0, as on the wire.
	Offset int
	// Bit of the register, 0 is the lowest; NoBit is the whole register.
	Bit int
}

// String is the canonical form: "holding:100", "holding:100.3".
func (a Address) String() string {
	if a.Bit == NoBit {
		return fmt.Sprintf("%s:%d", a.Table, a.Offset)
	}
	return fmt.Sprintf("%s:%d.%d", a.Table, a.Offset, a.Bit)
}

func addressErrorf(format string, args ...any) error {
	return gateway.FieldErrorf("address", format, args...)
}

// ParseAddress reads "holding:100", "input:0x1F", "coil:0", "discrete:7", and reference numbers that count from 1 with the
// table in front: 40101 and 400101 are both holding:100. ".3" behind a register is one bit of it. The error is a
// gateway.Error on field "address".
func ParseAddress(text string) (Address, error) {
	place, bitText, hasBit := strings.Cut(text, ".")
	a, err := parsePlace(place)
	if err != nil {
		return Address{}, err
	}
	a.Bit = NoBit
	if !hasBit {
		return a, nil
	}
	bit, err := strconv.ParseUint(bitText, 10, 8)
	switch {
	case a.Table.Bits():
		return Address{}, addressErrorf("%q: a %s is one bit already", text, a.Table)
	case err != nil || bit > 15:
		return Address{}, addressErrorf("%q: a register has bits 0 to 15", text)
	}
	a.Bit = int(bit)
	return a, nil
}

func parsePlace(text string) (Address, error) {
	name, number, named := strings.Cut(text, ":")
	if !named {
		return parseReference(text)
	}
	for table, word := range tableNames {
		if name != word {
			continue
		}
		offset, err := parseOffset(number)
		if err != nil {
			return Address{}, addressErrorf("%q: an address is between 0 and 65535", text)
		}
		return Address{Table: Table(table), Offset: offset}, nil
	}
	return Address{}, addressErrorf("%q: there is no table %q: use coil, discrete, input or holding", text, name)
}

func parseOffset(text string) (int, error) {
	base := 10
	if hex, is := strings.CutPrefix(text, "0x"); is {
		text, base = hex, 16
	}
	offset, err := strconv.ParseUint(text, base, 16)
	return int(offset), err
}

// parseReference reads the numbers of printed manuals: the first digit is the table, the rest counts from 1.
func parseReference(text string) (Address, error) {
	tables := map[byte]Table{'0': Coils, '1': Discretes, '3': Inputs, '4': Holdings}
	number, err := strconv.ParseUint(text, 10, 32)
	if err != nil || len(text) != 5 && len(text) != 6 {
		return Address{}, addressErrorf("%q is not an address: use holding:100, input:5, coil:0, discrete:7 or 40101", text)
	}
	table, known := tables[text[0]]
	divisor := uint64(10000)
	if len(text) == 6 {
		divisor = 100000
	}
	place := number % divisor
	if !known || place == 0 || place > addressSpace {
		return Address{}, addressErrorf(
			"%q is not a reference number: 0 coils, 1 discrete inputs, 3 input registers, 4 holding registers, then from 1", text)
	}
	return Address{Table: table, Offset: int(place - 1)}, nil
}

// target is a point as the driver sees it.
type target struct {
	Address
	// layout has the bit of the address as its bits, so that both are read and written in one way.
	layout value.Layout
	// scale is the place of the register with the exponent of ten; -1 is none.
	scale int
}

// length is the number of registers or bits of the target.
func (t *target) length() int {
	if t.Table.Bits() {
		return max(1, t.layout.Count)
	}
	return t.layout.Size() / 2
}

// span is what has to be read in one request to have the value: its registers, and that of its scale.
func (t *target) span() Span {
	s := t.own()
	if t.scale >= 0 {
		s = Span{min(s.Start, t.scale), max(s.End, t.scale+1)}
	}
	return s
}

// own are the registers or bits of the value itself.
func (t *target) own() Span { return Span{t.Offset, t.Offset + t.length()} }

// Check judges the address of a point of a device with these quirks together with its type. Errors are gateway.Errors of
// code Invalid on the fields "address", "type", "decoding" and "writable".
func Check(quirks gateway.DeviceQuirks, p gateway.Point) error {
	_, err := locate(quirks, p)
	return err
}

// parseOn is ParseAddress for a device that may count its addresses from 1.
func parseOn(quirks gateway.DeviceQuirks, text string) (Address, error) {
	address, err := ParseAddress(text)
	if err != nil || quirks.AddressBase == 0 || !strings.Contains(text, ":") {
		return address, err
	}
	if address.Offset--; address.Offset < 0 {
		return address, addressErrorf("%q: the addresses of this device count from 1", text)
	}
	return address, nil
}

func locate(quirks gateway.DeviceQuirks, p gateway.Point) (target, error) {
	address, err := parseOn(quirks, p.Address)
	if err != nil {
		return target{}, err
	}
	t := target{Address: address, layout: value.Of(p), scale: -1}
	if err := t.locateScale(quirks, p.Decoding.ScaleFrom); err != nil {
		return t, err
	}
	switch {
	case address.Table.Bits() && p.Type != gateway.Bool:
		return t, gateway.FieldErrorf("type", "a %s is a bool, not %s", address.Table, p.Type)
	case address.Bit != NoBit && p.Type != gateway.Bool:
		return t, gateway.FieldErrorf("type", "one bit of a register is a bool, not %s", p.Type)
	case address.Bit != NoBit && p.Count > 1:
		return t, gateway.FieldErrorf("count", "one bit of a register is no list: take the register without it")
	case p.Decoding.Bits != "" && (address.Table.Bits() || address.Bit != NoBit):
		return t, gateway.FieldErrorf("decoding.bits", "%q is one bit already", p.Address)
	case t.length() < 1 || t.length() > maxRegisters:
		return t, gateway.FieldErrorf("type", "a point has 1 to %d registers, not %d", maxRegisters, t.length())
	case address.Offset+t.length() > addressSpace:
		return t, addressErrorf("%q: %d registers from here end after %d, the last one", p.Address, t.length(), addressSpace-1)
	case p.Writable && !address.Table.Writable():
		return t, gateway.FieldErrorf("writable", "discrete inputs and input registers can only be read")
	case p.Writable && t.length() > maxWrite:
		return t, gateway.FieldErrorf("writable", "at most %d registers can be written at once", maxWrite)
	}
	if address.Bit != NoBit {
		t.layout.Decoding.Bits = strconv.Itoa(address.Bit)
	}
	return t, nil
}

func (t *target) locateScale(quirks gateway.DeviceQuirks, text string) error {
	if text == "" {
		return nil
	}
	scale, err := parseOn(quirks, text)
	if err != nil {
		return gateway.FieldErrorf("decoding.scaleFrom", "%w", err)
	}
	t.scale = scale.Offset
	if scale.Bit != NoBit || scale.Table != t.Table || t.Table.Bits() || t.span().Len() > maxRegisters {
		return gateway.FieldErrorf("decoding.scaleFrom",
			"%q: the exponent is a whole register of the same table, at most %d registers away from the value", text, maxRegisters)
	}
	return nil
}

// CheckUnit judges the unit of a device on a connection: 1 to 247 where it is an address on a serial line, also behind a
// serial server; 0 to 255 over Modbus TCP, where it is often ignored. The error is on field "unit".
func CheckUnit(address line.Address, unit int) error {
	low, high := 1, 247
	if address.Protocol == line.ModbusTCP {
		low, high = 0, 255
	}
	if unit < low || unit > high {
		return gateway.FieldErrorf("unit", "unit %d is not between %d and %d", unit, low, high)
	}
	return nil
}
