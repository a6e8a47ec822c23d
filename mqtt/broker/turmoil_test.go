package broker_test

import (
	"fmt"
	"net"
	"testing"

	"pgregory.net/rapid"

	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/mqtt/mqtttest"
)

// subject is a plant to mistreat.
type subject struct{ *plant }

func (s subject) Dial() (net.Conn, error) { return net.Dial("tcp", s.address) }
func (s subject) Restart()                { s.restart() }

func (s subject) Queued() map[string]int64 {
	queued := map[string]int64{}
	for _, info := range s.Sessions() {
		queued[info.ID] = info.Queue.Messages
	}
	return queued
}

// TestTurmoilModel is the broker over Memory; storage/queue has the same over SQLite.
func TestTurmoilModel(t *testing.T) {
	t.Parallel()
	p := newPlant(t, broker.Options{Limits: broker.Limits{Window: 5}})
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		mqtttest.Turmoil(rt, subject{p}, fmt.Sprintf("run%d-", run))
	})
}
