package modbus_test

import (
	"bytes"
	"testing"

	"github.com/tidegate/tidegate/drivers/line"
	"github.com/tidegate/tidegate/drivers/modbus"
)

var (
	fuzzRequest = []byte{3, 0, 10, 0, 2}
	fuzzReply   = []byte{3, 4, 1, 2, 3, 4}
)

// fuzzFraming feeds what came from anywhere to the parser. Whatever it takes for a reply, goburrow's packager takes too, and
// it answers the request; and a real reply behind it is found.
func fuzzFraming(f *testing.F, protocol line.Protocol, framing string) {
	s := newSlave(framing)
	header := []byte{0, 1}
	reply := s.pack(header, 1, fuzzReply)
	f.Add([]byte{})
	f.Add(reply)
	f.Add(s.pack(header, 1, []byte{0x83, 2}))
	f.Add(s.pack(header, 2, fuzzReply))
	f.Add(append([]byte{1, 3, 4}, reply...))
	f.Add(append(reply[:len(reply)-1], reply...))
	f.Add(s.pack(header, 1, []byte{3, 2, 1, 2}))
	reply = s.pack(header, 1, fuzzReply)
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, last := range []bool{false, true} {
			adu, pdu, drop, err := modbus.Scan(protocol, fuzzRequest, data, last)
			if err != nil || drop < 0 || drop > len(data) {
				t.Fatalf("took % x of % x, dropped %d: %v", adu, data, drop, err)
			}
			if adu == nil {
				continue
			}
			exception := len(pdu) == 2 && pdu[0] == 0x83
			if !exception && (len(pdu) != len(fuzzReply) || !bytes.HasPrefix(pdu, fuzzReply[:2])) {
				t.Fatalf("took % x for a reply", pdu)
			}
		}
		if framing == "tcp" && len(data) > 0 {
			return // the length field of any header swallows what follows: only time ends that
		}
		adu, _, _, _ := modbus.Scan(protocol, fuzzRequest, append(bytes.Clone(data), reply...), true)
		if adu == nil {
			t.Fatalf("the reply behind % x is lost", data)
		}
	})
}

func FuzzRTU(f *testing.F)   { fuzzFraming(f, line.ModbusRTU, "rtu") }
func FuzzASCII(f *testing.F) { fuzzFraming(f, line.ModbusASCII, "ascii") }
func FuzzTCP(f *testing.F)   { fuzzFraming(f, line.ModbusTCP, "tcp") }
