package packet_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/packet"
)

func TestReaderTakesTheVersionFromConnect(t *testing.T) {
	var stream []byte
	sent := []packet.Packet{
		&packet.Connect{Version: packet.V5, ClientID: "c"},
		&packet.Publish{Topic: "a", QoS: 1, PacketID: 7, Payload: bytes.Repeat([]byte("x"), 100_000), TopicAlias: 3},
		&packet.Publish{Topic: "a", QoS: 1, PacketID: 8, Payload: []byte("short")},
		&packet.Ping{},
	}
	for _, p := range sent {
		stream = MustAppend(t, stream, packet.V5, p)
	}
	r := packet.NewReader(bytes.NewReader(stream), 0)
	for _, want := range sent {
		got, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if got.Type() != want.Type() {
			t.Fatalf("got %s, want %s", got.Type(), want.Type())
		}
	}
	if r.Version() != packet.V5 {
		t.Errorf("version %s", r.Version())
	}
	if _, err := r.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("at the end: %v", err)
	}
}

func TestReaderRefusesLargePacketsByTheirAnnouncement(t *testing.T) {
	announced := []byte{0x10, 0xFF, 0xFF, 0xFF, 0x7F}
	_, err := packet.NewReader(bytes.NewReader(announced), 1<<20).Next()
	if !errors.Is(err, mqtt.PacketTooLarge) {
		t.Errorf("got %v, want %v", err, mqtt.PacketTooLarge)
	}
}
