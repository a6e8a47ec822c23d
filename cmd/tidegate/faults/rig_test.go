package faults_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// rig is a gateway with all its clients.
type rig struct {
	site       *site
	gate       *gate
	publishers []*publisher
	// live is connected during the load, away only afterwards.
	live, away *subscriber
	changer    *changer
	report     *report
	seed       uint64
	random     *rand.Rand
	began      time.Time
}

// newRig starts the gateway for the first time and makes the subscriptions.
func newRig(t *testing.T, s *site) *rig {
	t.Helper()
	r := &rig{site: s, report: &report{}, seed: seed(t), began: time.Now()}
	r.random = rand.New(rand.NewPCG(r.seed, 0))
	for _, kind := range []struct {
		id      string
		version packet.Version
		qos     mqtt.QoS
	}{
		{"once-3", packet.V311, mqtt.ExactlyOnce},
		{"least-3", packet.V311, mqtt.AtLeastOnce},
		{"once-5", packet.V5, mqtt.ExactlyOnce},
		{"least-5", packet.V5, mqtt.AtLeastOnce},
	} {
		r.publishers = append(r.publishers, newPublisher(kind.id, kind.version, kind.qos, r.report))
	}
	r.live = newSubscriber("live", packet.V5, r.publishers, r.report)
	r.away = newSubscriber("away", packet.V311, r.publishers, r.report)
	r.changer = newChanger(r.report)
	r.gate = s.start(t)
	if err := errors.Join(r.live.subscribe(r.gate.address()), r.away.subscribe(r.gate.address())); err != nil {
		t.Fatal(err)
	}
	return r
}

// seed is a new one, or that of an earlier run.
func seed(t *testing.T) uint64 {
	t.Helper()
	if text := os.Getenv("TIDEGATE_SEED"); text != "" {
		number, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return number
	}
	return rand.Uint64()
}

// rounds is what the variable says, else the short form.
func rounds(t *testing.T, variable string, short int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return short
	}
	number, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return number
}

// moment is a random time of 5 to 500 ms.
func (r *rig) moment() time.Duration {
	return time.Duration(5+r.random.IntN(496)) * time.Millisecond
}

// load runs all clients until fail has taken the gateway from them.
func (r *rig) load(fail func()) {
	var clients sync.WaitGroup
	address := r.gate.address()
	for _, p := range r.publishers {
		clients.Go(func() { p.publish(address) })
	}
	clients.Go(func() { _ = r.live.receive(address, func() bool { return false }) })
	clients.Go(func() { r.changer.change(address) })
	fail()
	clients.Wait()
}

// settle starts the gateway again and compares: everything that was acknowledged is there, and what was not gets
// acknowledged now.
func (r *rig) settle(t *testing.T) {
	t.Helper()
	r.gate = r.site.start(t)
	address := r.gate.address()
	if err := checkRetained(address, r.publishers, r.report); err != nil {
		t.Fatal(err)
	}
	var clients sync.WaitGroup
	failures := make([]error, len(r.publishers))
	for i, p := range r.publishers {
		clients.Go(func() { failures[i] = p.finish(address) })
	}
	clients.Wait()
	if err := errors.Join(failures...); err != nil {
		t.Fatal(err)
	}
	clients.Go(func() { r.drain(t, r.live) })
	clients.Go(func() { r.drain(t, r.away) })
	clients.Wait()
	if err := r.changer.check(address); err != nil {
		t.Fatalf("check subscriptions: %v", err)
	}
}

// drain takes everything that waits for a subscriber.
func (r *rig) drain(t *testing.T, s *subscriber) {
	err := s.receive(r.gate.address(), func() bool { return s.complete(r.publishers) })
	if err != nil && !isSilence(err) {
		t.Errorf("%s: %v", s.id, err)
	}
	s.giveUp(r.publishers)
}

// run fails the gateway so many times under load, in a moment of chance, or until a promise is broken.
func (r *rig) run(t *testing.T, times int, fail func()) (done int) {
	t.Helper()
	for done = 0; done < times && r.report.broken() == 0; done++ {
		wait := time.After(r.moment())
		r.load(func() {
			<-wait
			fail()
		})
		r.settle(t)
	}
	return done
}
