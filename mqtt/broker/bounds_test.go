package broker_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// queued waits until a session has this many messages.
func (p *plant) queued(s mqtt.Session, want int64) {
	p.t.Helper()
	eventually(p.t, fmt.Sprintf("%d messages are queued", want), func() bool { return s.Queue().Messages == want })
}

// rows are the payloads in the store.
func (p *plant) rows(session string) (payloads []string) {
	p.t.Helper()
	rows, err := p.store.Backlog(p.t.Context(), session, 0, 0, 1<<30, 1<<30)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, row := range rows {
		payloads = append(payloads, string(row.Message.Payload))
	}
	return payloads
}

// audited sums the lines of the audit.
func (p *plant) audited(session string, reason mqtt.Reason) (messages uint64) {
	for _, g := range p.store.GivenUp() {
		if g.Session == session && g.Reason == reason {
			messages += g.Messages
		}
	}
	return messages
}

func sequence(from, to int) (payloads []string) {
	for i := from; i < to; i++ {
		payloads = append(payloads, fmt.Sprint(i))
	}
	return payloads
}

func expectAll(t testing.TB, link mqtt.Link, payloads []string) {
	t.Helper()
	for _, payload := range payloads {
		d, err := link.Receive(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if string(d.Message().Payload) != payload {
			t.Fatalf("got %s, want %s", d.Message().Payload, payload)
		}
		d.Settle(nil)
	}
}

// TestAFullQueueGivesUpTheOldest: at every quality, in messages and in bytes, but never what is in flight.
func TestAFullQueueGivesUpTheOldest(t *testing.T) {
	t.Parallel()
	limits := map[string]broker.Limits{
		"messages":      {Window: 4, QueueMessages: 50},
		"bytes":         {Window: 4, QueueBytes: 50 * 4}, // topic and three digits
		"total":         {Window: 4, TotalMessages: 50},
		"all in memory": {QueueMessages: 50},
	}
	for name, limit := range limits {
		for qos := mqtt.AtLeastOnce; qos <= mqtt.ExactlyOnce; qos++ {
			t.Run(fmt.Sprintf("%s, QoS %d", name, qos), func(t *testing.T) { checkOldestGo(t, limit, qos) })
		}
	}
}

func checkOldestGo(t *testing.T, limits broker.Limits, qos mqtt.QoS) {
	p := newPlant(t, broker.Options{Limits: limits})
	driver := p.open("$driver", broker.SessionOptions{Transient: true})
	s := p.open("$bridge/a", broker.SessionOptions{})
	subscribe(t, s, mqtt.Subscription{Filter: "#", QoS: 2})
	link := s.Attach()
	for i := 100; i < 102; i++ {
		put(t, driver, text("t", fmt.Sprint(i), qos), mqtt.Origin{})
		receive(t, link, fmt.Sprint(i), mqtt.DeliveryNew)
	}
	link.Detach()
	for i := 102; i < 500; i++ {
		put(t, driver, text("t", fmt.Sprint(i), qos), mqtt.Origin{})
	}
	p.queued(s, 50)
	eventually(t, "the store has what is queued", func() bool { return len(p.rows("$bridge/a")) == 50 })
	if q := s.Queue(); q.Dropped != 350 || p.Status().Dropped != 350 {
		t.Errorf("%d dropped, %d in all, want 350", q.Dropped, p.Status().Dropped)
	}
	link = s.Attach()
	receive(t, link, "100", mqtt.DeliverySent).Settle(nil)
	receive(t, link, "101", mqtt.DeliverySent).Settle(nil)
	expectAll(t, link, sequence(452, 500))
	p.queued(s, 0)
	lost := uint64(0)
	for reason := range mqtt.Reasons {
		lost += p.audited("$bridge/a", reason)
	}
	if lost != 350 {
		t.Errorf("the audit has %d messages, want 350", lost)
	}
}

// TestAfterARestartWhatMayHaveBeenSentStays: the other side may know the identifiers of QoS 2.
func TestAfterARestartWhatMayHaveBeenSentStays(t *testing.T) {
	t.Parallel()
	p := newPlant(t, broker.Options{Limits: broker.Limits{Window: 4}})
	driver := p.open("$driver", broker.SessionOptions{Transient: true})
	s := p.open("$bridge/a", broker.SessionOptions{})
	subscribe(t, s, mqtt.Subscription{Filter: "#", QoS: 2})
	for i := range 100 {
		put(t, driver, text("t", fmt.Sprint(i), 2), mqtt.Origin{})
	}
	p.stop()
	p.options.Limits.QueueMessages = 20
	p.start()
	s = p.open("$bridge/a", broker.SessionOptions{})
	p.queued(s, 20)
	link := s.Attach()
	for i := range 4 {
		receive(t, link, fmt.Sprint(i), mqtt.DeliverySent).Settle(nil)
	}
	expectAll(t, link, sequence(84, 100))
}

func TestTheLongestQueuePaysForAll(t *testing.T) {
	t.Parallel()
	p := newPlant(t, broker.Options{Limits: broker.Limits{Window: 4, TotalMessages: 300}})
	driver := p.open("$driver", broker.SessionOptions{Transient: true})
	long, short := p.open("$long", broker.SessionOptions{}), p.open("$short", broker.SessionOptions{})
	subscribe(t, long, mqtt.Subscription{Filter: "#", QoS: 1})
	subscribe(t, short, mqtt.Subscription{Filter: "b", QoS: 1})
	for i := range 400 {
		put(t, driver, text("a", fmt.Sprint(i), 1), mqtt.Origin{})
		if i%10 == 0 {
			put(t, driver, text("b", "b", 1), mqtt.Origin{})
		}
	}
	p.queued(long, 260)
	p.queued(short, 40)
	if short.Queue().Dropped != 0 || p.audited("$long", mqtt.TotalFull) != 180 {
		t.Errorf("%d of the short queue dropped, %d of the long one", short.Queue().Dropped, p.audited("$long", mqtt.TotalFull))
	}
	p.restart()
	p.queued(p.open("$long", broker.SessionOptions{}), 260)
	if got := p.Status().Queued; got != 300 {
		t.Errorf("%d queued after a restart, want 300", got)
	}
}

func TestRejectRefusesForAllReceivers(t *testing.T) {
	t.Parallel()
	p := newPlant(t, broker.Options{Limits: broker.Limits{
		Overflow: broker.Reject, QueueMessages: 2, RefusalPause: 300 * time.Millisecond,
	}})
	full, other := p.open("$full", broker.SessionOptions{}), p.open("$other", broker.SessionOptions{QueueMessages: 100})
	subscribe(t, full, mqtt.Subscription{Filter: "t", QoS: 2})
	subscribe(t, other, mqtt.Subscription{Filter: "#", QoS: 2})
	pub := p.v5("pub", 0)
	pub.publish("t", "1", mqtt.AtLeastOnce, 1)
	pub.publish("t", "2", mqtt.ExactlyOnce, 2)
	for qos, kind := range map[mqtt.QoS]packet.Type{1: packet.PUBACK, 2: packet.PUBREC} {
		pub.send(&packet.Publish{Topic: "t", Payload: []byte("no"), QoS: qos, PacketID: 3})
		pub.expectAck(kind, 3, mqtt.QuotaExceeded)
	}
	driver := p.open("$driver", broker.SessionOptions{Class: mqtt.Soon, Transient: true})
	err := driver.Publish(t.Context(), text("t", "no", 1), mqtt.Origin{}, func(error) { t.Error("settled after a refusal") })
	if !errors.Is(err, mqtt.QuotaExceeded) {
		t.Errorf("a driver hears %v, want the quota", err)
	}
	pub.publish("elsewhere", "3", mqtt.AtLeastOnce, 4) // nobody else waits for a full queue
	if n := other.Queue().Messages; n != 3 {
		t.Errorf("the other receiver has %d messages, want 3", n)
	}
	if n := p.Status().Rejected; n != 3 {
		t.Errorf("%d rejected, want 3", n)
	}

	old := p.v3("old", true)
	old.send(&packet.Publish{Topic: "t", Payload: []byte("no"), QoS: 1, PacketID: 1})
	// What comes behind it must not overtake it.
	old.send(&packet.Publish{Topic: "elsewhere", Payload: []byte("no"), QoS: 1, PacketID: 2})
	old.ping()
	started := time.Now()
	old.expectClosed()
	if took := time.Since(started); took < 100*time.Millisecond {
		t.Errorf("disconnected after %s", took)
	}
	if n := other.Queue().Messages; n != 3 {
		t.Errorf("the other receiver has %d messages, want 3", n)
	}

	link := full.Attach()
	receive(t, link, "1", mqtt.DeliveryNew).Settle(nil)
	pub.publish("t", "4", mqtt.AtLeastOnce, 5)
}

func TestTotalRejects(t *testing.T) {
	t.Parallel()
	p := newPlant(t, broker.Options{Limits: broker.Limits{Overflow: broker.Reject, TotalBytes: 100}})
	s := p.open("$s", broker.SessionOptions{})
	subscribe(t, s, mqtt.Subscription{Filter: "#", QoS: 1})
	pub := p.v5("pub", 0)
	pub.publish("t", string(make([]byte, 80)), mqtt.AtLeastOnce, 1)
	pub.send(&packet.Publish{Topic: "t", Payload: make([]byte, 80), QoS: 1, PacketID: 2})
	pub.expectAck(packet.PUBACK, 2, mqtt.QuotaExceeded)
	link := s.Attach()
	d, err := link.Receive(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	d.Settle(nil)
	pub.publish("t", string(make([]byte, 80)), mqtt.AtLeastOnce, 3)
}

// TestWhatIsTooOldGoes also across a restart, and not what is in flight.
func TestWhatIsTooOldGoes(t *testing.T) {
	t.Parallel()
	clock := newClock()
	p := newPlant(t, broker.Options{Now: clock.now, Limits: broker.Limits{Window: 4, QueueAge: time.Hour}})
	driver := p.open("$driver", broker.SessionOptions{Transient: true})
	s := p.open("$s", broker.SessionOptions{})
	subscribe(t, s, mqtt.Subscription{Filter: "#", QoS: 1})
	link := s.Attach()
	for i := range 20 {
		put(t, driver, text("t", fmt.Sprint(i), 1), mqtt.Origin{})
	}
	receive(t, link, "0", mqtt.DeliveryNew)
	link.Detach()
	p.marked(clock)
	clock.add(30 * time.Minute)
	for i := 20; i < 40; i++ {
		put(t, driver, text("t", fmt.Sprint(i), 1), mqtt.Origin{})
	}
	p.marked(clock)
	clock.add(27 * time.Minute)
	pause(2500 * time.Millisecond) // a sweep finds nothing
	if n := s.Queue().Messages; n != 40 {
		t.Fatalf("%d messages before the time, want 40", n)
	}
	clock.add(3 * time.Minute)
	p.queued(s, 21)
	if n := p.audited("$s", mqtt.QueueAge); n != 19 {
		t.Errorf("the audit has %d messages, want 19", n)
	}
	p.restart()
	clock.add(30 * time.Minute)
	s = p.open("$s", broker.SessionOptions{})
	p.queued(s, 0) // at QoS 1 nothing may be known to the other side
}

// marked waits until the broker has noted which messages came before now.
func (p *plant) marked(clock *clock) {
	p.t.Helper()
	clock.add(time.Minute)
	eventually(p.t, "a mark was made", func() bool {
		snapshot, err := p.store.Load(p.t.Context())
		last := len(snapshot.Marks) - 1
		return err == nil && last >= 0 && snapshot.Marks[last].MessageID == snapshot.NextMessageID
	})
}

// TestExpiredLeaveTheStore although nobody fetches them.
func TestExpiredLeaveTheStore(t *testing.T) {
	t.Parallel()
	for _, window := range []int{4, 1000} {
		t.Run(fmt.Sprintf("window %d", window), func(t *testing.T) {
			clock := newClock()
			p := newPlant(t, broker.Options{Now: clock.now, Limits: broker.Limits{Window: window}})
			driver := p.open("$driver", broker.SessionOptions{Transient: true})
			s := p.open("$s", broker.SessionOptions{})
			subscribe(t, s, mqtt.Subscription{Filter: "#", QoS: 2})
			link := s.Attach()
			for i := range 300 {
				m := text("t", fmt.Sprint(i), 2)
				switch i % 3 {
				case 0:
					m.Expires = clock.now().Add(time.Minute)
				case 1:
					m.Expires = clock.now().Add(time.Hour)
				}
				put(t, driver, m, mqtt.Origin{})
			}
			receive(t, link, "0", mqtt.DeliveryNew) // in flight
			link.Detach()
			clock.add(time.Minute)
			p.queued(s, 201)
			clock.add(time.Hour)
			p.queued(s, 101)
			eventually(t, "the store has what is queued", func() bool { return len(p.rows("$s")) == 101 })
			if n := p.audited("$s", mqtt.Expired); n != 199 {
				t.Errorf("the audit has %d messages, want 199", n)
			}
			p.restart()
			s = p.open("$s", broker.SessionOptions{})
			link = s.Attach()
			receive(t, link, "0", mqtt.DeliverySent)
			receive(t, link, "2", mqtt.DeliverySent)
		})
	}
}
