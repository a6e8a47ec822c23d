package packet_test

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"testing"

	"github.com/tidegate/tidegate/mqtt/packet"
)

// TestIdleReadersHoldLittleMemory: a thousand connections had a burst, and are now silent.
func TestIdleReadersHoldLittleMemory(t *testing.T) {
	const connections, burst = 1000, 100
	stream := bytes.Repeat(MustAppend(t, nil, packet.V311, plant), burst)
	var stock packet.Buffers
	readers := make([]*packet.Reader, connections)
	before := heap()
	for i := range readers {
		r := stock.NewReader(bytes.NewReader(stream), 0)
		r.SetVersion(packet.V311)
		for range burst {
			if _, err := r.Next(); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := r.Next(); !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		readers[i] = r
	}
	each := (heap() - before) / connections
	runtime.KeepAlive(readers)
	if each > 1500 {
		t.Errorf("%d bytes for each idle reader", each)
	}
}

func readerOf(b []byte) io.Reader { return bytes.NewReader(b) }

func heap() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// TestBuffersAreSharedSafely has many readers at work at once, with one stock.
func TestBuffersAreSharedSafely(t *testing.T) {
	var stock packet.Buffers
	done := make(chan error)
	const readers = 8
	for i := range readers {
		go func() { done <- readAll(&stock, byte(i)) }()
	}
	for range readers {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// readAll reads packets that are filled with one byte, and finds no other byte in them.
func readAll(stock *packet.Buffers, fill byte) error {
	var stream []byte
	payload := bytes.Repeat([]byte{fill}, 3000)
	for range 200 {
		stream, _ = packet.Append(stream, packet.V311, &packet.Publish{Topic: "a", Payload: payload})
	}
	r := stock.NewReader(&limited{bytes.NewReader(stream), 5000}, 0)
	r.SetVersion(packet.V311)
	for {
		p, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if !bytes.Equal(p.(*packet.Publish).Payload, payload) {
			return io.ErrShortBuffer
		}
	}
}
