package broker_test

import (
	"fmt"
	"net"
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

// TestClientsThatComeAndGoLeaveNothing: of a session that a clean start has replaced nothing is kept until it would have
// ended. It is not parallel, because it looks at the memory of the whole process.
func TestClientsThatComeAndGoLeaveNothing(t *testing.T) {
	const rounds = 2000
	p := newPlant(t, broker.Options{Limits: broker.Limits{ConnectRate: 1_000_000, TotalConnectRate: 1_000_000}})
	come := func(n int) {
		for range n {
			conn, err := net.Dial("tcp", p.address)
			if err != nil {
				t.Fatal(err)
			}
			c := &client{t: t, conn: conn, version: packet.V5, reader: packet.NewReader(conn, 0)}
			c.reader.SetVersion(packet.V5)
			c.send(&packet.Connect{Version: packet.V5, ClientID: "sensor", CleanStart: true, SessionExpiry: 3600})
			expect[*packet.Connack](c)
			c.send(&packet.Disconnect{})
			c.expectClosed()
			c.drop()
		}
	}
	come(100)
	runtime.GC()
	before := heapInUse()
	come(rounds)
	runtime.GC()
	if grown := int64(heapInUse()) - int64(before); grown > 500_000 {
		t.Errorf("%d bytes are left of %d sessions", grown, rounds)
	}
}
