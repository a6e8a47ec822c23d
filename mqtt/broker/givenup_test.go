package broker_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// record is a log that a test reads.
type record struct {
	mu   sync.Mutex // guards text
	text bytes.Buffer
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(p)
}

// lines are those that have a text.
func (r *record) lines(with string) (found []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for line := range strings.Lines(r.text.String()) {
		if strings.Contains(line, with) {
			found = append(found, line)
		}
	}
	return found
}

func TestAnEpisodeIsToldOnce(t *testing.T) {
	t.Parallel()
	clock, log := newClock(), &record{}
	p := newPlant(t, broker.Options{
		Now: clock.now, Limits: broker.Limits{QueueMessages: 10}, Logger: slog.New(slog.NewTextHandler(log, nil)),
	})
	driver := p.open("$driver", broker.SessionOptions{Transient: true})
	s := p.open("$s", broker.SessionOptions{})
	subscribe(t, s, mqtt.Subscription{Filter: "#", QoS: 1})
	for i := range 60 {
		put(t, driver, text(fmt.Sprintf("t/%d", i%30), "x", mqtt.QoS(i%2)), mqtt.Origin{})
	}
	const begin, end = "messages are being given up", "messages were given up"
	eventually(t, "both episodes are told", func() bool { return len(log.lines(begin)) == 2 })
	pause(2500 * time.Millisecond)
	if begun, ended := log.lines(begin), log.lines(end); len(begun) != 2 || len(ended) != 0 {
		t.Fatalf("%d lines at the beginning, %d at the end:\n%s%s", len(begun), len(ended), begun, ended)
	}
	clock.add(mqtt.QuietTime)
	eventually(t, "the end of both is told", func() bool { return len(log.lines(end)) == 2 })
	for reason, messages := range map[mqtt.Reason]int{mqtt.QueueMessages: 20, mqtt.AbsentQoS0: 30} {
		want := fmt.Sprintf("client=$s reason=%s messages=%d", reason, messages)
		if len(log.lines(want)) == 0 {
			t.Errorf("no line with %q:\n%s", want, log.lines(end))
		}
		if got := s.Queue().GivenUp[reason]; got != uint64(messages) {
			t.Errorf("the session counts %d for %s, want %d", got, reason, messages)
		}
		if got := p.Status().GivenUp[reason]; got != uint64(messages) {
			t.Errorf("the broker counts %d for %s, want %d", got, reason, messages)
		}
		eventually(t, "the audit has "+reason.String(), func() bool { return p.audited("$s", reason) == uint64(messages) })
	}
	put(t, driver, text("t", "x", 0), mqtt.Origin{})
	eventually(t, "a new episode is told", func() bool { return len(log.lines(begin)) == 3 })
}

func TestEveryLossHasItsReason(t *testing.T) {
	t.Parallel()
	p := newPlant(t, broker.Options{Limits: broker.Limits{QueueQoS0: 2}})
	driver := p.open("$driver", broker.SessionOptions{Class: mqtt.Soon, Transient: true})
	filled := func(id string) mqtt.Session {
		s := p.open(id, broker.SessionOptions{})
		subscribe(t, s, mqtt.Subscription{Filter: id, QoS: 1})
		for range 3 {
			put(t, driver, text(id, "x", 1), mqtt.Origin{})
		}
		return s
	}
	check := func(session string, reason mqtt.Reason, want uint64) {
		t.Helper()
		eventually(t, fmt.Sprintf("the audit has %d messages of %s for %s", want, session, reason), func() bool {
			return p.audited(session, reason) == want && p.Status().GivenUp[reason] == want
		})
	}

	refusing := filled("refusing")
	link := refusing.Attach()
	receive(t, link, "x", mqtt.DeliveryNew).Settle(mqtt.NotAuthorized)
	check("refusing", mqtt.Refused, 1)
	if q := refusing.Queue(); q.Dropped != 0 || q.Refused != 1 {
		t.Errorf("a refusal is counted as %d dropped and %d refused", q.Dropped, q.Refused)
	}

	filled("removed")
	if err := p.RemoveSession(t.Context(), "removed"); err != nil {
		t.Fatal(err)
	}
	check("removed", mqtt.SessionEnded, 3)

	away := p.v5("clean", 100)
	away.subscribe(mqtt.Subscription{Filter: "clean", QoS: 1})
	away.drop()
	p.offline("clean")
	put(t, driver, text("clean", "x", 1), mqtt.Origin{})
	p.connect(packet.Connect{ClientID: "clean", CleanStart: true})
	eventually(t, "a clean start is in the audit", func() bool { return p.audited("clean", mqtt.SessionEnded) == 1 })

	slow := p.open("slow", broker.SessionOptions{Transient: true})
	subscribe(t, slow, mqtt.Subscription{Filter: "slow"})
	slow.Attach()
	for range 5 {
		put(t, driver, text("slow", "x", 0), mqtt.Origin{})
	}
	check("slow", mqtt.SlowQoS0, 3)

	p.store.Fail(errors.New("no room"))
	if err := driver.Publish(t.Context(), text("refusing", "x", 1), mqtt.Origin{}, nil); err == nil {
		t.Fatal("published without a disk")
	}
	p.store.Fail(nil)
	check("refusing", mqtt.DiskFull, 1)
}

// damaging is a store in which one message cannot be read.
type damaging struct{ *broker.Memory }

func (d damaging) Backlog(
	ctx context.Context, session string, lane mqtt.Lane, from uint64, limit, maxBytes int,
) ([]*mqtt.Queued, error) {
	rows, err := d.Memory.Backlog(ctx, session, lane, from, limit, maxBytes)
	for _, row := range rows {
		if string(row.Message.Payload) == "5" {
			row.Message = nil
		}
	}
	return rows, err
}

func TestADamagedMessageIsCountedOut(t *testing.T) {
	t.Parallel()
	store := broker.NewMemory(time.Millisecond)
	p := newPlantOn(t, store, broker.Options{Store: damaging{store}, Limits: broker.Limits{Window: 2}})
	driver := p.open("$driver", broker.SessionOptions{Transient: true})
	s := p.open("$s", broker.SessionOptions{})
	subscribe(t, s, mqtt.Subscription{Filter: "#", QoS: 1})
	for i := range 10 {
		put(t, driver, text("t", fmt.Sprint(i), 1), mqtt.Origin{})
	}
	link := s.Attach()
	expectAll(t, link, sequence(0, 5))
	expectAll(t, link, sequence(6, 10))
	if q := s.Queue(); q.Messages != 0 || q.Bytes != 0 || q.GivenUp[mqtt.Damaged] != 1 {
		t.Errorf("after all was taken: %+v", q)
	}
}
