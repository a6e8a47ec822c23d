package broker_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
)

// lanesOf reads rules such as {"alarm":1,"data":0}: the lane by the first level of the topic.
func lanesOf(text string) broker.LaneRules {
	lanes := map[string]mqtt.Lane{}
	if err := json.Unmarshal([]byte(text), &lanes); err != nil {
		panic(err)
	}
	rules := broker.LaneRules{Of: func(topic string) (mqtt.Lane, bool) {
		first, _, _ := strings.Cut(topic, "/")
		lane, known := lanes[first]
		return lane, known
	}}
	for _, lane := range lanes {
		rules.Sorts = rules.Sorts || lane == mqtt.PriorityLane
	}
	return rules
}

const (
	alarmsFirst = `{"alarm":1,"data":0}`
	allAlike    = `{"alarm":0,"data":0}`
)

// newLanes is a plant with a session of two lanes and a publisher.
func newLanes(t *testing.T, limits broker.Limits, rules string) (p *plant, driver, s mqtt.Session) {
	t.Helper()
	p = newPlant(t, broker.Options{Limits: limits, LaneRules: lanesOf})
	driver, s = p.openLanes(rules)
	subscribe(t, s, mqtt.Subscription{Filter: "#", QoS: 2})
	return p, driver, s
}

func (p *plant) openLanes(rules string) (driver, s mqtt.Session) {
	p.t.Helper()
	return p.open("$driver", broker.SessionOptions{Transient: true}), p.open("$bridge/a", broker.SessionOptions{Lanes: rules})
}

func putMany(t *testing.T, driver mqtt.Session, topic string, qos mqtt.QoS, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		put(t, driver, text(topic, fmt.Sprint(i), qos), mqtt.Origin{})
	}
}

// drain settles so many and says of which topics they were, by their first letters.
func drain(t *testing.T, link mqtt.Link, n int) (topics string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for range n {
		d, err := link.Receive(ctx)
		if err != nil {
			t.Fatalf("after %d: %v", len(topics), err)
		}
		topics += d.Message().Topic[:1]
		d.Settle(nil)
	}
	return topics
}

// TestAnAlarmDoesNotWaitBehindTheBacklog in memory and on disk, before and after a restart.
func TestAnAlarmDoesNotWaitBehindTheBacklog(t *testing.T) {
	t.Parallel()
	for _, window := range []int{4, 10_000} {
		for _, restart := range []bool{false, true} {
			t.Run(fmt.Sprintf("window %d, restart %t", window, restart), func(t *testing.T) {
				p, driver, s := newLanes(t, broker.Limits{Window: window}, alarmsFirst)
				putMany(t, driver, "data", 1, 0, 100)
				if restart {
					p.restart()
					driver, s = p.openLanes(alarmsFirst)
				}
				putMany(t, driver, "alarm", 2, 0, 3)
				if q := s.Queue(); q.Messages != 103 || q.Priority != 3 {
					t.Errorf("%+v", q)
				}
				if got := drain(t, s.Attach(), 103); got != "aaa"+strings.Repeat("d", 100) {
					t.Error(got)
				}
				p.queued(s, 0)
			})
		}
	}
}

// TestOneOfNineIsNormal however much is urgent, whether it is in memory or on disk.
func TestOneOfNineIsNormal(t *testing.T) {
	t.Parallel()
	for _, window := range []int{4, 10_000} {
		p, driver, s := newLanes(t, broker.Limits{Window: window}, alarmsFirst)
		putMany(t, driver, "data", 1, 0, 20)
		putMany(t, driver, "alarm", 1, 0, 100)
		want := strings.Repeat("aaaaaaaad", 12) + "aaaadddddddd"
		if got := drain(t, s.Attach(), 120); got != want {
			t.Errorf("window %d: %s, want %s", window, got, want)
		}
		p.queued(s, 0)
	}
}

// TestTheLanesHaveTheirOwnIdentifiers that stay the same over a restart.
func TestTheLanesHaveTheirOwnIdentifiers(t *testing.T) {
	t.Parallel()
	p, driver, s := newLanes(t, broker.Limits{}, alarmsFirst)
	putMany(t, driver, "data", 2, 0, 1)
	putMany(t, driver, "alarm", 2, 1, 2)
	link := s.Attach()
	alarm, data := receive(t, link, "1", mqtt.DeliveryNew), receive(t, link, "0", mqtt.DeliveryNew)
	if alarm.PacketID() <= mqtt.LaneSize || alarm.PacketID() > 2*mqtt.LaneSize || data.PacketID() > mqtt.LaneSize {
		t.Errorf("identifiers %d of the alarm, %d of the data", alarm.PacketID(), data.PacketID())
	}
	if err := received(alarm); err != nil {
		t.Fatal(err)
	}
	p.restart()
	_, s = p.openLanes(alarmsFirst)
	link = s.Attach()
	again := receive(t, link, "1", mqtt.DeliveryReceived)
	if d := receive(t, link, "0", mqtt.DeliverySent); d.PacketID() != data.PacketID() || again.PacketID() != alarm.PacketID() {
		t.Errorf("identifiers %d and %d, were %d and %d", again.PacketID(), d.PacketID(), alarm.PacketID(), data.PacketID())
	}
}

// TestAFullQueueKeepsItsAlarms: what is not urgent goes first, then the oldest alarms.
func TestAFullQueueKeepsItsAlarms(t *testing.T) {
	t.Parallel()
	p, driver, s := newLanes(t, broker.Limits{Window: 4, QueueMessages: 50}, alarmsFirst)
	putMany(t, driver, "alarm", 1, 0, 20)
	putMany(t, driver, "data", 1, 20, 100)
	p.queued(s, 50)
	if q := s.Queue(); q.Priority != 20 {
		t.Errorf("%d alarms are left of 20", q.Priority)
	}
	putMany(t, driver, "alarm", 1, 100, 160)
	p.queued(s, 50)
	if q := s.Queue(); q.Priority != 50 || q.GivenUp[mqtt.QueueMessages] != 110 {
		t.Errorf("%+v", q)
	}
	link := s.Attach()
	expectAll(t, link, sequence(110, 160))
}

// TestAPurgeTakesBothLanes, and what is too old or expired goes from both.
func TestAPurgeTakesBothLanes(t *testing.T) {
	t.Parallel()
	clock := newClock()
	p := newPlant(t, broker.Options{Limits: broker.Limits{Window: 4}, LaneRules: lanesOf, Now: clock.now})
	driver, s := p.openLanes(alarmsFirst)
	subscribe(t, s, mqtt.Subscription{Filter: "#", QoS: 2})
	fill := func(expires bool) {
		for _, topic := range []string{"alarm", "data"} {
			for i := range 30 {
				m := text(topic, fmt.Sprint(i), 1)
				if expires {
					m.Expires = clock.now().Add(time.Minute)
				}
				put(t, driver, m, mqtt.Origin{})
			}
		}
	}
	fill(false)
	if removed, left, err := p.Purge(t.Context(), "$bridge/a"); removed != 60 || left != 0 || err != nil {
		t.Errorf("%d removed, %d left, %v", removed, left, err)
	}
	fill(true)
	clock.add(time.Hour)
	p.queued(s, 0)
	if q := s.Queue(); q.GivenUp[mqtt.Expired] != 60 || q.GivenUp[mqtt.Purged] != 60 {
		t.Errorf("%+v", q)
	}
	if _, found := p.OldestQueued(t.Context(), "$bridge/a"); found {
		t.Error("something is left")
	}
}

// TestWhatWasRaisedDoesNotOvertakeItself: a topic whose messages wait on disk goes on behind them, one of which nothing can
// wait is sent first at once.
func TestWhatWasRaisedDoesNotOvertakeItself(t *testing.T) {
	t.Parallel()
	p, driver, _ := newLanes(t, broker.Limits{Window: 4}, allAlike)
	putMany(t, driver, "alarm", 1, 0, 20)
	p.open("$bridge/a", broker.SessionOptions{Lanes: `{"alarm":1,"data":0,"new":1}`})
	putMany(t, driver, "alarm", 1, 20, 30)
	putMany(t, driver, "new", 1, 30, 35)
	p.restart()
	driver, s := p.openLanes(`{"alarm":1,"data":0,"new":1}`)
	putMany(t, driver, "alarm", 1, 35, 40)
	link := s.Attach()
	expectAll(t, link, sequence(30, 35))
	expectAll(t, link, sequence(0, 30))
	expectAll(t, link, sequence(35, 40))
	s = p.open("$bridge/a", broker.SessionOptions{Lanes: `{"alarm":1,"data":0,"new":1}`})
	putMany(t, driver, "alarm", 1, 40, 41)
	if q := s.Queue(); q.Priority != 1 {
		t.Error("an alarm is not urgent although nothing waits")
	}
}

// overtaking is a session whose lanes change all the time, with what it got.
type overtaking struct {
	t             *testing.T
	rt            *rapid.T
	p             *plant
	driver, s     mqtt.Session
	link          mqtt.Link
	rules         string
	open          []mqtt.Delivery
	sent          int
	seen, settled map[string][]int
}

var overtakers = []string{"a", "b", "c"}

// publish sends to a topic at a quality; the number is the payload.
func (o *overtaking) publish() {
	topic := rapid.SampledFrom(overtakers).Draw(o.rt, "topic")
	if _, known := lanesOf(o.rules).Of(topic); !known {
		return // nobody subscribes to what no rule knows
	}
	qos := mqtt.QoS(rapid.IntRange(1, 2).Draw(o.rt, "qos"))
	for range rapid.IntRange(1, 8).Draw(o.rt, "messages") {
		put(o.t, o.driver, text(topic, fmt.Sprint(o.sent), qos), mqtt.Origin{})
		o.sent++
	}
}

func (o *overtaking) changeRules() {
	lanes := map[string]int{}
	for _, topic := range overtakers {
		if lane := rapid.IntRange(-1, 1).Draw(o.rt, "lane of "+topic); lane >= 0 {
			lanes[topic] = lane
		}
	}
	rules, err := json.Marshal(lanes)
	if err != nil {
		o.rt.Fatal(err)
	}
	o.rules = string(rules)
	o.reopen()
}

func (o *overtaking) reopen() {
	var err error
	o.s, err = o.p.Session(o.t.Context(), "$bridge/a", broker.SessionOptions{Lanes: o.rules})
	if err != nil {
		o.rt.Fatal(err)
	}
}

func (o *overtaking) restart() {
	o.p.restart()
	o.driver = o.p.open("$driver", broker.SessionOptions{Transient: true})
	o.link, o.open = nil, nil
	o.reopen()
}

func (o *overtaking) reattach() {
	o.link, o.open = o.s.Attach(), nil
	o.seen = map[string][]int{}
}

// take receives what is there; wait: what comes.
func (o *overtaking) take(wait bool) {
	ctx, cancel := context.WithTimeout(o.t.Context(), patience)
	defer cancel()
	if !wait {
		cancel()
	}
	d, err := o.link.Receive(ctx)
	if err != nil && wait {
		o.rt.Fatal(err)
	}
	if err != nil {
		return
	}
	for _, other := range o.open {
		if other.PacketID() == d.PacketID() {
			o.rt.Fatalf("packet identifier %d is used twice", d.PacketID())
		}
	}
	o.note(o.seen, d)
	o.open = append(o.open, d)
}

// note checks the order within the topic and the quality.
func (o *overtaking) note(list map[string][]int, d mqtt.Delivery) {
	var n int
	if _, err := fmt.Sscan(string(d.Message().Payload), &n); err != nil {
		o.rt.Fatal(err)
	}
	key := fmt.Sprintf("%s at QoS %d", d.Message().Topic, d.QoS())
	if before := list[key]; len(before) > 0 && before[len(before)-1] >= n {
		o.rt.Fatalf("%s: %d comes after %v", key, n, before)
	}
	list[key] = append(list[key], n)
}

// settle ends the oldest that is open, as a broker does that acknowledges in order.
func (o *overtaking) settle() {
	if len(o.open) == 0 {
		return
	}
	d := o.open[0]
	o.open = o.open[1:]
	if d.QoS() == mqtt.ExactlyOnce && d.State() != mqtt.DeliveryReceived {
		if err := received(d); err != nil {
			o.rt.Fatal(err)
		}
	}
	o.note(o.settled, d)
	d.Settle(nil)
}

func (o *overtaking) step() {
	switch action := rapid.IntRange(0, 24).Draw(o.rt, "action"); {
	case action == 0:
		o.restart()
	case action < 4:
		o.changeRules()
	case action < 10:
		o.publish()
	case action == 10 || o.link == nil:
		o.reattach()
	case action < 18:
		o.take(false)
	default:
		o.settle()
	}
}

// TestModelOfLanesNoTopicOvertakesItself whatever becomes of the rules, over restarts: per topic and QoS everything is handed out and
// settled in the order of publication, once, as long as acknowledgements are not lost.
func TestModelOfLanesNoTopicOvertakesItself(t *testing.T) {
	t.Parallel()
	p := newPlant(t, broker.Options{Limits: broker.Limits{Window: 5}, LaneRules: lanesOf})
	rapid.Check(t, func(rt *rapid.T) {
		o := &overtaking{t: t, rt: rt, p: p, settled: map[string][]int{}, rules: `{"a":0,"b":0,"c":1}`}
		o.driver = p.open("$driver", broker.SessionOptions{Transient: true})
		o.reopen()
		subscribe(t, o.s, mqtt.Subscription{Filter: "#", QoS: 2})
		for range rapid.IntRange(20, 80).Draw(rt, "steps") {
			o.step()
		}
		o.reattach()
		for o.s.Queue().Messages > 0 {
			o.take(true)
			o.settle()
		}
		total := 0
		for _, numbers := range o.settled {
			total += len(slices.Compact(numbers))
		}
		if total != o.sent {
			rt.Errorf("%d of %d arrived", total, o.sent)
		}
		if err := p.RemoveSession(t.Context(), "$bridge/a"); err != nil {
			rt.Fatal(err)
		}
	})
}
