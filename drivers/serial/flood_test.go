package serial_test

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// A device that never stops: thousands of lines in a burst, a megabyte without an end, binary zeros, and a line that had
// begun before. Memory stays bounded, the stream is found again, and the last value is the last that was sent.
func TestAFloodEndsWithTheLastValue(t *testing.T) {
	d, conn := mustConnect(t)
	emitted, _ := start(t, d)
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	var sending sync.WaitGroup
	defer sending.Wait()
	sending.Go(func() {
		send(t, conn, "7.0 g\r\n")
		for i := range 2000 {
			send(t, conn, fmt.Sprintf("S S %d g\r\n", i))
		}
		for range 1000 {
			send(t, conn, strings.Repeat("x", 1000))
		}
		send(t, conn, "\r\n"+strings.Repeat("\x00", 10000)+"\r\nS S 4711 g\r\nS S 4712 g\r\n")
	})
	deadline := time.After(20 * time.Second)
	last := -1.0
	for last != 4712 {
		select {
		case readings := <-emitted:
			for _, r := range readings {
				if v, is := r.Value.Float(); is && r.Point.Point == "weight" && r.Quality == gateway.Good {
					if v <= last {
						t.Errorf("%v after %v", v, last)
					}
					last = v
				}
			}
		case <-deadline:
			t.Fatalf("the last value is %v", last)
		}
	}
	var after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 1<<20 {
		t.Errorf("%d bytes are still held", grown)
	}
}
