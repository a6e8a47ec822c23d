package modbus_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/tidegate/tidegate/drivers/line"
	"github.com/tidegate/tidegate/drivers/modbus"
	"github.com/tidegate/tidegate/gateway"
)

// mustTrace opens a connection to a slave whose wire is recorded; frames gives what it has become by now.
func mustTrace(t *testing.T, s *slave, timeout time.Duration) (d *modbus.Driver, frames func() []gateway.Frame) {
	t.Helper()
	url := mustStart(t, s)
	address, err := line.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	address.Trace = line.NewTrace()
	d, err = modbus.OpenAt(t.Context(), address, gateway.Connection{ID: "wire", URL: url, Timeout: gateway.Duration(timeout)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d, func() []gateway.Frame {
		records, _ := address.Trace.Records()
		return modbus.Frames(address, records)
	}
}

// said is a frame in few words: direction, what it is, and its problem.
func said(f gateway.Frame) string {
	text := "<"
	if f.Sent {
		text = ">"
	}
	if m := f.Modbus; m != nil {
		text += fmt.Sprintf(" %d/%d %s", m.Unit, m.Function, m.Address)
		if m.Quantity > 0 {
			text += fmt.Sprintf(" x%d", m.Quantity)
		}
		if len(m.Values) > 0 {
			text += fmt.Sprintf(" %v", m.Values)
		}
		if m.Exception > 0 {
			text += fmt.Sprintf(" exception %d", m.Exception)
		}
	}
	if f.Problem != "" {
		text += " !" + string(f.Problem)
	}
	return text
}

func saidAll(frames []gateway.Frame) []string {
	texts := make([]string, len(frames))
	for i, f := range frames {
		texts[i] = said(f)
	}
	return texts
}

func TestTraceOfGoodFrames(t *testing.T) {
	for _, framing := range framings {
		t.Run(framing, func(t *testing.T) {
			t.Parallel()
			s := newSlave(framing)
			s.answer = func(_ byte, pdu []byte) []byte {
				if pdu[1] == 0x13 {
					return []byte{pdu[0] | 0x80, 2}
				}
				return nil
			}
			d, frames := mustTrace(t, s, time.Second)
			mustPoll(t, d, 7, point("holding:100", gateway.Uint32), point("coil:9", gateway.Bool))
			mustPoll(t, d, 7, point("input:5000", gateway.Uint16))
			if _, err := d.Write(t.Context(), device(7), point("holding:10", gateway.Uint16), gateway.UintValue(4711)); err != nil {
				t.Fatal(err)
			}
			got := frames()
			want := []string{
				"> 7/1 coil:9 x1", "< 7/1 coil:9 x1 [1]", "> 7/3 holding:100 x2", "< 7/3 holding:100 x2 [100 101]",
				"> 7/4 input:5000 x1", "< 7/4 input:5000 x1 exception 2",
				"> 7/6 holding:10 x1 [4711]", "< 7/6 holding:10 x1 [4711]", "> 7/3 holding:10 x1", "< 7/3 holding:10 x1 [4711]",
			}
			if !reflect.DeepEqual(saidAll(got), want) {
				t.Fatalf("%q", saidAll(got))
			}
			last := uint64(0)
			for _, f := range got {
				if f.Number <= last || f.Bytes == "" || !f.Sent && f.Milliseconds <= 0 || (f.Modbus.Transaction != nil) != (framing == "tcp") ||
					(f.Modbus.Checksum == "right") != (framing != "tcp") || f.Modbus.Name == "" {
					t.Errorf("%+v %+v behind %d", f, f.Modbus, last)
				}
				last = f.Number
			}
		})
	}
}

// What a driver drops is in the trace with the reason.
func TestTraceSaysWhyAFrameWasDropped(t *testing.T) {
	change := func(at int, to byte) func(request, reply []byte) []chunk {
		return func(_, reply []byte) []chunk {
			reply[at] ^= to
			return []chunk{{data: reply}}
		}
	}
	replaced := func(data []byte) func(request, reply []byte) []chunk {
		return func(_, reply []byte) []chunk { return []chunk{{data: append(bytes.Clone(data), reply...)}} }
	}
	silent := func(_, _ []byte) []chunk { return nil }
	cut := func(_, reply []byte) []chunk { return []chunk{{data: reply[:len(reply)-2]}} }
	for _, c := range []struct {
		name, framing string
		fault         func(request, reply []byte) []chunk
		want          []string // of what came for the first request
	}{
		{"silent", "rtu", silent, []string{"< 1/3 holding:9 x1 !noAnswer"}},
		{"silent", "tcp", silent, []string{"< 1/3 holding:9 x1 !noAnswer"}},
		{"checksum", "rtu", change(4, 1), []string{"< 1/3  [8] !checksum", "< 1/3 holding:9 x1 !noAnswer"}},
		{"checksum", "ascii", change(8, 1), []string{"< 1/3  [265] !checksum", "< 1/3 holding:9 x1 !noAnswer"}},
		{"truncated", "rtu", cut, []string{"< 1/3  [9] !truncated", "< 1/3 holding:9 x1 !noAnswer"}},
		{"truncated", "ascii", cut, []string{"< 1/3  [9] !truncated", "< 1/3 holding:9 x1 !noAnswer"}},
		{"truncated", "tcp", cut, []string{"< !truncated", "< 1/3 holding:9 x1 !noAnswer"}},
		{"noise", "rtu", replaced([]byte{0xFF, 0, 0x55}), []string{"< !noise", "< 1/3 holding:9 x1 [9]"}},
		{"noise", "ascii", replaced([]byte("##")), []string{"< !noise", "< 1/3 holding:9 x1 [9]"}},
		{"other unit", "rtu", replaced(packRTU(2, []byte{3, 2, 0, 9})), []string{"< 2/3  [9] !other", "< 1/3 holding:9 x1 [9]"}},
		{"other function", "ascii", replaced(packASCII(1, []byte{4, 2, 0, 9})), []string{"< 1/4  [9] !other", "< 1/3 holding:9 x1 [9]"}},
		{
			"other transaction", "tcp", replaced([]byte{0xAB, 0xCD, 0, 0, 0, 5, 1, 3, 2, 0, 9}),
			[]string{"< 1/3  [9] !other", "< 1/3 holding:9 x1 [9]"},
		},
		{"echo", "rtu", func(request, reply []byte) []chunk { return []chunk{{data: append(bytes.Clone(request), reply...)}} }, []string{
			"< 1/3 holding:9 x1 !echo", "< 1/3 holding:9 x1 [9]",
		}},
	} {
		t.Run(c.name+" "+c.framing, func(t *testing.T) {
			t.Parallel()
			s, o := newSlave(c.framing), &once{}
			s.fault = o.fault
			d, frames := mustTrace(t, s, 60*time.Millisecond)
			o.arm(c.fault)
			mustPoll(t, d, 1, point("holding:9", gateway.Uint16))
			got := frames()
			if len(got) < len(c.want)+1 || !reflect.DeepEqual(saidAll(got[1:len(c.want)+1]), c.want) {
				t.Errorf("%q, want %q", saidAll(got), c.want)
			}
			for _, f := range got {
				if f.Problem != "" && f.Detail == "" {
					t.Errorf("%s without a detail", said(f))
				}
			}
		})
	}
}

func TestTraceOfALateReply(t *testing.T) {
	for _, framing := range framings {
		t.Run(framing, func(t *testing.T) {
			t.Parallel()
			s, o := newSlave(framing), &once{}
			s.fault = o.fault
			d, frames := mustTrace(t, s, 50*time.Millisecond)
			o.arm(func(_, reply []byte) []chunk { return []chunk{{after: 80 * time.Millisecond, data: reply}} })
			for range 3 {
				mustPoll(t, d, 1, point("holding:9", gateway.Uint16))
			}
			for _, f := range frames() {
				if said(f) == "< 1/3 holding:9 x1 [9] !late" {
					return
				}
			}
			t.Errorf("no late reply in %q", saidAll(frames()))
		})
	}
}

// FuzzTrace: whatever is on a wire, each byte that came is in one frame at most, and their numbers grow.
func FuzzTrace(f *testing.F) {
	f.Add(byte(0), []byte{1, 3, 2, 0, 9, 0xF8, 0x42, 0xFF})
	f.Add(byte(1), []byte(":010302\x000009F1\r\n:01"))
	f.Add(byte(2), []byte{0, 1, 0, 0, 0, 5, 1, 3, 2, 0, 9, 0})
	f.Fuzz(func(t *testing.T, kind byte, data []byte) {
		protocol := []line.Protocol{line.ModbusRTU, line.ModbusASCII, line.ModbusTCP}[kind%3]
		request := map[line.Protocol][]byte{
			line.ModbusRTU: packRTU(1, []byte{3, 0, 9, 0, 1}), line.ModbusASCII: packASCII(1, []byte{3, 0, 9, 0, 1}),
			line.ModbusTCP: {0, 1, 0, 0, 0, 6, 1, 3, 0, 9, 0, 1},
		}[protocol]
		records := []line.Record{{Position: 11, Kind: line.Sent, Data: request}}
		for at := uint64(100); len(data) > 0; at += 100 {
			n := min(len(data), 1+int(data[0])%60)
			records = append(records, line.Record{Position: at, Kind: line.Received, Data: data[:n]})
			data = data[n:]
		}
		records = append(records, line.Record{Position: 1 << 40, Kind: line.Closed})
		last, bytesIn, bytesOut := uint64(0), 0, 0
		for _, r := range records[1:] {
			bytesIn += len(r.Data)
		}
		for i, frame := range modbus.Frames(line.Address{Protocol: protocol}, records) {
			if frame.Number <= last {
				t.Errorf("number %d behind %d", frame.Number, last)
			}
			last = frame.Number
			if i > 0 {
				bytesOut += hex.DecodedLen(len(frame.Bytes))
			}
		}
		if bytesOut != bytesIn {
			t.Errorf("%d of %d bytes", bytesOut, bytesIn)
		}
	})
}
