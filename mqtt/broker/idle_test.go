package broker_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// TestIdleConnectionIsOneGoroutine: the reader's; a writer is there only while something waits, and one that was there goes.
// It is not parallel, because it counts those of the whole process.
func TestIdleConnectionIsOneGoroutine(t *testing.T) {
	const n = 100
	p := newPlant(t, broker.Options{})
	before := runtime.NumGoroutine()
	for i := range n {
		c := p.connect(packet.Connect{Version: packet.V311, ClientID: fmt.Sprint("idle", i), CleanStart: true})
		c.send(&packet.Ping{})
		if answer, err := c.next(); err != nil || answer.Type() != packet.PINGRESP {
			t.Fatalf("%v, %v instead of PINGRESP", answer, err)
		}
	}
	eventually(t, "nothing but the readers is left", func() bool { return runtime.NumGoroutine() <= before+n })
}
