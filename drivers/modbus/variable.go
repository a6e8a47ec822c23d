package modbus

import "encoding/binary"

// variablePrefix is prefixOf for the replies that say themselves how long they are. While bytes that decide are missing,
// length is what has to come at least, and always more than there is.
func (e expectation) variablePrefix(pdu []byte) (length int, possible bool) {
	switch {
	case pdu[0] != e.function:
		return 0, false
	case e.any:
		return len(pdu), true
	case e.function == serverID:
		return serverIDPrefix(pdu)
	case e.function == readFIFO:
		return fifoPrefix(pdu)
	}
	n := min(len(pdu)-1, len(e.echo))
	if string(pdu[1:1+n]) != e.echo[:n] {
		return 0, false
	}
	return identificationPrefix(pdu)
}

// serverIDPrefix: function, byte count, data. Modbus 6.13.
func serverIDPrefix(pdu []byte) (length int, possible bool) {
	if len(pdu) < 2 {
		return 2, true
	}
	length = 2 + int(pdu[1])
	return length, length > 2 && length <= maxPDU
}

// maxFIFO is how many registers a queue holds at most. Modbus 6.18.
const maxFIFO = 31

// fifoPrefix: function, byte count and number of registers with 16 bits each, registers. Modbus 6.18.
func fifoPrefix(pdu []byte) (length int, possible bool) {
	const header = 5
	if len(pdu) < header {
		return header, true
	}
	size, registers := int(binary.BigEndian.Uint16(pdu[1:])), int(binary.BigEndian.Uint16(pdu[3:]))
	return header + 2*registers, registers <= maxFIFO && size == 2+2*registers
}

// identificationHeader: function, MEI type, read code, conformity, more follows, next object, number of objects.
const identificationHeader = 7

// identificationPrefix walks over the objects: id, length, text. Modbus 6.21.
func identificationPrefix(pdu []byte) (length int, possible bool) {
	length = identificationHeader
	if len(pdu) < length {
		return length, true
	}
	for range pdu[length-1] {
		if length += 2; length > len(pdu) {
			return length, length <= maxPDU
		}
		length += int(pdu[length-1])
		if length > len(pdu) {
			return length, length <= maxPDU
		}
	}
	return length, length <= maxPDU
}
