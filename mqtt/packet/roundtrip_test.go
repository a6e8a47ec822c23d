package packet_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tidegate/tidegate/mqtt/mqtttest"
	"github.com/tidegate/tidegate/mqtt/packet"
)

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.SampledFrom(all).Draw(t, "version")
		want := mqtttest.AnyPacket(t, v)
		encoded, err := packet.Append(nil, v, want)
		if err != nil {
			t.Fatal(err)
		}
		r := packet.NewReader(bytes.NewReader(encoded), 0)
		r.SetVersion(v)
		got, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, same); diff != "" {
			t.Fatal(diff)
		}
	})
}

// TestEveryPrefixEndsCleanly cuts every kind of packet at every byte.
func TestEveryPrefixEndsCleanly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.SampledFrom(all).Draw(t, "version")
		encoded, err := packet.Append(nil, v, mqtttest.AnyPacket(t, v))
		if err != nil {
			t.Fatal(err)
		}
		for n := range encoded {
			r := packet.NewReader(bytes.NewReader(encoded[:n]), 0)
			r.SetVersion(v)
			p, err := r.Next()
			if want := endOf(n); !errors.Is(err, want) {
				t.Fatalf("%d of %d bytes: got %v, %v, want %v", n, len(encoded), p, err, want)
			}
		}
	})
}

func endOf(n int) error {
	if n == 0 {
		return io.EOF
	}
	return io.ErrUnexpectedEOF
}

// TestEveryShortBodyIsAnErrorOrAnotherPacket hands the decoder every prefix of every body: some of them are packets of
// their own (a shorter payload, an acknowledgement without properties), none may panic or keep unread bytes.
func TestEveryShortBodyIsAnErrorOrAnotherPacket(t *testing.T) {
	for _, g := range golden {
		for _, v := range g.versions {
			header, body := MustFrame(t, MustHex(t, g.bytes))
			for n := range body {
				for _, as := range all {
					p, err := packet.Decode(as, header, body[:n])
					if (err == nil) == (p == nil) {
						t.Fatalf("%s at %s, %d of %d bytes read as %s: %v, %v", g.name, v, n, len(body), as, p, err)
					}
				}
			}
		}
	}
}

// TestReaderDoesNotCareHowBytesArrive plays one stream byte by byte, in halves, and with the error beside the data.
func TestReaderDoesNotCareHowBytesArrive(t *testing.T) {
	ways := map[string]func(io.Reader) io.Reader{
		"at once":          func(r io.Reader) io.Reader { return r },
		"byte by byte":     iotest.OneByteReader,
		"half":             iotest.HalfReader,
		"error with data":  iotest.DataErrReader,
		"in small buffers": func(r io.Reader) io.Reader { return &limited{r, 511} },
		"in odd pieces":    func(r io.Reader) io.Reader { return &limited{r, 16411} },
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			var stream []byte
			var sent []packet.Packet
			for i, size := range []int{0, 1, 480, 520, 16370, 0, 16390, 20, 70000, 3} {
				p := &packet.Publish{Topic: "a", QoS: 1, PacketID: uint16(i + 1), Payload: bytes.Repeat([]byte{byte(i)}, size)}
				sent = append(sent, p)
				stream = MustAppend(t, stream, packet.V5, p)
			}
			var stock packet.Buffers
			r := stock.NewReader(way(bytes.NewReader(stream)), 0)
			r.SetVersion(packet.V5)
			received := make([]packet.Packet, len(sent))
			for i := range received {
				var err error
				if received[i], err = r.Next(); err != nil {
					t.Fatalf("packet %d: %v", i, err)
				}
			}
			if _, err := r.Next(); !errors.Is(err, io.EOF) || r.Buffered() != 0 {
				t.Fatalf("at the end: %v, %d bytes", err, r.Buffered())
			}
			// Compared now, when the buffers have been used again: packets own their memory.
			if diff := cmp.Diff(sent, received, cmp.Comparer(bytes.Equal)); diff != "" {
				t.Fatal(diff)
			}
		})
	}
}

type limited struct {
	io.Reader
	n int
}

func (l *limited) Read(b []byte) (int, error) { return l.Reader.Read(b[:min(len(b), l.n)]) }
