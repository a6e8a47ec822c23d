package modbus

import (
	"bytes"
	"encoding/binary"
)

// The function codes that are used here. Modbus 6.
const (
	readCoils      = 1
	readDiscretes  = 2
	readHoldings   = 3
	readInputs     = 4
	writeCoil      = 5
	writeRegister  = 6
	writeCoils     = 15
	writeRegisters = 16
	serverID       = 17
	maskWrite      = 22
	readWrite      = 23
	readFIFO       = 24
	encapsulated   = 43

	exceptionBit = 0x80
)

// expectation is what the reply to a request must look like, beyond its frame. Two requests with equal expectations
// cannot be told apart by their replies.
type expectation struct {
	unit     byte
	function byte
	// count is the byte count of a read; 0 for writes.
	count int
	// echo is what the reply of a write, or of a device identification, repeats; empty for reads.
	echo string
	// any is for requests of which only the device knows what their replies look like.
	any bool
	// anyUnit takes the reply from whoever sent it; only where a transaction id tells whose it is.
	anyUnit bool
}

// expect derives the expectation from a request.
func expect(unit byte, pdu []byte) expectation {
	e := expectation{unit: unit, function: pdu[0]}
	if !wellFormed(pdu) {
		e.any = true
		return e
	}
	quantity := func() int { return int(binary.BigEndian.Uint16(pdu[3:])) }
	switch e.function {
	case readCoils, readDiscretes:
		e.count = (quantity() + 7) / 8
	case readHoldings, readInputs, readWrite:
		e.count = 2 * quantity()
	case maskWrite:
		e.echo = string(pdu[1:7])
	case serverID, readFIFO:
	case encapsulated:
		e.echo = string(pdu[1:3])
	default:
		e.echo = string(pdu[1:5])
	}
	return e
}

// variable reports whether only the reply itself says how long it is.
func (e expectation) variable() bool {
	return e.any || e.function == serverID || e.function == readFIFO || e.function == encapsulated
}

// length is the number of bytes of the reply's PDU when it is no exception; the most it can be for a variable one.
func (e expectation) length() int {
	switch {
	case e.variable():
		return maxPDU
	case e.count > 0:
		return 2 + e.count
	}
	return 1 + len(e.echo)
}

// maxPDU is the size of the largest PDU. Modbus 4.1.
const maxPDU = 253

const exceptionLength = 2

// matches reports whether a PDU answers the request: with what was asked for, or with an exception to it.
func (e expectation) matches(unit byte, pdu []byte) bool {
	if unit != e.unit && !e.anyUnit || len(pdu) < exceptionLength {
		return false
	}
	switch {
	case pdu[0] == e.function|exceptionBit:
		return len(pdu) == exceptionLength
	case e.variable():
		length, possible := e.variablePrefix(pdu)
		return possible && length == len(pdu)
	case pdu[0] != e.function || len(pdu) != e.length():
		return false
	case e.count > 0:
		return int(pdu[1]) == e.count
	}
	return bytes.Equal(pdu[1:], []byte(e.echo))
}

// prefixOf reports whether the first bytes of a PDU can become a reply, and how long that reply is.
func (e expectation) prefixOf(pdu []byte) (length int, possible bool) {
	switch {
	case len(pdu) == 0:
		return exceptionLength, true
	case pdu[0] == e.function|exceptionBit:
		return exceptionLength, true
	case pdu[0] != e.function:
		return 0, false
	case e.variable():
		return e.variablePrefix(pdu)
	case e.count > 0 && len(pdu) > 1 && int(pdu[1]) != e.count:
		return 0, false
	case e.count == 0:
		n := min(len(pdu)-1, len(e.echo))
		return e.length(), string(pdu[1:1+n]) == e.echo[:n]
	}
	return e.length(), true
}
