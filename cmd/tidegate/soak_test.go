package main_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidegate/tidegate/cmd/tidegate/programtest"
	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/client"
)

const (
	soakers      = 12
	soakSessions = 40        // names of clients with durable sessions; all others are gone with their connection
	soakTopics   = 200       // that anybody retains on
	soakMemory   = 150 << 20 // resident bytes that are never exceeded
	soakGrowth   = 1.1       // of the memory of the second third, in the last one
	soakDefault  = 4 * time.Second
)

// TestSoak: clients of both versions come and go, cleanly and not, with wills, retained messages, all qualities, sessions
// that wait for them and large messages, for TIDEGATE_SOAK_MINUTES. Memory stays flat, nothing is refused, and when all
// are gone no goroutine and no descriptor is left of them.
func TestSoak(t *testing.T) {
	t.Parallel()
	length := soakDefault
	if text := os.Getenv("TIDEGATE_SOAK_MINUTES"); text != "" {
		minutes, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		length = time.Duration(minutes) * time.Minute
	}
	// All come from one address, and a fast machine lets them come more often than the limit allows.
	s := soakedDemo{startDemo(t, programtest.ShortDir(t), "--limit-connect-rate=100000", "--limit-total-connect-rate=100000")}
	before := s.whenAllUp(t)
	ctx, cancel := context.WithCancel(t.Context()) // no deadline: an attempt to connect would report it as its own
	defer time.AfterFunc(length, cancel).Stop()
	var all sync.WaitGroup
	var done soaked
	for i := range soakers {
		one := &soaker{t: t, done: &done, url: "mqtt://" + s.Value("mqtt"), number: i, random: rand.New(rand.NewPCG(uint64(i), 0))}
		all.Go(func() { one.run(ctx) })
	}
	memory := s.watchMemory(t, ctx)
	all.Wait()
	t.Logf("%d connections, %d messages acknowledged, %d received in %s", done.connections.Load(), done.acked.Load(), done.received.Load(), length)
	if done.acked.Load() < int64(length.Seconds())*100 {
		t.Error("that is no load")
	}
	s.checkMemory(t, memory, length >= time.Minute)
	var after resources
	defer func() { t.Logf("clients, goroutines, descriptors: %v before, %v after", before, after) }()
	programtest.Eventually(t, 30*time.Second, "nothing is left of the clients", func() bool {
		after = s.resources(t)
		return after.clients <= before.clients && after.goroutines <= before.goroutines+5 && after.descriptors <= before.descriptors+5
	})
}

// soakedDemo is the demo, with its simulated plant and a bridge, under load.
type soakedDemo struct{ demo }

// soaked counts what all soakers did.
type soaked struct{ connections, acked, received atomic.Int64 }

// resources of the program beside its memory.
type resources struct{ clients, goroutines, descriptors float64 }

// whenAllUp gives the resources of the demo when all its parts work, which have their goroutines then.
func (s soakedDemo) whenAllUp(t *testing.T) resources {
	t.Helper()
	programtest.Eventually(t, 15*time.Second, "the bridge and all connections are up", func() bool {
		_, values := scrape(t, s.Value("page"))
		up := values[`tidegate_bridge_state{bridge="cloud",state="up"}`] == 1
		for name, value := range values {
			if strings.HasPrefix(name, "tidegate_connection_state{") && strings.Contains(name, `state="up"`) {
				up = up && value == 1
			}
		}
		return up
	})
	return s.resources(t)
}

func (s soakedDemo) resources(t *testing.T) resources {
	t.Helper()
	_, values := scrape(t, s.Value("page"))
	return resources{values["tidegate_broker_clients"], values["go_goroutines"], values["process_open_fds"]}
}

// watchMemory samples what is resident until ctx ends.
func (s soakedDemo) watchMemory(t *testing.T, ctx context.Context) (samples []int) {
	t.Helper()
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return samples
		case <-tick.C:
			samples = append(samples, resident(t, s.Command.Process.Pid))
		}
	}
}

// checkMemory: the first third is for getting warm.
func (s soakedDemo) checkMemory(t *testing.T, samples []int, flat bool) {
	t.Helper()
	third := len(samples) / 3
	second, last, most := median(samples[third:2*third]), median(samples[2*third:]), slices.Max(samples)
	t.Logf("resident: %d MB in the second third, %d MB in the last, %d MB at most", second>>20, last>>20, most>>20)
	if most > soakMemory {
		t.Errorf("%d MB were resident, more than %d", most>>20, soakMemory>>20)
	}
	if flat && float64(last) > soakGrowth*float64(second) {
		t.Errorf("memory grows: from %d to %d bytes", second, last)
	}
}

func median(values []int) int {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// soaker is one client after the other.
type soaker struct {
	t      *testing.T
	done   *soaked
	url    string
	number int
	random *rand.Rand
}

func (s *soaker) run(ctx context.Context) {
	for round := 0; ctx.Err() == nil; round++ {
		c, err := client.Connect(ctx, s.options(round))
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			s.t.Errorf("connect: %v", err)
			return
		}
		s.done.connections.Add(1)
		rc := running(ctx, c)
		s.talk(ctx, rc)
		rc.end()
	}
}

// options are those of a short visit, or of one of few clients whose sessions last.
func (s *soaker) options(round int) client.Options {
	o := client.Options{
		URL: s.url, Version: 4 + s.random.IntN(2), ClientID: fmt.Sprintf("visit-%d-%d", s.number, round), CleanStart: true,
		Receive: func(_ context.Context, _ *mqtt.Message, _ uint16, settle mqtt.Settle) error {
			s.done.received.Add(1)
			settle(nil)
			return nil
		},
	}
	if s.random.IntN(2) == 0 {
		// Each soaker has its own, so that none takes over another's connection.
		name := s.number + soakers*s.random.IntN(soakSessions/soakers)
		o.ClientID, o.CleanStart, o.SessionExpiry = fmt.Sprint("stays-", name), s.random.IntN(10) == 0, 3600
	}
	if s.random.IntN(3) == 0 {
		will := *s.message()
		will.Payload = will.Payload[:min(len(will.Payload), 30_000)] // a CONNECT is at most 64 KB long
		o.Will = &mqtt.Will{Message: will, Delay: uint32(s.random.IntN(2))}
	}
	return o
}

// talk is what a client does in one connection.
func (s *soaker) talk(ctx context.Context, c *rigClient) {
	filters := []string{"soak/#", "soak/+/1", "soak/" + strconv.Itoa(s.random.IntN(soakTopics)), "$share/group/soak/#"}
	filter := mqtt.Subscription{Filter: filters[s.random.IntN(len(filters))], QoS: mqtt.QoS(s.random.IntN(3))}
	if _, err := c.Subscribe(ctx, filter); err != nil && ctx.Err() == nil {
		s.t.Errorf("subscribe to %s: %v", filter.Filter, err)
	}
	var settled sync.WaitGroup
	for range 10 + s.random.IntN(50) {
		settled.Add(1)
		if c.Publish(ctx, s.message(), func(err error) { s.settled(ctx, err); settled.Done() }) != nil {
			settled.Done()
			break
		}
	}
	if s.random.IntN(4) > 0 { // the others leave with messages on their way
		settled.Wait()
	}
	if s.random.IntN(3) == 0 {
		_, _ = c.Unsubscribe(ctx, filter.Filter)
	}
}

func (s *soaker) settled(ctx context.Context, err error) {
	code, isCode := errors.AsType[mqtt.ReasonCode](err)
	switch {
	case err == nil:
		s.done.acked.Add(1)
	case isCode && code == mqtt.QuotaExceeded && ctx.Err() == nil:
		s.t.Errorf("a message was refused: %v", err)
	}
}

// message is mostly small, sometimes retained, sometimes the removal of what is.
func (s *soaker) message() *mqtt.Message {
	size := s.random.IntN(200)
	switch s.random.IntN(100) {
	case 0:
		size = 100_000
	case 1, 2:
		size = 0
	}
	return &mqtt.Message{
		Topic: fmt.Sprintf("soak/%d", s.random.IntN(soakTopics)), Payload: make([]byte, size),
		QoS: mqtt.QoS(s.random.IntN(3)), Retain: s.random.IntN(10) == 0,
	}
}
