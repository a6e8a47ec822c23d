package broker_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
)

// newLive is a plant with a session that has a share for live data, and a publisher.
func newLive(t *testing.T, limits broker.Limits, share int) (p *plant, driver, s mqtt.Session) {
	t.Helper()
	p = newPlant(t, broker.Options{Limits: limits, LaneRules: lanesOf})
	driver, s = p.openLive(share)
	subscribe(t, s, mqtt.Subscription{Filter: "#", QoS: 2})
	return p, driver, s
}

func (p *plant) openLive(share int) (driver, s mqtt.Session) {
	p.t.Helper()
	return p.open("$driver", broker.SessionOptions{Transient: true}),
		p.open("$bridge/a", broker.SessionOptions{Lanes: allAlike, LiveShare: share})
}

// drainStreams settles so many: l is a live message, h a historical one. Each stream is in order.
func drainStreams(t *testing.T, link mqtt.Link, n int) (streams string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	last := map[bool]int{true: -1, false: -1}
	for range n {
		d, err := link.Receive(ctx)
		if err != nil {
			t.Fatalf("after %q: %v", streams, err)
		}
		stream := "l"
		if d.Historical() {
			stream = "h"
		}
		streams += stream
		var number int
		if _, err := fmt.Sscan(string(d.Message().Payload), &number); err != nil || number <= last[d.Historical()] {
			t.Fatalf("%d comes after %d in its stream: %v", number, last[d.Historical()], err)
		}
		last[d.Historical()] = number
		d.Settle(nil)
	}
	return streams
}

// TestLiveDataHasItsShareOfADrain: what comes while somebody receives does not wait for the end of the backlog, which goes on
// with the rest, and is marked; it gets everything when nothing new waits.
func TestLiveDataHasItsShareOfADrain(t *testing.T) {
	t.Parallel()
	for share, want := range map[int]string{
		25: strings.Repeat("lhhh", 20) + strings.Repeat("h", 39),
		50: strings.Repeat("lh", 20) + strings.Repeat("h", 79),
		80: strings.Repeat("llllh", 5) + strings.Repeat("h", 94),
	} {
		p, driver, s := newLive(t, broker.Limits{}, share)
		putMany(t, driver, "data", 1, 0, 100)
		link := s.Attach()
		if got := drainStreams(t, link, 1); got != "h" {
			t.Errorf("the backlog is not historical")
		}
		putMany(t, driver, "data", 2, 100, 120)
		if q := s.Queue(); q.Messages != 119 || q.Priority != 20 {
			t.Errorf("%+v", q)
		}
		if got := drainStreams(t, link, 119); got != want {
			t.Errorf("share %d: %s, want %s", share, got, want)
		}
		putMany(t, driver, "data", 1, 120, 125)
		if got := drainStreams(t, link, 5); got != "lllll" {
			t.Errorf("without a backlog: %s", got)
		}
		p.queued(s, 0)
	}
}

// TestWhatWasLiveIsHistoricalLater: it was on its way, or waited, when the link broke or the gateway was killed.
func TestWhatWasLiveIsHistoricalLater(t *testing.T) {
	t.Parallel()
	for _, restart := range []bool{false, true} {
		p, driver, s := newLive(t, broker.Limits{}, 50)
		putMany(t, driver, "data", 2, 0, 1)
		link := s.Attach()
		drainStreams(t, link, 1)
		putMany(t, driver, "data", 2, 1, 11)
		live := receive(t, link, "1", mqtt.DeliveryNew)
		if live.Historical() || live.PacketID() <= mqtt.LaneSize {
			t.Errorf("%d is not live", live.PacketID())
		}
		link.Detach()
		putMany(t, driver, "data", 2, 11, 20)
		if restart {
			p.restart()
			_, s = p.openLive(50)
		}
		link = s.Attach()
		again := receive(t, link, "1", mqtt.DeliverySent)
		if !again.Historical() || again.PacketID() != live.PacketID() {
			t.Errorf("identifier %d, was %d", again.PacketID(), live.PacketID())
		}
		again.Settle(nil)
		if got := drainBoth(t, link, 18); got != 18 {
			t.Errorf("%d of 18 are historical", got)
		}
		p.queued(s, 0)
	}
}

// drainBoth settles so many and counts the historical ones.
func drainBoth(t *testing.T, link mqtt.Link, n int) (historical int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for range n {
		d, err := link.Receive(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if d.Historical() {
			historical++
		}
		d.Settle(nil)
	}
	return historical
}

// TestWhatIsLiveStaysCurrent: more than the share takes, and fits into memory, is backlog.
func TestWhatIsLiveStaysCurrent(t *testing.T) {
	t.Parallel()
	p, driver, s := newLive(t, broker.Limits{Window: 4}, 50)
	putMany(t, driver, "data", 1, 0, 50)
	link := s.Attach()
	drainStreams(t, link, 1)
	putMany(t, driver, "data", 1, 50, 100)
	if q := s.Queue(); q.Messages != 99 || q.Priority > 5 {
		t.Errorf("%+v", q)
	}
	drainStreams(t, link, 99)
	p.queued(s, 0)
}

// TestWhatWasParkedIsNotLive when it is sent again.
func TestWhatWasParkedIsNotLive(t *testing.T) {
	t.Parallel()
	p, driver, _ := newLive(t, broker.Limits{}, 50)
	s := p.open("$bridge/a", broker.SessionOptions{Lanes: allAlike, LiveShare: 50, Parking: broker.Parking{Messages: 10, Bytes: 1 << 20}})
	putMany(t, driver, "data", 1, 0, 1)
	link := s.Attach()
	receive(t, link, "0", mqtt.DeliveryNew).Settle(&mqtt.Refusal{Reason: mqtt.NotAuthorized})
	if n, err := p.SendParked(t.Context(), "$bridge/a", nil); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if d := receive(t, link, "0", mqtt.DeliveryNew); !d.Historical() {
		t.Error("it is live")
	}
}

// streams is a session whose share changes all the time, with what it got.
type streams struct {
	t         *testing.T
	rt        *rapid.T
	p         *plant
	driver, s mqtt.Session
	link      mqtt.Link
	share     int
	// off is the first number that was published since there is one stream again.
	off     int
	sent    int
	open    []mqtt.Delivery
	seen    map[int]bool // on this link
	last    map[mqtt.Lane]int
	settled map[int]bool
}

func (m *streams) publish() {
	qos := mqtt.QoS(rapid.IntRange(1, 2).Draw(m.rt, "qos"))
	n := rapid.IntRange(1, 8).Draw(m.rt, "messages")
	putMany(m.t, m.driver, "data", qos, m.sent, m.sent+n)
	m.sent += n
}

func (m *streams) change() {
	before := m.share
	m.share = rapid.SampledFrom([]int{0, 0, 10, 50, 90}).Draw(m.rt, "share")
	if before > 0 && m.share == 0 {
		m.off = m.sent
	}
	m.reopen()
}

func (m *streams) reopen() { m.driver, m.s = m.p.openLive(m.share) }

func (m *streams) restart() {
	m.p.restart()
	m.link, m.open = nil, nil
	m.reopen()
}

func (m *streams) reattach() {
	m.link, m.open = m.s.Attach(), nil
	m.seen, m.last = map[int]bool{}, map[mqtt.Lane]int{0: -1, 1: -1}
}

// take receives what is there; wait: what comes.
func (m *streams) take(wait bool) {
	ctx, cancel := context.WithTimeout(m.t.Context(), patience)
	defer cancel()
	if !wait {
		cancel()
	}
	d, err := m.link.Receive(ctx)
	if err != nil && wait {
		m.rt.Fatal(err)
	}
	if err != nil {
		return
	}
	var n int
	if _, err := fmt.Sscan(string(d.Message().Payload), &n); err != nil {
		m.rt.Fatal(err)
	}
	m.check(d, n)
	m.open = append(m.open, d)
}

func (m *streams) check(d mqtt.Delivery, n int) {
	lane := mqtt.Lane((d.PacketID() - 1) / mqtt.LaneSize)
	if n <= m.last[lane] {
		m.rt.Fatalf("%d comes after %d in lane %d", n, m.last[lane], lane)
	}
	m.last[lane], m.seen[n] = n, true
	if d.Historical() && m.share == 0 || !d.Historical() && m.share > 0 && lane == mqtt.NormalLane {
		m.rt.Fatalf("%d in lane %d with share %d: historical %t", n, lane, m.share, d.Historical())
	}
	for older := 0; older < n && m.share == 0 && n >= m.off; older++ {
		if !m.seen[older] && !m.settled[older] {
			m.rt.Fatalf("%d comes before %d, although there is one stream since %d", n, older, m.off)
		}
	}
}

// settle ends the oldest that is open, as a broker does that acknowledges in order.
func (m *streams) settle() {
	if len(m.open) == 0 {
		return
	}
	d := m.open[0]
	m.open = m.open[1:]
	if d.QoS() == mqtt.ExactlyOnce && d.State() != mqtt.DeliveryReceived {
		if err := received(d); err != nil {
			m.rt.Fatal(err)
		}
	}
	var n int
	if _, err := fmt.Sscan(string(d.Message().Payload), &n); err != nil {
		m.rt.Fatal(err)
	}
	m.settled[n] = true
	d.Settle(nil)
}

func (m *streams) step() {
	switch action := rapid.IntRange(0, 24).Draw(m.rt, "action"); {
	case action == 0:
		m.restart()
	case action < 3:
		m.change()
	case action < 9:
		m.publish()
	case action == 9 || m.link == nil:
		m.reattach()
	case action < 17:
		m.take(false)
	default:
		m.settle()
	}
}

// TestModelOfLiveStreams: whatever becomes of the share, over restarts, each stream is handed out in order, nothing is missing,
// and once there is one stream again it is that of publication.
func TestModelOfLiveStreams(t *testing.T) {
	t.Parallel()
	p := newPlant(t, broker.Options{Limits: broker.Limits{Window: 5}, LaneRules: lanesOf})
	rapid.Check(t, func(rt *rapid.T) {
		m := &streams{t: t, rt: rt, p: p, settled: map[int]bool{}, share: 50}
		m.reopen()
		subscribe(t, m.s, mqtt.Subscription{Filter: "#", QoS: 2})
		for range rapid.IntRange(20, 80).Draw(rt, "steps") {
			m.step()
		}
		m.reattach()
		for m.s.Queue().Messages > 0 {
			m.take(true)
			m.settle()
		}
		if len(m.settled) != m.sent {
			rt.Errorf("%d of %d arrived", len(m.settled), m.sent)
		}
		if err := p.RemoveSession(t.Context(), "$bridge/a"); err != nil {
			rt.Fatal(err)
		}
	})
}

// TestTheEndOfAShareOutlivesWhatWasNeverWritten: what was acknowledged before it was written left no position behind, and nobody
// waits for it after a restart.
func TestTheEndOfAShareOutlivesWhatWasNeverWritten(t *testing.T) {
	t.Parallel()
	p, _, s := newLive(t, broker.Limits{}, 50)
	driver := p.open("$soon", broker.SessionOptions{Class: mqtt.Soon, Transient: true})
	putMany(t, driver, "data", 2, 0, 1)
	link := s.Attach()
	drainStreams(t, link, 1)
	putMany(t, driver, "data", 2, 1, 2)
	drainStreams(t, link, 1)
	for i := 2; i < 40; i++ {
		putLater(t, driver, i)
		drainStreams(t, link, 1)
	}
	p.openLive(0)
	putMany(t, driver, "data", 2, 40, 43)
	p.restart()
	_, s = p.openLive(0)
	expectAll(t, s.Attach(), sequence(40, 43))
}

// putLater publishes without waiting for the disk.
func putLater(t *testing.T, driver mqtt.Session, n int) {
	t.Helper()
	if err := driver.Publish(t.Context(), text("data", fmt.Sprint(n), 1), mqtt.Origin{}, nil); err != nil {
		t.Fatal(err)
	}
}
