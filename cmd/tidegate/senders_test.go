package main_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/cmd/tidegate/programtest"
	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/client"
)

// sender publishes numbers to a topic of its own, comes back when it is cut off, and remembers which were acknowledged.
// A number that was not is never sent again.
type sender struct {
	topic   string
	address string
	version int
	qos     mqtt.QoS
	retain  bool
	window  int
	size    int           // of the payload
	pause   time.Duration // between messages; 0 is as fast as the window allows

	mu      sync.Mutex // guards what follows
	last    int
	acked   []string
	refused int // with "quota exceeded"
	wrong   []error
}

// senders run until stop.
type senders struct {
	all  []*sender
	stop func()
}

func startSenders(t *testing.T, all ...*sender) *senders {
	ctx, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	for _, s := range all {
		group.Go(func() { s.run(ctx) })
	}
	stop := func() { cancel(); group.Wait() }
	t.Cleanup(stop)
	return &senders{all, stop}
}

func (s *sender) run(ctx context.Context) {
	for ctx.Err() == nil {
		c, err := client.Connect(ctx, client.Options{
			URL: "mqtt://" + s.address, ClientID: strings.ReplaceAll(s.topic, "/", "-"), CleanStart: true, Version: s.version, Window: s.window,
		})
		if err == nil {
			rc := running(ctx, c)
			s.publish(ctx, rc)
			rc.end()
		}
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// publish sends until the connection ends.
func (s *sender) publish(ctx context.Context, c *rigClient) {
	for ctx.Err() == nil {
		s.mu.Lock()
		s.last++
		number := s.last
		s.mu.Unlock()
		text := fmt.Sprintf("%-*d", s.size, number)
		message := &mqtt.Message{Topic: s.topic, Payload: []byte(text), QoS: s.qos, Retain: s.retain}
		if c.Publish(ctx, message, func(err error) { s.settled(key(message), err) }) != nil {
			return
		}
		if !s.rest(c) {
			return
		}
	}
}

// rest is between two messages; false when the connection ended.
func (s *sender) rest(c *rigClient) bool {
	if s.pause == 0 {
		return true // Publish waits for the window, and notices the end
	}
	select {
	case <-c.ended:
		return false
	case <-time.After(s.pause):
		return true
	}
}

func (s *sender) settled(text string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	code, isCode := errors.AsType[mqtt.ReasonCode](err)
	switch {
	case err == nil:
		s.acked = append(s.acked, text)
	case isCode && code == mqtt.QuotaExceeded && s.version == 5:
		s.refused++
	case isCode && code.Failed() && code != mqtt.ServerBusy && code != mqtt.ServerShuttingDown:
		s.wrong = append(s.wrong, err)
	}
}

// acked are all acknowledged messages so far.
func (s *senders) acked() []string {
	var all []string
	for _, one := range s.all {
		one.mu.Lock()
		all = append(all, one.acked...)
		one.mu.Unlock()
	}
	return all
}

func (s *senders) refused() int {
	refused := 0
	for _, one := range s.all {
		one.mu.Lock()
		refused += one.refused
		one.mu.Unlock()
	}
	return refused
}

// check complains about refusals that have another reason than the disk.
func (s *senders) check(t *testing.T) {
	t.Helper()
	for _, one := range s.all {
		one.mu.Lock()
		if len(one.wrong) > 0 {
			t.Errorf("%s: %d messages were refused with another reason, such as %v", one.topic, len(one.wrong), one.wrong[0])
		}
		one.mu.Unlock()
	}
}

// mixture is a sender of each kind, about 4,000 messages per second.
func (r *storeRig) mixture(size int, pause time.Duration) []*sender {
	address := "127.0.0.1:" + r.port
	return []*sender{
		{topic: "numbers/one", address: address, version: 5, qos: mqtt.AtLeastOnce, window: 50, size: size, pause: pause},
		{topic: "numbers/two", address: address, version: 5, qos: mqtt.ExactlyOnce, window: 50, size: size, pause: pause},
		{topic: "numbers/old", address: address, version: 4, qos: mqtt.AtLeastOnce, window: 20, size: size, pause: pause},
	}
}

// settle waits until what was admitted before is acknowledged.
func (s *senders) settle(t *testing.T) {
	t.Helper()
	seen, since := len(s.acked()), time.Now()
	programtest.Eventually(t, 10*time.Second, "acknowledgements end", func() bool {
		if now := len(s.acked()); now != seen {
			seen, since = now, time.Now()
		}
		return time.Since(since) > 300*time.Millisecond
	})
}

// silent asserts that not one acknowledgement comes for a while.
func (s *senders) silent(t *testing.T, during time.Duration) {
	t.Helper()
	before := len(s.acked())
	<-time.After(during)
	if n := len(s.acked()) - before; n > 0 {
		t.Errorf("%d messages were acknowledged that cannot be on disk", n)
	}
}

// resume waits until acknowledgements come again.
func (s *senders) resume(t *testing.T, within time.Duration) {
	t.Helper()
	before, began := len(s.acked()), time.Now()
	programtest.Eventually(t, within, "acknowledgements come again", func() bool { return len(s.acked()) > before+50 })
	t.Logf("acknowledgements came again after %s", time.Since(began).Round(10*time.Millisecond))
}
