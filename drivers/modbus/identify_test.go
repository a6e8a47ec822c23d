package modbus_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/drivers/modbus"
	"github.com/tidegate/tidegate/gateway"
)

// identity is a device whose identification comes in two parts; it knows functions 17 and 24 as well.
func identity(_ byte, pdu []byte) []byte {
	switch {
	case pdu[0] == 17:
		return []byte{17, 3, 'E', 'M', 0xFF}
	case pdu[0] == 24:
		return []byte{24, 0, 6, 0, 2, 0x12, 0x34, 0x56, 0x78}
	case pdu[0] == 43 && pdu[3] == 0:
		return append([]byte{43, 14, 1, 1, 0xFF, 2, 2}, "\x00\x04Acme\x01\x00"...)
	case pdu[0] == 43:
		return append([]byte{43, 14, 1, 1, 0, 0, 1}, "\x02\x03\x01\x03\x02"...)
	}
	return nil
}

// The functions without a client of goburrow's work over each framing, also when a reply comes byte by byte.
func TestIdentify(t *testing.T) {
	for _, framing := range framings {
		t.Run(framing, func(t *testing.T) {
			t.Parallel()
			s := newSlave(framing)
			s.answer = identity
			s.fault = func(_, reply []byte) []chunk {
				var chunks []chunk
				for i := range reply {
					chunks = append(chunks, chunk{time.Millisecond, reply[i : i+1]})
				}
				return chunks
			}
			d := mustOpen(t, mustStart(t, s), 5*time.Second)
			objects, err := d.Identify(t.Context(), 1)
			want := []modbus.Object{{0, "Acme"}, {1, ""}, {2, "\x01\x03\x02"}}
			if err != nil || !slices.Equal(objects, want) {
				t.Errorf("%+v, %v", objects, err)
			}
			id, err := d.ServerID(t.Context(), 1)
			if err != nil || string(id) != "EM\xFF" {
				t.Errorf("% x, %v", id, err)
			}
			queue, err := d.ReadFIFO(t.Context(), 1, 9)
			if err != nil || !slices.Equal(queue, []uint16{0x1234, 0x5678}) {
				t.Errorf("%x, %v", queue, err)
			}
		})
	}
}

// A reply that contradicts itself is not an answer.
func TestIdentifyRefuses(t *testing.T) {
	for name, reply := range map[string][]byte{
		"other object":      append([]byte{43, 14, 1, 1, 0, 0, 1}, "\x05\x01x"...),
		"no object":         {43, 14, 1, 1, 0, 0, 0},
		"no end":            append([]byte{43, 14, 1, 1, 0xFF, 0, 1}, "\x00\x01x"...),
		"object cut":        append([]byte{43, 14, 1, 1, 0, 0, 1}, "\x00\x09x"...),
		"more than objects": append([]byte{43, 14, 1, 1, 0, 0, 1}, "\x00\x01xyz"...),
		"other read code":   append([]byte{43, 14, 2, 1, 0, 0, 1}, "\x00\x01x"...),
		"header cut":        {43, 14, 1},
		"exception":         {0xAB, 1},
	} {
		for _, framing := range framings {
			t.Run(fmt.Sprintf("%s/%s", name, framing), func(t *testing.T) {
				t.Parallel()
				s := newSlave(framing)
				s.answer = func(byte, []byte) []byte { return reply }
				d := mustOpen(t, mustStart(t, s), 50*time.Millisecond)
				objects, err := d.Identify(t.Context(), 1)
				if gateway.CodeOf(err) != gateway.Unavailable {
					t.Errorf("%+v, %v", objects, err)
				}
			})
		}
	}
}

// A queue whose counts differ or that is longer than the standard allows is not an answer.
func TestReadFIFORefuses(t *testing.T) {
	long := append([]byte{24, 0, 66, 0, 32}, make([]byte, 64)...)
	for name, reply := range map[string][]byte{"counts differ": {24, 0, 6, 0, 1, 0, 1}, "too long": long} {
		t.Run(name, func(t *testing.T) {
			s := newSlave("tcp")
			s.answer = func(byte, []byte) []byte { return reply }
			d := mustOpen(t, mustStart(t, s), 50*time.Millisecond)
			if queue, err := d.ReadFIFO(t.Context(), 1, 0); gateway.CodeOf(err) != gateway.Unavailable {
				t.Errorf("%v, %v", queue, err)
			}
		})
	}
}

// Two queues give replies that look alike: while the reply to one may still come, the other is not asked for.
func TestNoQueueIsTakenForAnother(t *testing.T) {
	s := newSlave("rtu")
	s.answer = func(byte, []byte) []byte { return []byte{} }
	d := mustOpen(t, mustStart(t, s), 20*time.Millisecond)
	for i, want := range []string{"no answer", "late answers"} {
		_, err := d.ReadFIFO(t.Context(), 1, uint16(i))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("queue %d: %v", i, err)
		}
	}
	if n := len(s.seen()); n != 1 {
		t.Errorf("%d requests", n)
	}
}
