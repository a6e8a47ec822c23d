package modbus

import (
	"cmp"
	"encoding/binary"
	"fmt"

	"github.com/tidegate/tidegate/gateway"
)

// functionNames are those of the standard. Modbus 6.
var functionNames = map[byte]string{
	readCoils: "Read Coils", readDiscretes: "Read Discrete Inputs", readHoldings: "Read Holding Registers", readInputs: "Read Input Registers",
	writeCoil: "Write Single Coil", writeRegister: "Write Single Register", 7: "Read Exception Status", 8: "Diagnostics",
	11: "Get Comm Event Counter", 12: "Get Comm Event Log", writeCoils: "Write Multiple Coils", writeRegisters: "Write Multiple Registers",
	serverID: "Report Server ID", 20: "Read File Record", 21: "Write File Record", maskWrite: "Mask Write Register",
	readWrite: "Read/Write Multiple Registers", readFIFO: "Read FIFO Queue", encapsulated: "Encapsulated Interface Transport",
}

// functionTables are where functions with an address read or write.
var functionTables = map[byte]Table{
	readCoils: Coils, readDiscretes: Discretes, readHoldings: Holdings, readInputs: Inputs, writeCoil: Coils, writeRegister: Holdings,
	writeCoils: Coils, writeRegisters: Holdings, maskWrite: Holdings, readWrite: Holdings, readFIFO: Holdings,
}

// describeFrame is what every PDU says.
func describeFrame(unit byte, pdu []byte) *gateway.ModbusFrame {
	function := pdu[0] &^ exceptionBit
	name, known := functionNames[function]
	if !known {
		name = fmt.Sprintf("Function %d", function)
	}
	return &gateway.ModbusFrame{Unit: int(unit), Function: int(function), Name: name}
}

// describeReply says what a reply is, with what only its request has; request is empty when that is not known.
func describeReply(unit byte, pdu, request []byte) *gateway.ModbusFrame {
	m := describeFrame(unit, pdu)
	describePlace(m, request)
	if pdu[0]&exceptionBit == 0 {
		describeContents(m, pdu)
		return m
	}
	if len(pdu) >= exceptionLength {
		m.Exception = int(pdu[1])
		m.ExceptionText = cmp.Or(exceptionTexts[pdu[1]], "an exception that the standard does not know; see the manual of the device")
	}
	return m
}

// describePlace is the address and the quantity of a request.
func describePlace(m *gateway.ModbusFrame, request []byte) {
	if len(request) < 3 || int(request[0]) != m.Function {
		return
	}
	table, has := functionTables[request[0]]
	if !has {
		return
	}
	m.Address = Address{Table: table, Offset: int(binary.BigEndian.Uint16(request[1:])), Bit: NoBit}.String()
	switch request[0] {
	case writeCoil, writeRegister, maskWrite:
		m.Quantity = 1
	case readFIFO:
	default:
		if len(request) >= 5 {
			m.Quantity = int(binary.BigEndian.Uint16(request[3:]))
		}
	}
}

// describeRequest says what a request is, with what it writes.
func describeRequest(unit byte, pdu []byte) *gateway.ModbusFrame {
	m := describeFrame(unit, pdu)
	describePlace(m, pdu)
	m.Values = written(pdu, m.Quantity)
	return m
}

func written(pdu []byte, quantity int) []int {
	switch {
	case pdu[0] == writeCoil && len(pdu) >= 5:
		return []int{int(pdu[3]) / 0xFF}
	case pdu[0] == writeRegister && len(pdu) >= 5:
		return registersOf(pdu[3:5])
	case pdu[0] == writeCoils && len(pdu) > 6:
		return bitsOf(pdu[6:], quantity)
	case pdu[0] == writeRegisters && len(pdu) > 6:
		return registersOf(pdu[6:])
	case pdu[0] == readWrite && len(pdu) > 10:
		return registersOf(pdu[10:])
	}
	return nil
}

// describeContents is what a reply reads, or what it says was written.
func describeContents(m *gateway.ModbusFrame, pdu []byte) {
	switch {
	case pdu[0] == readCoils || pdu[0] == readDiscretes:
		if len(pdu) > 2 {
			m.Values = bitsOf(pdu[2:], cmp.Or(m.Quantity, 8*(len(pdu)-2)))
		}
	case pdu[0] == readHoldings || pdu[0] == readInputs || pdu[0] == readWrite:
		if len(pdu) > 2 {
			m.Values = registersOf(pdu[2:])
		}
	case pdu[0] == readFIFO && len(pdu) > 5:
		m.Values = registersOf(pdu[5:])
	case pdu[0] == writeCoil || pdu[0] == writeRegister || pdu[0] == writeCoils || pdu[0] == writeRegisters || pdu[0] == maskWrite:
		describePlace(m, pdu)
		m.Values = written(pdu, m.Quantity)
	}
}

func registersOf(data []byte) []int {
	values := make([]int, 0, len(data)/2)
	for ; len(data) >= 2; data = data[2:] {
		values = append(values, int(binary.BigEndian.Uint16(data)))
	}
	return values
}

func bitsOf(data []byte, n int) []int {
	values := make([]int, min(n, 8*len(data)))
	for i := range values {
		values[i] = int(data[i/8] >> (i % 8) & 1)
	}
	return values
}
