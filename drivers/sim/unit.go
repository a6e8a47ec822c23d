package sim

import (
	"encoding/binary"
	"math"
	"sync"
	"time"
)

// Unit is one Modbus slave: its four tables. Addresses outside the tables answer with exception 2.
type Unit struct {
	// The faults of this unit alone; those of its wire come first.
	faults

	mu sync.Mutex // guards everything that follows

	Coils     []bool
	Discretes []bool
	Inputs    []uint16
	Holdings  []uint16
	// Refresh, when set, is called with the lock held before each request, to let the signals live.
	Refresh func(u *Unit, now time.Time)
}

// NewUnit makes tables of the given sizes, all zero.
func NewUnit(coils, discretes, inputs, holdings int) *Unit {
	return &Unit{
		Coils: make([]bool, coils), Discretes: make([]bool, discretes),
		Inputs: make([]uint16, inputs), Holdings: make([]uint16, holdings),
	}
}

// NewAddresses makes full tables in which each register holds its own address, and each bit is on whose address is
// divisible by three.
func NewAddresses() *Unit {
	const places = 65536
	u := NewUnit(places, places, places, places)
	for i := range places {
		u.Inputs[i], u.Holdings[i] = uint16(i), uint16(i)
		u.Coils[i], u.Discretes[i] = i%3 == 0, i%3 == 0
	}
	return u
}

// Update changes the tables while nobody reads them.
func (u *Unit) Update(change func(u *Unit)) {
	u.mu.Lock()
	defer u.mu.Unlock()
	change(u)
}

// setFloat writes a big-endian float32 into two registers; swapped puts the low word first (CDAB).
func setFloat(table []uint16, address int, value float64, swapped bool) {
	setUint32(table, address, math.Float32bits(float32(value)), swapped)
}

func setUint32(table []uint16, address int, value uint32, swapped bool) {
	high, low := uint16(value>>16), uint16(value)
	if swapped {
		high, low = low, high
	}
	table[address], table[address+1] = high, low
}

func float(table []uint16, address int) float64 {
	return float64(math.Float32frombits(uint32(table[address])<<16 | uint32(table[address+1])))
}

// Modbus exception codes (Modbus Application Protocol 1.1b3, 7).
const (
	illegalFunction = 1
	illegalAddress  = 2
	illegalValue    = 3
)

// answer carries out one request PDU and returns the response PDU.
func (u *Unit) answer(request []byte, now time.Time) []byte {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.Refresh != nil {
		u.Refresh(u, now)
	}
	function := request[0]
	response, exception := u.dispatch(function, request[1:])
	if exception != 0 {
		return []byte{function | 0x80, exception}
	}
	return append([]byte{function}, response...)
}

func (u *Unit) dispatch(function byte, data []byte) (response []byte, exception byte) {
	if minimum := map[byte]int{1: 4, 2: 4, 3: 4, 4: 4, 5: 4, 6: 4, 15: 6, 16: 7, 22: 6, 23: 11, 43: 3}[function]; len(data) < minimum {
		return nil, illegalValue
	}
	switch function {
	case 1:
		return readBits(u.Coils, data)
	case 2:
		return readBits(u.Discretes, data)
	case 3:
		return readRegisters(u.Holdings, data)
	case 4:
		return readRegisters(u.Inputs, data)
	case 5:
		return writeCoil(u.Coils, data)
	case 6:
		return writeRegister(u.Holdings, data)
	case 15:
		return writeCoils(u.Coils, data)
	case 16:
		return writeRegisters(u.Holdings, data)
	case 22:
		return maskRegister(u.Holdings, data)
	case 23:
		return readWrite(u.Holdings, data)
	case 43:
		return identify(data)
	}
	return nil, illegalFunction
}

// span checks address and quantity of a request against a table.
func span(size int, data []byte, most int) (from, quantity int, exception byte) {
	from, quantity = int(binary.BigEndian.Uint16(data)), int(binary.BigEndian.Uint16(data[2:]))
	switch {
	case quantity < 1 || quantity > most:
		return 0, 0, illegalValue
	case from+quantity > size:
		return 0, 0, illegalAddress
	}
	return from, quantity, 0
}

func readBits(table []bool, data []byte) ([]byte, byte) {
	from, quantity, exception := span(len(table), data, 2000)
	if exception != 0 {
		return nil, exception
	}
	bytes := make([]byte, 1+(quantity+7)/8)
	bytes[0] = byte(len(bytes) - 1)
	for i, on := range table[from : from+quantity] {
		if on {
			bytes[1+i/8] |= 1 << (i % 8)
		}
	}
	return bytes, 0
}

func readRegisters(table []uint16, data []byte) ([]byte, byte) {
	from, quantity, exception := span(len(table), data, 125)
	if exception != 0 {
		return nil, exception
	}
	bytes := []byte{byte(2 * quantity)}
	for _, register := range table[from : from+quantity] {
		bytes = binary.BigEndian.AppendUint16(bytes, register)
	}
	return bytes, 0
}

func writeCoil(table []bool, data []byte) ([]byte, byte) {
	address, value := int(binary.BigEndian.Uint16(data)), binary.BigEndian.Uint16(data[2:])
	switch {
	case value != 0 && value != 0xFF00:
		return nil, illegalValue
	case address >= len(table):
		return nil, illegalAddress
	}
	table[address] = value != 0
	return data[:4], 0
}

func writeRegister(table []uint16, data []byte) ([]byte, byte) {
	address := int(binary.BigEndian.Uint16(data))
	if address >= len(table) {
		return nil, illegalAddress
	}
	table[address] = binary.BigEndian.Uint16(data[2:])
	return data[:4], 0
}

func writeCoils(table []bool, data []byte) ([]byte, byte) {
	from, quantity, exception := span(len(table), data, 1968)
	if exception != 0 {
		return nil, exception
	}
	if int(data[4]) != (quantity+7)/8 || len(data) != 5+int(data[4]) {
		return nil, illegalValue
	}
	for i := range quantity {
		table[from+i] = data[5+i/8]>>(i%8)&1 == 1
	}
	return data[:4], 0
}

func writeRegisters(table []uint16, data []byte) ([]byte, byte) {
	from, quantity, exception := span(len(table), data, 123)
	if exception != 0 {
		return nil, exception
	}
	if int(data[4]) != 2*quantity || len(data) != 5+2*quantity {
		return nil, illegalValue
	}
	for i := range quantity {
		table[from+i] = binary.BigEndian.Uint16(data[5+2*i:])
	}
	return data[:4], 0
}

func maskRegister(table []uint16, data []byte) ([]byte, byte) {
	address := int(binary.BigEndian.Uint16(data))
	if address >= len(table) {
		return nil, illegalAddress
	}
	and, or := binary.BigEndian.Uint16(data[2:]), binary.BigEndian.Uint16(data[4:])
	table[address] = table[address]&and | or&^and
	return data[:6], 0
}

// readWrite writes first, then reads (Modbus 6.17).
func readWrite(table []uint16, data []byte) ([]byte, byte) {
	if _, _, exception := span(len(table), data, 125); exception != 0 {
		return nil, exception
	}
	if _, exception := writeRegisters(table, data[4:]); exception != 0 {
		return nil, exception
	}
	return readRegisters(table, data)
}
