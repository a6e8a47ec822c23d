package peers_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/mqtttest"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// TestPahoV5ReadsWhatWeWrite sends every packet through Paho's codec and back: ours, theirs, theirs, ours.
func TestPahoV5ReadsWhatWeWrite(t *testing.T) { rapid.Check(t, throughPahoV5) }

// TestPahoV3ReadsWhatWeWrite does the same with the client of 3.1 and 3.1.1.
func TestPahoV3ReadsWhatWeWrite(t *testing.T) { rapid.Check(t, throughPahoV3) }

func FuzzPahoV5ReadsWhatWeWrite(f *testing.F) { f.Fuzz(rapid.MakeFuzz(throughPahoV5)) }

func FuzzPahoV3ReadsWhatWeWrite(f *testing.F) { f.Fuzz(rapid.MakeFuzz(throughPahoV3)) }

func throughPahoV5(t *rapid.T) {
	p := mqtttest.AnyPacket(t, packet.V5)
	toPahoV5(p)
	throughPeer(t, packet.V5, p, pahoV5)
}

func throughPahoV3(t *rapid.T) {
	v := rapid.SampledFrom([]packet.Version{packet.V31, packet.V311}).Draw(t, "version")
	throughPeer(t, v, mqtttest.AnyPacket(t, v), pahoV3)
}

// toPahoV5 takes away what Paho's codec cannot carry.
func toPahoV5(p packet.Packet) {
	forPahoV5(p)
	if d, ok := p.(*packet.Disconnect); ok && d.Code == mqtt.Success {
		d.Code = mqtt.SessionTakenOver // it cannot read an empty one, which only clients have a reason to send
	}
}

func throughPeer(t *rapid.T, v packet.Version, want packet.Packet, peer peerCodec) {
	sent, err := packet.Append(nil, v, want)
	if err != nil {
		t.Fatal(err)
	}
	back, err := peer(sent)
	if err != nil {
		t.Fatalf("peer cannot read % x: %v", sent, err)
	}
	r := packet.NewReader(bytes.NewReader(back), 0)
	r.SetVersion(v)
	got, err := r.Next()
	if err != nil {
		t.Fatalf("we cannot read the peer's % x: %v", back, err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("% x\n% x\n%s", sent, back, diff)
	}
}
