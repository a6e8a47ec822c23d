package modbus_test

import (
	"testing"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// A device says nothing, instead of refusing, when a request touches one of its addresses: a hole between points, or a
// point. All others have values at the second poll, and it is not asked for again after that.
func TestSilentAddress(t *testing.T) {
	for name, points := range map[string][]int{
		"hole":  {100, 101, 110, 111},
		"point": {103, 104, 105, 106, 107},
	} {
		for _, framing := range framings {
			t.Run(name+"/"+framing, func(t *testing.T) {
				t.Parallel()
				s := newSlave(framing)
				s.answer = func(_ byte, pdu []byte) []byte {
					if touches(pdu, 105) {
						return []byte{}
					}
					return nil
				}
				poll := poller(t, s, 100*time.Millisecond)
				poll(registers(points...)...)
				poll(registers(points...)...)
				before := len(s.seen())
				for i, r := range poll(registers(points...)...) {
					good := r.Quality == gateway.Good
					if good != (points[i] != 105) || good && r.Value != gateway.UintValue(uint64(points[i])) {
						t.Errorf("%+v", r)
					}
				}
				for _, pdu := range s.seen()[before:] {
					if touches(pdu, 105) {
						t.Errorf("asked again: % x", pdu)
					}
				}
			})
		}
	}
}

func touches(pdu []byte, address int) bool {
	start, quantity := int(pdu[1])<<8|int(pdu[2]), int(pdu[3])<<8|int(pdu[4])
	return start <= address && address < start+quantity
}
