package broker_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
)

// ledger counts how often the retained copy of each topic is written.
type ledger struct {
	*broker.Memory
	mu     sync.Mutex // guards writes
	writes map[string]int
}

func (l *ledger) Commit(unit *mqtt.Unit, done mqtt.Settle) {
	l.mu.Lock()
	for _, m := range unit.Retained {
		l.writes[m.Topic]++
	}
	l.mu.Unlock()
	l.Memory.Commit(unit, done)
}

// wrote checks the number of writes since it was asked last.
func (l *ledger) wrote(t *testing.T, topic string, want int) {
	t.Helper()
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	if got := l.writes[topic]; got != want {
		t.Errorf("%s was written %d times, want %d", topic, got, want)
	}
	delete(l.writes, topic)
}

// retainedOnDisk is what a broker finds at its start.
func (l *ledger) retainedOnDisk(t *testing.T, topic string) string {
	t.Helper()
	snapshot, err := l.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range snapshot.Retained {
		if m.Topic == topic {
			return string(m.Payload)
		}
	}
	return ""
}

// inProcess is a broker without a network, with the session of the drivers and another one, for the time of a bubble.
type inProcess struct {
	*broker.Broker
	*ledger
	drivers, other mqtt.Session
	stop           func()
}

func startInProcess(t *testing.T) *inProcess {
	t.Helper()
	p := &inProcess{ledger: &ledger{Memory: broker.NewMemory(0), writes: map[string]int{}}}
	p.Broker = broker.New(broker.Options{Store: p.ledger})
	ctx, cancel := context.WithCancel(context.Background())
	storing, stopStore := context.WithCancel(context.Background())
	var running, store sync.WaitGroup
	store.Go(func() { _ = p.Memory.Run(storing) })
	if err := p.Open(ctx); err != nil {
		t.Fatal(err)
	}
	running.Go(func() { _ = p.Broker.Run(ctx) })
	p.stop = func() {
		cancel()
		running.Wait()
		stopStore()
		store.Wait()
	}
	for id, s := range map[string]*mqtt.Session{"$drivers": &p.drivers, "$other": &p.other} {
		var err error
		if *s, err = p.Session(ctx, id, broker.SessionOptions{Class: mqtt.Soon, Transient: true}); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// reading is retained; after a restart it says so.
func reading(topic, value string) *mqtt.Message {
	return &mqtt.Message{Topic: topic, Payload: []byte(value), AfterRestart: []byte("perhaps " + value), Retain: true}
}

func mustPublish(t *testing.T, s mqtt.Session, m *mqtt.Message) {
	t.Helper()
	if err := s.Publish(t.Context(), m, mqtt.Origin{}, nil); err != nil {
		t.Fatal(err)
	}
}

// retainedNow is what a new subscriber gets.
func (p *inProcess) retainedNow(t *testing.T, topic string) string {
	t.Helper()
	s, err := p.Session(t.Context(), "$look", broker.SessionOptions{Transient: true})
	if err != nil {
		t.Fatal(err)
	}
	link := s.Attach()
	defer link.Detach()
	if err := s.Subscribe(t.Context(), mqtt.Subscription{Filter: topic}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	d, err := link.Receive(ctx)
	if err != nil {
		return ""
	}
	return string(d.Message().Payload)
}

// TestRetainedReadingsAreWrittenNowAndThen: one a second for 100 seconds is written three times and once at the stop.
func TestRetainedReadingsAreWrittenNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := startInProcess(t)
		for i := range 100 {
			mustPublish(t, p.drivers, reading("changes", fmt.Sprint(i)))
			mustPublish(t, p.drivers, reading("stays", "1"))
			pause(time.Second)
		}
		if got := p.retainedNow(t, "changes"); got != "99" {
			t.Errorf("a new subscriber gets %q, want 99", got)
		}
		p.wrote(t, "changes", 3)
		p.wrote(t, "stays", 1)
		p.stop()
		p.wrote(t, "changes", 1)
		p.wrote(t, "stays", 0)
		if got := p.retainedOnDisk(t, "changes"); got != "perhaps 99" {
			t.Errorf("after the stop the disk has %q", got)
		}
	})
}

// TestRetainedReadingsOfOthers: what somebody else publishes on the topic is stored at once, and never replaced on the disk
// by an older reading.
func TestRetainedReadingsOfOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := startInProcess(t)
		defer p.stop()
		for _, topic := range []string{"a", "b"} {
			mustPublish(t, p.drivers, reading(topic, "1"))
		}
		mustPublish(t, p.other, &mqtt.Message{Topic: "a", Payload: []byte("theirs"), Retain: true})
		mustPublish(t, p.other, &mqtt.Message{Topic: "b", Retain: true})
		p.wrote(t, "a", 1)
		p.wrote(t, "b", 1)
		pause(time.Minute)
		p.wrote(t, "a", 0)
		p.wrote(t, "b", 0)
		if a, b := p.retainedOnDisk(t, "a"), p.retainedOnDisk(t, "b"); a != "theirs" || b != "" {
			t.Errorf("the disk has %q and %q", a, b)
		}
	})
}

// TestRetainedReadingsOnADeadDisk are there for new subscribers, and written when the disk is back.
func TestRetainedReadingsOnADeadDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := startInProcess(t)
		defer p.stop()
		p.Fail(errFull)
		mustPublish(t, p.drivers, reading("a", "1"))
		if got := p.retainedNow(t, "a"); got != "1" {
			t.Errorf("a new subscriber gets %q, want 1", got)
		}
		pause(time.Minute)
		p.Fail(nil)
		pause(time.Minute)
		if got := p.retainedOnDisk(t, "a"); got != "perhaps 1" {
			t.Errorf("the disk has %q", got)
		}
	})
}
