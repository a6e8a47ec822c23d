package peers_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/eclipse/paho.golang/packets"
	v3 "github.com/eclipse/paho.mqtt.golang/packets"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/tidegate/tidegate/mqtt/mqtttest"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// peerCodec reads a packet and writes it again.
type peerCodec func(sent []byte) (back []byte, err error)

func pahoV5(sent []byte) ([]byte, error) {
	p, err := packets.ReadPacket(bytes.NewReader(sent))
	if err != nil {
		return nil, err
	}
	var back bytes.Buffer
	_, err = p.WriteTo(&back)
	return back.Bytes(), err
}

func pahoV3(sent []byte) ([]byte, error) {
	p, err := v3.ReadPacket(bytes.NewReader(sent))
	if err != nil {
		return nil, err
	}
	var back bytes.Buffer
	err = p.Write(&back)
	return back.Bytes(), err
}

// FuzzPahoV5Agrees decodes the same bytes with both codecs. Both refuse; or both accept, and mean the same; or it is one
// of the disagreements that are listed, where the standard is with us.
func FuzzPahoV5Agrees(f *testing.F) {
	known := seed(f, pahoV5, laxV5, packet.V5)
	f.Fuzz(func(t *testing.T, header byte, body []byte) {
		agree(t, pahoV5, known, packet.V5, header, body)
	})
}

// FuzzPahoV3Agrees does the same for 3.1 and 3.1.1.
func FuzzPahoV3Agrees(f *testing.F) {
	known := seed(f, pahoV3, laxV3, packet.V31, packet.V311)
	f.Fuzz(func(t *testing.T, header byte, body []byte) {
		agree(t, pahoV3, known, packet.V31, header, body)
		agree(t, pahoV3, known, packet.V311, header, body)
	})
}

// seed adds packets of every kind and the known disagreements, and gives what ours says about these.
func seed(f *testing.F, peer peerCodec, list []laxity, versions ...packet.Version) map[string]bool {
	for _, v := range versions {
		any := rapid.Custom(func(t *rapid.T) []byte {
			b, err := packet.Append(nil, v, mqtttest.AnyPacket(t, v))
			if err != nil {
				t.Fatal(err)
			}
			return b
		})
		for i := range 100 {
			if b := any.Example(i); len(b) < 1000 {
				f.Add(unframe(b))
			}
		}
	}
	known := map[string]bool{}
	for _, l := range list {
		header, body := l.parts(f)
		f.Add(header, body)
		refusal := l.refusal(f, versions[len(versions)-1])
		known[verdict(refusal)] = true
		if _, err := peer(frame(header, body)); err != nil {
			f.Errorf("%s: the peer refuses it too: %v", l.sample, err)
		}
	}
	return known
}

// verdict is a refusal, whatever the packet.
func verdict(e *packet.Error) string {
	general := *e
	general.Packet = 0
	return general.Error()
}

func agree(t *testing.T, peer peerCodec, known map[string]bool, v packet.Version, header byte, body []byte) {
	want, err := packet.Decode(v, header, body)
	if c, ok := want.(*packet.Connect); ok && (c.Version == packet.V5) != (v == packet.V5) {
		return // a CONNECT brings its own version, and each codec of Paho knows one family
	}
	sent := frame(header, body)
	back, theirs := protect(peer, sent)
	refusal, refused := errors.AsType[*packet.Error](err)
	switch {
	case refused && theirs == nil && !known[verdict(refusal)]:
		t.Fatalf("%s: % x is accepted by the peer; we say: %v", v, sent, err)
	case refused:
		return
	case theirs != nil && strict(want, body) != "":
		return
	case theirs == nil && rewritten(want) != "":
		return
	case theirs != nil:
		t.Fatalf("%s: we read % x as %+v; the peer says: %v", v, sent, want, theirs)
	}
	got, err := packet.Decode(v, back[0], bodyOf(back))
	if err != nil {
		t.Fatalf("%s: % x became % x, which we refuse: %v", v, sent, back, err)
	}
	if v == packet.V5 {
		forPahoV5(want)
		forPahoV5(got)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%s: % x\n% x\n%s", v, sent, back, diff)
	}
}

// protect makes a panic of the peer an error.
func protect(peer peerCodec, sent []byte) (back []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return peer(sent)
}

func frame(header byte, body []byte) []byte {
	return append(binary.AppendUvarint([]byte{header}, uint64(len(body))), body...)
}

func unframe(b []byte) (header byte, body []byte) { return b[0], bodyOf(b) }

func bodyOf(b []byte) []byte {
	_, n := binary.Uvarint(b[1:])
	return b[1+n:]
}

// laxity is something that the standard forbids and Paho's codec accepts: a sample, the statement (empty where it has no
// number), and where it says so.
type laxity struct{ sample, clause, why string }

// parts reads the sample: hexadecimal digits and 'text', without the remaining length.
func (l laxity) parts(tb testing.TB) (header byte, body []byte) {
	tb.Helper()
	var all []byte
	for i, part := range strings.Split(l.sample, "'") {
		b := []byte(part)
		if i%2 == 0 {
			var err error
			if b, err = hex.DecodeString(strings.ReplaceAll(part, " ", "")); err != nil {
				tb.Fatal(err)
			}
		}
		all = append(all, b...)
	}
	return all[0], all[1:]
}

// refusal is what ours says.
func (l laxity) refusal(tb testing.TB, v packet.Version) *packet.Error {
	tb.Helper()
	header, body := l.parts(tb)
	p, err := packet.Decode(v, header, body)
	refusal, ok := errors.AsType[*packet.Error](err)
	if !ok {
		tb.Fatalf("%s: we accept it as %+v", l.sample, p)
	}
	if refusal.Clause != l.clause {
		tb.Errorf("%s: %v, want %q", l.sample, refusal, l.clause)
	}
	return refusal
}
