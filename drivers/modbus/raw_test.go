package modbus_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"testing"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	data, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Requests of any function get through, also such whose replies only the device understands.
func TestRaw(t *testing.T) {
	for _, framing := range framings {
		t.Run(framing, func(t *testing.T) {
			s := newSlave(framing)
			s.answer = func(_ byte, pdu []byte) []byte {
				switch pdu[0] {
				case 8, 0x41:
					return pdu // diagnostics gives back what it got
				case 65 + 1:
					return []byte{66, 1, 2, 3, 4, 5, 6, 7, 8, 9}
				}
				return nil
			}
			d := mustOpen(t, mustStart(t, s), 5*time.Second)
			for request, want := range map[string]string{
				"0300070002":     "030400070008",
				"0600091234":     "0600091234",
				"16000400f20025": "16000400f20025",
				"080000a537":     "080000a537",
				"4100010203":     "4100010203",
				"4200000000":     "42010203040506070809",
				"6300000000":     "e301",
				"0300000000":     "0300", // not well formed, and answered badly
			} {
				reply, err := d.Raw(t.Context(), 1, unhex(t, request))
				if got := hex.EncodeToString(reply); got != want || err != nil {
					t.Errorf("%s: %s, %v, want %s", request, got, err, want)
				}
			}
			for _, pdu := range [][]byte{nil, {0}, {0x83, 2}, make([]byte, 254)} {
				if _, err := d.Raw(t.Context(), 1, pdu); gateway.CodeOf(err) != gateway.Invalid {
					t.Errorf("% x: %v", pdu, err)
				}
			}
			if _, err := d.Raw(t.Context(), 256, []byte{17}); gateway.CodeOf(err) != gateway.Invalid {
				t.Errorf("unit 256: %v", err)
			}
		})
	}
}

// A reply in pieces is one reply, and one that comes too late is none to the next request.
func TestRawReplyInPiecesAndLate(t *testing.T) {
	s, o := newSlave("rtu"), &once{}
	s.answer = func(_ byte, pdu []byte) []byte { return pdu }
	s.fault = o.fault
	d := mustOpen(t, mustPlug(t, s), 100*time.Millisecond)
	first, second := unhex(t, "4100010203"), unhex(t, "4111111111")
	o.arm(func(_, reply []byte) []chunk {
		return []chunk{{data: reply[:3]}, {10 * time.Millisecond, reply[3:6]}, {10 * time.Millisecond, reply[6:]}}
	})
	if reply, err := d.Raw(t.Context(), 1, first); err != nil || !bytes.Equal(reply, first) {
		t.Errorf("% x, %v", reply, err)
	}
	o.arm(func(_, reply []byte) []chunk { return []chunk{{130 * time.Millisecond, reply}} })
	if reply, err := d.Raw(t.Context(), 1, first); gateway.CodeOf(err) != gateway.Unavailable {
		t.Errorf("% x, %v", reply, err)
	}
	reply, err := d.Raw(t.Context(), 1, second)
	if err == nil && !bytes.Equal(reply, second) {
		t.Errorf("the late reply was taken for the next one: % x", reply)
	}
}

// Nobody answers a broadcast, and nobody waits for an answer.
func TestBroadcast(t *testing.T) {
	for _, framing := range []string{"rtu", "ascii"} {
		t.Run(framing, func(t *testing.T) {
			s := newSlave(framing)
			s.answer = func(unit byte, pdu []byte) []byte {
				if unit == 0 {
					return []byte{}
				}
				return nil
			}
			d := mustOpen(t, mustPlug(t, s), 20*time.Second)
			begin := time.Now()
			for _, c := range []struct {
				point gateway.Point
				value gateway.Value
			}{
				{point("coil:9", gateway.Bool), gateway.BoolValue(true)},
				{point("holding:7", gateway.Uint16), gateway.UintValue(4711)},
				{point("holding:8", gateway.Uint32), gateway.UintValue(0x00010002)},
			} {
				if err := d.Broadcast(t.Context(), c.point, c.value); err != nil {
					t.Errorf("%s: %v", c.point.Address, err)
				}
			}
			if took := time.Since(begin); took < 300*time.Millisecond || took > 10*time.Second {
				t.Errorf("three broadcasts took %s", took)
			}
			mustPoll(t, d, 1, registers(1)...) // all of it has been seen now
			want := []string{"050009ff00", "0600071267", "100008000204" + "00010002"}
			for i, pdu := range s.seen()[:3] {
				if fmt.Sprintf("%x", pdu) != want[i] {
					t.Errorf("%x, want %s", pdu, want[i])
				}
			}
			if err := d.Broadcast(t.Context(), point("holding:8.1", gateway.Bool), gateway.BoolValue(true)); gateway.CodeOf(err) != gateway.Invalid {
				t.Errorf("a bit: %v", err)
			}
		})
	}
	d := mustOpen(t, mustListen(t, newSlave("tcp")), time.Second)
	if err := d.Broadcast(t.Context(), point("holding:7", gateway.Uint16), gateway.UintValue(1)); gateway.CodeOf(err) != gateway.Invalid {
		t.Errorf("over TCP: %v", err)
	}
}
