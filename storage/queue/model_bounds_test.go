package queue_test

import (
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tidegate/tidegate/mqtt"
)

// modelLoss is what a session lost for a reason, by the audit.
type modelLoss struct {
	session string
	reason  mqtt.Reason
}

type modelCount struct{ messages, bytes uint64 }

func (m *model) lose(session string, reason mqtt.Reason, messages, bytes int64) {
	if messages == 0 {
		return
	}
	c := m.lost[modelLoss{session, reason}]
	m.lost[modelLoss{session, reason}] = modelCount{c.messages + uint64(messages), c.bytes + uint64(bytes)}
}

// removable visits the rows that a removal may take, in their order, until take says no.
func (l *modelLane) removable(r *mqtt.Removal, take func(*mqtt.Queued) (taken, goOn bool)) {
	var kept []*mqtt.Queued
	seen, goOn := 0, true
	for _, d := range l.rows {
		within := d.Position >= r.From && d.Position < r.Below
		if d.Position >= r.From {
			seen++
		}
		suspect := d.QoS == mqtt.ExactlyOnce && seen <= r.Suspects
		taken := false
		if goOn && within && !suspect && d.State == mqtt.DeliveryNew {
			taken, goOn = take(d)
		}
		if !taken {
			kept = append(kept, d)
		}
	}
	l.rows = kept
}

// removal draws which part of which lane is concerned; nil when there is none.
func (m *machine) removal(t *rapid.T) (*mqtt.Removal, *modelLane) {
	client := m.client()
	lane := mqtt.Lane(rapid.IntRange(0, 1).Draw(t, "lane"))
	s := m.model.sessions[client]
	if s == nil || s.lanes[lane] == nil {
		return nil, nil
	}
	l := s.lanes[lane]
	r := &mqtt.Removal{Session: client, Lane: lane, Suspects: rapid.IntRange(0, 3).Draw(t, "suspects")}
	r.From = rapid.Uint64Range(0, l.next).Draw(t, "from")
	r.Below = rapid.Uint64Range(r.From, l.next+1).Draw(t, "below")
	return r, l
}

// overflow removes the oldest, by number, by size or by age.
func (m *machine) overflow(t *rapid.T) {
	r, l := m.removal(t)
	if r == nil {
		return
	}
	switch r.Reason = mqtt.Reason(rapid.IntRange(0, 2).Draw(t, "reason")); r.Reason {
	case mqtt.QueueMessages:
		r.Messages = rapid.Int64Range(1, 5).Draw(t, "messages")
	case mqtt.QueueBytes:
		r.Bytes = rapid.Int64Range(1, 50).Draw(t, "bytes")
	default:
		r.Before = rapid.Uint64Range(1, m.model.nextID).Draw(t, "before")
	}
	var want mqtt.Removed
	l.removable(r, func(d *mqtt.Queued) (taken, goOn bool) {
		if r.Before != 0 && d.MessageID >= r.Before ||
			r.Before == 0 && want.Messages >= r.Messages && want.Bytes >= r.Bytes {
			return false, false
		}
		want.Messages++
		want.Bytes += int64(d.Size)
		return true, true
	})
	m.compare(r, l, want)
}

// expire lets time pass and removes what is over.
func (m *machine) expire(t *rapid.T) {
	m.clock.pass(time.Duration(rapid.IntRange(0, 3).Draw(t, "minutes")) * time.Minute)
	r, l := m.removal(t)
	if r == nil {
		return
	}
	r.Reason, r.Expired = mqtt.Expired, m.queue.Now()
	var want mqtt.Removed
	l.removable(r, func(d *mqtt.Queued) (taken, goOn bool) {
		if !d.Message.Expired(r.Expired) {
			return false, true
		}
		want.Messages++
		want.Bytes += int64(d.Size)
		return true, true
	})
	want.NextExpiry = m.model.sessions[r.Session].nextExpiry(r.Expired)
	m.compare(r, l, want)
}

func (m *machine) compare(r *mqtt.Removal, l *modelLane, want mqtt.Removed) {
	for _, d := range l.rows {
		want.Left = want.Left || d.Position >= r.From && d.Position < r.Below
	}
	m.model.lose(r.Session, r.Reason, want.Messages, want.Bytes)
	if diff := cmp.Diff(want, m.queue.MustRemove(*r)); diff != "" {
		m.t.Fatalf("%+v: %s", *r, diff)
	}
}

// nextExpiry is the first one after a time.
func (s *modelSession) nextExpiry(after time.Time) (next time.Time) {
	for _, l := range s.lanes {
		for _, d := range l.rows {
			if at := d.Message.Expires; at.After(after) && (next.IsZero() || at.Before(next)) {
				next = at
			}
		}
	}
	return next
}

// endSession is what the broker does at the end of a session's expiry.
func (m *machine) endSession(*rapid.T) {
	client := m.client()
	unit := &mqtt.Unit{SessionRemove: client}
	if s := m.model.sessions[client]; s != nil {
		now := m.queue.Now()
		g := mqtt.GivenUp{Session: client, Reason: mqtt.SessionEnded, First: now, Last: now}
		for _, l := range s.snapshot().Lanes {
			g.Messages += uint64(l.Messages)
			g.Bytes += uint64(l.Bytes)
		}
		if g.Messages > 0 {
			unit.GivenUp = append(unit.GivenUp, g)
		}
		m.model.lose(client, mqtt.SessionEnded, int64(g.Messages), int64(g.Bytes))
	}
	m.queue.Must(unit)
	delete(m.model.sessions, client)
}

// power goes off for a while, and what is known of the time after it differs.
func (m *machine) power(t *rapid.T) {
	before := m.queue.Now()
	m.queue.stop()
	off := time.Duration(rapid.IntRange(0, 300).Draw(t, "seconds")) * time.Second
	knew, knows := m.clock.synchronised, rapid.Bool().Draw(t, "synchronised")
	m.clock.reboot(off, knows)
	if knew && knows {
		before = before.Add(off)
	}
	m.open()
	m.restarted()
	if now := m.queue.Now(); !now.Equal(before) {
		t.Fatalf("it is %s after the power was off for %s, want %s", now, off, before)
	}
}

// checkLosses compares the sums of the audit.
func (m *machine) checkLosses(t *rapid.T) {
	got := map[modelLoss]modelCount{}
	for _, g := range m.queue.MustGivenUp() {
		c := got[modelLoss{g.Session, g.Reason}]
		got[modelLoss{g.Session, g.Reason}] = modelCount{c.messages + g.Messages, c.bytes + g.Bytes}
	}
	if diff := cmp.Diff(m.model.lost, got, cmp.AllowUnexported(modelLoss{}, modelCount{})); diff != "" {
		t.Fatalf("audit: %s", diff)
	}
}
