package sim

// identity are vendor, product code and revision. Modbus 6.21.
var identity = [...]string{"Tidegate", "SIM", "1"}

// identify answers function 43/14. It knows the basic objects only (conformity 0x01), in one reply.
func identify(data []byte) ([]byte, byte) {
	const deviceIdentification, basic = 14, 1
	if data[0] != deviceIdentification {
		return nil, illegalFunction
	}
	if data[1] != basic {
		return nil, illegalValue
	}
	first := int(data[2])
	if first >= len(identity) {
		first = 0 // what is not there begins again, says the standard
	}
	response := []byte{data[0], basic, 0x01, 0, 0, byte(len(identity) - first)}
	for id := first; id < len(identity); id++ {
		response = append(response, byte(id), byte(len(identity[id])))
		response = append(response, identity[id]...)
	}
	return response, 0
}
