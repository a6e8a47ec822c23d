package packet_test

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/mqtt/packet"
)

// FuzzDecode: no panic, errors of one type, and what decodes encodes again to the same value.
func FuzzDecode(f *testing.F) {
	for _, g := range golden {
		header, body := MustFrame(f, MustHex(f, g.bytes))
		for _, v := range g.versions {
			f.Add(byte(v), header, body)
		}
	}
	f.Fuzz(func(t *testing.T, version, header byte, body []byte) {
		v := packet.Version(version)
		p, err := packet.Decode(v, header, body)
		if err != nil {
			if _, ok := errors.AsType[*packet.Error](err); !ok || p != nil {
				t.Fatalf("%v, %T %v", p, err, err)
			}
			return
		}
		again := MustAppend(t, nil, v, p)
		if len(again) > len(body)+5 {
			t.Fatalf("% x grew to % x", body, again)
		}
		r := packet.NewReader(bytes.NewReader(again), 0)
		r.SetVersion(v)
		second, err := r.Next()
		if err != nil {
			t.Fatalf("% x: %v", again, err)
		}
		if diff := cmp.Diff(p, second); diff != "" {
			t.Fatal(diff)
		}
	})
}

// FuzzReader: a stream of foreign bytes ends in an error, without panic, and costs memory in proportion to its length.
func FuzzReader(f *testing.F) {
	for _, v := range all {
		var stream []byte
		for _, g := range golden {
			if g.versions[len(g.versions)-1] == v {
				stream = append(stream, MustHex(f, g.bytes)...)
			}
		}
		f.Add(byte(v), stream)
	}
	for _, test := range refused {
		f.Add(byte(test.version), MustHex(f, test.bytes))
	}
	f.Fuzz(func(t *testing.T, version byte, stream []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		drain(t, packet.Version(version), stream)
		runtime.ReadMemStats(&after)
		// 64 KB for the first step of a large body and the buffers; the smallest packets cost most for their size. Other
		// goroutines of the fuzzing worker allocate too, hence the margin.
		if got, most := after.TotalAlloc-before.TotalAlloc, uint64(1<<20+200*len(stream)); got > most {
			t.Fatalf("%d bytes of memory for %d bytes", got, len(stream))
		}
	})
}

func drain(t *testing.T, v packet.Version, stream []byte) {
	r := packet.NewReader(bytes.NewReader(stream), 0)
	r.SetVersion(v)
	for range len(stream)/2 + 1 {
		_, err := r.Next()
		if _, refused := errors.AsType[*packet.Error](err); refused || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Fatal("more packets than bytes allow")
}
