package packet_test

import (
	"errors"
	"io"
	"net"
	"testing"
	"testing/iotest"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/packet"
)

func TestErrorSaysPacketReasonAndClause(t *testing.T) {
	_, err := packet.Decode(packet.V311, 0x36, nil)
	if got, want := err.Error(), "PUBLISH: malformed packet: QoS 3 [MQTT-3.3.1-4]"; got != want {
		t.Errorf("got %q", got)
	}
	_, err = packet.Decode(packet.V311, 0x00, nil)
	if got, want := err.Error(), "malformed packet: the reserved packet type"; got != want {
		t.Errorf("got %q", got)
	}
}

func TestNames(t *testing.T) {
	for got, want := range map[string]string{
		packet.PUBREL.String(): "PUBREL", packet.Type(0).String(): "packet type 0", packet.Type(16).String(): "packet type 16",
		packet.V31.String(): "3.1", packet.V311.String(): "3.1.1", packet.V5.String(): "5.0", packet.Version(9).String(): "level 9",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestReaderPassesErrorsOfTheConnection(t *testing.T) {
	whole := MustAppend(t, nil, packet.V311, &packet.Publish{Topic: "a", Payload: make([]byte, 40_000)})
	for _, n := range []int{0, 1, 3, 100, 39_000} {
		r := packet.NewReader(io.MultiReader(&limited{Reader: readerOf(whole[:n]), n: 700}, iotest.ErrReader(net.ErrClosed)), 0)
		r.SetVersion(packet.V311)
		if _, err := r.Next(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
}

func TestReaderDoesNotSpinOnEmptyReads(t *testing.T) {
	whole := MustAppend(t, nil, packet.V311, &packet.Publish{Topic: "a", Payload: make([]byte, 40_000)})
	for _, n := range []int{0, 1, 39_000} {
		r := packet.NewReader(io.MultiReader(readerOf(whole[:n]), silent{}), 0)
		r.SetVersion(packet.V311)
		if _, err := r.Next(); !errors.Is(err, io.ErrNoProgress) {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
}

// silent breaks the rules of io.Reader in the way that io.ErrNoProgress is for.
type silent struct{}

func (silent) Read([]byte) (int, error) { return 0, nil }

func TestVersionIsKnownAfterARefusedConnect(t *testing.T) {
	for level, want := range map[byte]packet.Version{0x02: packet.V31, 0x04: packet.V311, 0x05: packet.V5, 0x06: packet.V5} {
		connect := MustHex(t, "10 0d 0004'MQTX' 04 02 0000 0001'c'")
		connect[8] = level
		r := packet.NewReader(readerOf(connect), 0)
		if _, err := r.Next(); !errors.Is(err, mqtt.UnsupportedProtocolVersion) {
			t.Errorf("level %d: %v", level, err)
		}
		if r.Version() != want {
			t.Errorf("level %d: version %s, want %s", level, r.Version(), want)
		}
	}
}
