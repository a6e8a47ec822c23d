package gateway

import "time"

// DeviceQuirks are habits of a Modbus device that differ from the standard. The zero value is a device without any.
type DeviceQuirks struct {
	// MaxRegisters and MaxBits are the most that the device gives in one request; zero is the protocol's limit, 125 and 2000.
	MaxRegisters int `json:"maxRegisters,omitempty"`
	MaxBits      int `json:"maxBits,omitempty"`
	// OnePerPoint asks for each point on its own, even where one request would do for several.
	OnePerPoint bool `json:"onePerPoint,omitempty"`
	// Pause is left between two requests to the device, up to 5 s.
	Pause Duration `json:"pause,omitempty"`
	// ReadFunction reads all registers with function 3 or 4, whatever table their addresses name; zero goes by the table.
	ReadFunction int `json:"readFunction,omitempty"`
	// AddressBase 1 makes the first address of a table 1 instead of 0, as many manuals count: holding:100 is then what is 99
	// on the wire. Reference numbers like 40100 always count from 1.
	AddressBase int `json:"addressBase,omitempty"`
	// AnyUnit takes answers over Modbus TCP whatever unit they name: some devices answer as unit 0 or 255, whoever was asked.
	// The transaction has to be right all the same. Serial lines have nothing else to tell units apart and ignore it.
	AnyUnit bool `json:"anyUnit,omitempty"`
}

// ConnectionQuirks are habits of what is at the other end of a network connection.
type ConnectionQuirks struct {
	// PauseAfterConnect is left between the opening and the first request, up to 5 s.
	PauseAfterConnect Duration `json:"pauseAfterConnect,omitempty"`
	// CloseAfterPoll gives the connection up after each poll of a device, for those that serve one master at a time.
	CloseAfterPoll bool `json:"closeAfterPoll,omitempty"`
}

// longestPause bounds the pauses, so that a write still goes out in time.
const longestPause = 5 * time.Second

func validatePause(field string, d Duration) error {
	if pause := time.Duration(d); pause < 0 || pause > longestPause {
		return FieldErrorf(field, "%s is not between 0 and %s", pause, longestPause)
	}
	return nil
}

func validateQuirks(field string, q DeviceQuirks) error {
	switch {
	case q.MaxRegisters < 0 || q.MaxRegisters > 125:
		return FieldErrorf(field+".maxRegisters", "%d is not between 1 and 125; 0 is the protocol's limit", q.MaxRegisters)
	case q.MaxBits < 0 || q.MaxBits > 2000:
		return FieldErrorf(field+".maxBits", "%d is not between 1 and 2000; 0 is the protocol's limit", q.MaxBits)
	case q.ReadFunction != 0 && q.ReadFunction != 3 && q.ReadFunction != 4:
		return FieldErrorf(field+".readFunction", "registers are read with function 3 or 4, not %d", q.ReadFunction)
	case q.AddressBase != 0 && q.AddressBase != 1:
		return FieldErrorf(field+".addressBase", "addresses count from 0 or from 1, not from %d", q.AddressBase)
	}
	return validatePause(field+".pause", q.Pause)
}
