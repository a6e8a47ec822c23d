package packet_test

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"testing"

	"github.com/tidegate/tidegate/mqtt/packet"
)

var plant = &packet.Publish{Topic: "plant/line1/press3/temperature", QoS: 1, PacketID: 1, Payload: bytes.Repeat([]byte("x"), 100)}

func BenchmarkAppendPublish(b *testing.B) {
	for _, v := range []packet.Version{packet.V311, packet.V5} {
		b.Run(v.String(), func(b *testing.B) {
			b.ReportAllocs()
			var buffer []byte
			for b.Loop() {
				buffer, _ = packet.Append(buffer[:0], v, plant)
			}
		})
	}
}

// endless gives the same bytes again and again.
type endless struct {
	bytes []byte
	at    int
}

func (e *endless) Read(b []byte) (int, error) {
	n := copy(b, e.bytes[e.at:])
	e.at = (e.at + n) % len(e.bytes)
	return n, nil
}

func BenchmarkReaderPublish(b *testing.B) {
	for _, v := range []packet.Version{packet.V311, packet.V5} {
		b.Run(v.String(), func(b *testing.B) {
			stream := MustAppend(b, nil, v, plant)
			r := packet.NewReader(&endless{bytes: bytes.Repeat(stream, 100)}, 0)
			r.SetVersion(v)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := r.Next(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkReaderAck(b *testing.B) {
	stream := MustAppend(b, nil, packet.V311, &packet.Ack{Kind: packet.PUBACK, PacketID: 1})
	r := packet.NewReader(&endless{bytes: bytes.Repeat(stream, 100)}, 0)
	r.SetVersion(packet.V311)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Next(); err != nil {
			b.Fatal(err)
		}
	}
}

// TestPublishCostsTwoAllocations holds the path that every message takes: the packet and its payload.
func TestPublishCostsTwoAllocations(t *testing.T) {
	stream := MustAppend(t, nil, packet.V311, plant)
	r := packet.NewReader(&endless{bytes: bytes.Repeat(stream, 100)}, 0)
	r.SetVersion(packet.V311)
	var buffer []byte
	for _, run := range []struct {
		name string
		most float64
		do   func()
	}{
		{"read", 2, func() { _, _ = r.Next() }},
		{"append", 0, func() { buffer, _ = packet.Append(buffer[:0], packet.V311, plant) }},
	} {
		if got := testing.AllocsPerRun(100, run.do); got > run.most {
			t.Errorf("%s: %v allocations, at most %v", run.name, got, run.most)
		}
	}
}

// TestAnnouncedLengthCostsNothing: 256 MB are announced, little arrives.
func TestAnnouncedLengthCostsNothing(t *testing.T) {
	stream := append([]byte{0x30, 0xFF, 0xFF, 0xFF, 0x7F}, make([]byte, 1000)...)
	const runs = 100
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range runs {
		r := packet.NewReader(bytes.NewReader(stream), 0)
		r.SetVersion(packet.V311)
		if _, err := r.Next(); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	if got := (after.TotalAlloc - before.TotalAlloc) / runs; got > 90_000 {
		t.Errorf("%d bytes of memory", got)
	}
}
