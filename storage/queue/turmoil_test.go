package queue_test

import (
	"context"
	"fmt"
	"net"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/mqtt/mqtttest"
	"github.com/tidegate/tidegate/storage/queue"
)

// subject is a broker with a listener over a file.
type subject struct {
	*broker.Broker
	t       *testing.T
	path    string
	address string
	stop    func()
}

func (s *subject) start() {
	s.t.Helper()
	q := MustOpen(s.t, s.path, queue.Options{})
	b, stopBroker := q.MustServe(broker.Limits{Window: 5})
	ctx, cancel := context.WithCancel(context.Background())
	var listen net.ListenConfig
	listener, err := listen.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := b.Serve(ctx, broker.Listener{Listener: listener}); err != nil {
			s.t.Error(err)
		}
	})
	s.Broker, s.address = b, listener.Addr().String()
	s.stop = sync.OnceFunc(func() {
		cancel()
		serving.Wait()
		stopBroker()
		q.stop()
	})
}

func (s *subject) Dial() (net.Conn, error) { return net.Dial("tcp", s.address) }

func (s *subject) Restart() {
	s.stop()
	s.start()
}

func (s *subject) Queued() map[string]int64 {
	queued := map[string]int64{}
	for _, info := range s.Sessions() {
		queued[info.ID] = info.Queue.Messages
	}
	return queued
}

// TestTurmoilModel is what mqtt/broker has over Memory.
func TestTurmoilModel(t *testing.T) {
	t.Parallel()
	s := &subject{t: t, path: t.TempDir() + "/queue.db"}
	s.start()
	t.Cleanup(func() { s.stop() })
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		mqtttest.Turmoil(rt, s, fmt.Sprintf("run%d-", run))
	})
}
