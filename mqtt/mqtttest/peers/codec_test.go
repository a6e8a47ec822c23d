package peers_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/eclipse/paho.golang/packets"
	v3 "github.com/eclipse/paho.mqtt.golang/packets"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/mqtttest"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// TestPahoV5ReadsWhatWeWrite sends every packet through Paho's codec and back: ours, theirs, theirs, ours.
func TestPahoV5ReadsWhatWeWrite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := mqtttest.AnyPacket(t, packet.V5)
		toPahoV5(p)
		throughPeer(t, packet.V5, p, func(r io.Reader, w io.Writer) error {
			p, err := packets.ReadPacket(r)
			if err != nil {
				return err
			}
			_, err = p.WriteTo(w)
			return err
		})
	})
}

// TestPahoV3ReadsWhatWeWrite does the same with the client of 3.1 and 3.1.1.
func TestPahoV3ReadsWhatWeWrite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.SampledFrom([]packet.Version{packet.V31, packet.V311}).Draw(t, "version")
		throughPeer(t, v, mqtttest.AnyPacket(t, v), func(r io.Reader, w io.Writer) error {
			p, err := v3.ReadPacket(r)
			if err != nil {
				return err
			}
			return p.Write(w)
		})
	})
}

// toPahoV5 takes away what Paho's codec cannot hold.
func toPahoV5(p packet.Packet) {
	switch p := p.(type) {
	case *packet.Connect: // of a will's properties it writes the delay and the user properties only
		p.WillExpiry = nil
		if p.Will != nil {
			p.Will.Message.Properties = mqtt.Properties{User: p.Will.Message.Properties.User}
		}
	case *packet.Disconnect: // it cannot read an empty one, which only clients have a reason to send
		if p.Code == mqtt.Success {
			p.Code = mqtt.SessionTakenOver
		}
	case *packet.Publish:
		p.Subscriptions = p.Subscriptions[:min(1, len(p.Subscriptions))] // it keeps the last one only
	}
}

func throughPeer(t *rapid.T, v packet.Version, want packet.Packet, peer func(io.Reader, io.Writer) error) {
	sent, err := packet.Append(nil, v, want)
	if err != nil {
		t.Fatal(err)
	}
	var back bytes.Buffer
	if err := peer(bytes.NewReader(sent), &back); err != nil {
		t.Fatalf("peer cannot read % x: %v", sent, err)
	}
	r := packet.NewReader(&back, 0)
	r.SetVersion(v)
	got, err := r.Next()
	if err != nil {
		t.Fatalf("we cannot read the peer's % x: %v", back.Bytes(), err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("% x\n% x\n%s", sent, back.Bytes(), diff)
	}
}
