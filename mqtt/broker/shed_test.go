package broker_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
)

// byName ranks topics by their digit.
func byName(topic string) int { return int(topic[0] - '0') }

// topics counts by topic what is stored.
func (p *plant) topics(session string) map[string]int {
	p.t.Helper()
	counts := map[string]int{}
	queued, err := p.store.Backlog(p.t.Context(), session, 0, 0, 1<<20, 1<<30)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, q := range queued {
		counts[q.Message.Topic]++
	}
	return counts
}

// TestTheLowestPriorityGoesFirst whatever its age, in memory and on disk, then the next one, and of the highest the oldest.
func TestTheLowestPriorityGoesFirst(t *testing.T) {
	t.Parallel()
	for _, window := range []int{4, 10_000} {
		t.Run(fmt.Sprintf("window %d", window), func(t *testing.T) {
			p := newPlant(t, broker.Options{Limits: broker.Limits{Window: window}})
			driver := p.open("$driver", broker.SessionOptions{Transient: true})
			s := p.open("$s", broker.SessionOptions{
				QueueMessages: 1500, Shed: broker.Shedding{Rank: byName, Ranks: []int{0, 3, 5}},
			})
			subscribe(t, s, mqtt.Subscription{Filter: "#", QoS: 1})
			for i := range 3000 {
				put(t, driver, text([]string{"5", "0", "3"}[i%3], fmt.Sprint(i), 1), mqtt.Origin{})
			}
			p.queued(s, 1500)
			got := p.topics("$s")
			// The newest of the lowest may be in memory beyond what is on disk.
			if got["5"] != 1000 || got["0"] > window || got["3"] < 500-window {
				t.Errorf("%v", got)
			}
			q := s.Queue()
			if q.GivenUp[mqtt.LowPriority] != 1500 || q.GivenUp[mqtt.QueueMessages] != 0 {
				t.Errorf("%+v", q.GivenUp)
			}
			for i := range 2000 {
				put(t, driver, text("5", fmt.Sprint(i), 1), mqtt.Origin{})
			}
			p.queued(s, 1500)
			if got := p.topics("$s"); got["5"] < 1500-2*window && window < 100 {
				t.Errorf("at last %v", got)
			}
		})
	}
}

// TestThinningKeepsOneOfEachTopicInAnInterval before anything else goes.
func TestThinningKeepsOneOfEachTopicInAnInterval(t *testing.T) {
	t.Parallel()
	clock := newClock()
	p := newPlant(t, broker.Options{Now: clock.now, Limits: broker.Limits{Window: 4}})
	driver := p.open("$driver", broker.SessionOptions{Transient: true})
	s := p.open("$s", broker.SessionOptions{QueueMessages: 400, Shed: broker.Shedding{ThinOut: time.Minute}})
	subscribe(t, s, mqtt.Subscription{Filter: "#", QoS: 1})
	// Two minutes with a hundred messages of each of two topics are 400; what comes then is too much.
	for minute := range 2 {
		p.eachSecond(func() {
			for i := range 100 {
				put(t, driver, text("a", fmt.Sprint(minute, i), 1), mqtt.Origin{})
				put(t, driver, text("b", fmt.Sprint(minute, i), 1), mqtt.Origin{})
			}
		}, clock)
	}
	p.queued(s, 400)
	for i := range 340 {
		put(t, driver, text("a", fmt.Sprint("late", i), 1), mqtt.Origin{})
	}
	p.queued(s, 400)
	got := p.topics("$s")
	if got["b"] < 2 || got["b"] > 40 || s.Queue().GivenUp[mqtt.ThinnedOut] != 340 {
		t.Errorf("%v, %+v", got, s.Queue().GivenUp)
	}
}

// eachSecond lets the broker make a mark before and after what is done, with a minute in between.
func (p *plant) eachSecond(do func(), clock *clock) {
	p.t.Helper()
	do()
	pause(1100 * time.Millisecond)
	clock.add(time.Minute)
}

// TestASessionHasItsOwnAge beside the broker's.
func TestASessionHasItsOwnAge(t *testing.T) {
	t.Parallel()
	clock := newClock()
	p := newPlant(t, broker.Options{Now: clock.now, Limits: broker.Limits{Window: 4}})
	driver := p.open("$driver", broker.SessionOptions{Transient: true})
	short := p.open("$short", broker.SessionOptions{QueueAge: time.Hour})
	long := p.open("$long", broker.SessionOptions{})
	for _, s := range []mqtt.Session{short, long} {
		subscribe(t, s, mqtt.Subscription{Filter: "#", QoS: 1})
	}
	for i := range 20 {
		put(t, driver, text("t", fmt.Sprint(i), 1), mqtt.Origin{})
	}
	pause(1100 * time.Millisecond) // a mark
	clock.add(50 * time.Minute)
	for i := range 5 {
		put(t, driver, text("t", fmt.Sprint(i), 1), mqtt.Origin{})
	}
	pause(2500 * time.Millisecond)
	if short.Queue().Messages != 25 {
		t.Errorf("%d before the time", short.Queue().Messages)
	}
	clock.add(11 * time.Minute)
	p.queued(short, 5)
	p.queued(long, 25)
	if n := p.audited("$short", mqtt.QueueAge); n != 20 {
		t.Errorf("the audit has %d", n)
	}
}

// TestAHeldQueueGrowsNoMore and what it gives up is counted as lost to the disk.
func TestAHeldQueueGrowsNoMore(t *testing.T) {
	t.Parallel()
	p := newPlant(t, broker.Options{Limits: broker.Limits{Window: 4}})
	driver := p.open("$driver", broker.SessionOptions{Transient: true})
	s := p.open("$s", broker.SessionOptions{})
	subscribe(t, s, mqtt.Subscription{Filter: "#", QoS: 1})
	payload := strings.Repeat("x", 99)
	for range 50 {
		put(t, driver, text("t", payload, 1), mqtt.Origin{})
	}
	p.HoldQueue("$s", 5000)
	for range 50 {
		put(t, driver, text("t", payload, 1), mqtt.Origin{})
	}
	p.queued(s, 50)
	if q := s.Queue(); q.GivenUp[mqtt.FreeDisk] != 50 || q.Bytes != 5000 {
		t.Errorf("%+v", q)
	}
	p.HoldQueue("$s", 0)
	put(t, driver, text("t", payload, 1), mqtt.Origin{})
	p.queued(s, 51)
}
