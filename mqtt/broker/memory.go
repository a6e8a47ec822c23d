package broker

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/tidegate/tidegate/mqtt"
)

// Memory is a Store without a disk: for tests, and for brokers whose sessions may be forgotten. It behaves like the one
// on disk otherwise: units are committed in groups, in their order, on the goroutine of Run. What it holds outlives a
// Broker, so that a restart can be played.
type Memory struct {
	linger time.Duration
	wake   chan struct{}

	mu      sync.Mutex // guards everything that follows
	pending []pendingUnit
	urgent  bool
	closed  bool

	sessions  map[string]*memorySession
	retained  map[string]*mqtt.Message
	marks     []mqtt.Mark
	givenUp   []mqtt.GivenUp
	messageID uint64
	failure   error
}

// pendingUnit is a unit, or a removal.
type pendingUnit struct {
	unit    *mqtt.Unit
	done    mqtt.Settle
	removal *mqtt.Removal
	removed func(mqtt.Removed, error)
}

func (p *pendingUnit) settle(removed mqtt.Removed, err error) {
	switch {
	case p.removal != nil:
		p.removed(removed, err)
	case p.done != nil:
		p.done(err)
	}
}

type memorySession struct {
	state         mqtt.SessionState
	subscriptions map[string]mqtt.Subscription
	inbound       map[uint16]struct{}
	lanes         map[mqtt.Lane]*memoryLane
}

type memoryLane struct {
	// rows are sorted by position: units come in that order.
	rows []*mqtt.Queued
	next uint64
}

// lane is there for whoever writes to it.
func (s *memorySession) lane(id mqtt.Lane) *memoryLane {
	if s.lanes[id] == nil {
		s.lanes[id] = &memoryLane{}
	}
	return s.lanes[id]
}

var _ Store = (*Memory)(nil)

// ErrClosed is what a store answers after its Run ended.
var ErrClosed = errors.New("the store is closed")

// NewMemory makes an empty store. linger is how long units of class Soon may wait.
func NewMemory(linger time.Duration) *Memory {
	return &Memory{
		linger: linger, wake: make(chan struct{}, 1),
		sessions: map[string]*memorySession{}, retained: map[string]*mqtt.Message{},
	}
}

// Fail makes every later unit fail with err, until it is called with nil.
func (m *Memory) Fail(err error) {
	m.mu.Lock()
	m.failure = err
	m.mu.Unlock()
}

// Run commits until ctx ends, and then what still waits. It may be run again.
func (m *Memory) Run(ctx context.Context) error {
	m.mu.Lock()
	m.closed = false
	m.mu.Unlock()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-m.wake:
			m.wait(ctx)
			m.commit(m.take(false))
		}
	}
	m.commit(m.take(true))
	return nil
}

// wait lets a group grow until somebody waits for it.
func (m *Memory) wait(ctx context.Context) {
	timer := time.NewTimer(m.linger)
	defer timer.Stop()
	for !m.isUrgent() {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			return
		case <-m.wake:
		}
	}
}

func (m *Memory) isUrgent() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.urgent
}

func (m *Memory) take(last bool) []pendingUnit {
	m.mu.Lock()
	defer m.mu.Unlock()
	group := m.pending
	m.pending, m.urgent = nil, false
	m.closed = m.closed || last
	return group
}

func (m *Memory) commit(group []pendingUnit) {
	outcomes := make([]error, len(group))
	removed := make([]mqtt.Removed, len(group))
	m.mu.Lock()
	for i, p := range group {
		outcomes[i] = m.failure
		switch {
		case m.failure != nil:
		case p.removal != nil:
			removed[i] = m.removeLocked(p.removal)
		default:
			m.applyLocked(p.unit)
		}
	}
	m.mu.Unlock()
	for i := range group {
		group[i].settle(removed[i], outcomes[i])
	}
}

// Admit never waits: memory has no queue in front of it.
func (m *Memory) Admit(ctx context.Context, _ int) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return ErrClosed
	}
	return cmp.Or(m.failure, ctx.Err())
}

// Commit puts a unit at the end.
func (m *Memory) Commit(unit *mqtt.Unit, done mqtt.Settle) {
	m.add(pendingUnit{unit: unit, done: done}, unit.Class == mqtt.Now)
}

// Remove makes one step of a removal behind all units.
func (m *Memory) Remove(removal mqtt.Removal, done func(mqtt.Removed, error)) {
	m.add(pendingUnit{removal: &removal, removed: done}, true)
}

func (m *Memory) add(p pendingUnit, urgent bool) {
	m.mu.Lock()
	closed := m.closed
	if !closed {
		m.pending = append(m.pending, p)
		m.urgent = m.urgent || urgent
	}
	m.mu.Unlock()
	if closed {
		p.settle(mqtt.Removed{}, ErrClosed)
		return
	}
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

func (m *Memory) applyLocked(u *mqtt.Unit) {
	m.applySessionLocked(u)
	for _, r := range u.Retained {
		if len(r.Payload) == 0 {
			delete(m.retained, r.Topic)
		} else {
			m.retained[r.Topic] = r
		}
	}
	if s := m.sessions[u.InboundClear]; s != nil {
		clear(s.inbound)
	}
	if s := m.sessions[u.InboundAdd.Session]; s != nil {
		s.inbound[u.InboundAdd.PacketID] = struct{}{}
	}
	if s := m.sessions[u.InboundRemove.Session]; s != nil {
		delete(s.inbound, u.InboundRemove.PacketID)
	}
	if u.Mark != nil {
		m.marks = append(m.marks, *u.Mark)
	}
	m.marks = slices.DeleteFunc(m.marks, func(k mqtt.Mark) bool { return k.At.Before(u.ForgetMarks) })
	m.givenUp = append(m.givenUp, u.GivenUp...)
	m.messageID = max(m.messageID, u.MessageID)
	for _, q := range u.Deliveries {
		if s := m.sessions[q.Session]; s != nil && q.ClaimWrite() {
			l := s.lane(q.Lane)
			l.rows = append(l.rows, &mqtt.Queued{
				Session: q.Session, Lane: q.Lane, Position: q.Position, MessageID: q.MessageID, Message: q.Message,
				QoS: q.QoS, Retain: q.Retain, Subscriptions: q.Subscriptions, Size: q.Size,
			})
			l.next = max(l.next, q.Position+1)
		}
	}
	for _, q := range u.Received {
		if l, i := m.findLocked(q); l != nil {
			l.rows[i].State = mqtt.DeliveryReceived
		}
	}
	for _, q := range u.Finished {
		if l, i := m.findLocked(q); l != nil {
			l.rows = slices.Delete(l.rows, i, i+1)
		}
	}
}

// memoryStep is how many deliveries one removal takes.
const memoryStep = 100

func (m *Memory) removeLocked(r *mqtt.Removal) (removed mqtt.Removed) {
	if m.sessions[r.Session] == nil {
		return removed
	}
	s := m.sessions[r.Session].lane(r.Lane)
	wanted := *r
	seen := 0
	s.rows = slices.DeleteFunc(s.rows, func(q *mqtt.Queued) bool {
		if q.Position < r.From || q.Position >= r.Below || removed.More {
			return false
		}
		if enough := wanted.Messages <= 0 && wanted.Bytes <= 0; wanted.Choose != nil && !enough {
			removed.Next = q.Position + 1
		}
		seen++
		suspect := q.QoS == mqtt.ExactlyOnce && seen <= r.Suspects
		if suspect || q.State != mqtt.DeliveryNew || !takes(&wanted, q) {
			return false
		}
		removed.Messages++
		removed.Bytes += int64(q.Size)
		removed.More = removed.Messages == memoryStep
		m.givenUp = append(m.givenUp, mqtt.GivenUp{
			Session: r.Session, Reason: r.Reason, Topic: q.Message.Topic, Messages: 1, Bytes: uint64(q.Size),
		})
		return true
	})
	for _, q := range s.rows {
		if q.Position >= r.From && q.Position < r.Below {
			removed.Left = true
		}
		if at := q.Message.Expires; at.After(r.Expired) && (removed.NextExpiry.IsZero() || at.Before(removed.NextExpiry)) {
			removed.NextExpiry = at
		}
	}
	return removed
}

// GivenUp is the audit, oldest first.
func (m *Memory) GivenUp() []mqtt.GivenUp {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.givenUp)
}

func (m *Memory) applySessionLocked(u *mqtt.Unit) {
	delete(m.sessions, u.SessionRemove)
	if u.Session != nil {
		m.putSessionLocked(u.Session, u.SessionReset)
	}
	for _, group := range u.Groups {
		m.putSessionLocked(group, false)
	}
	if s := m.sessions[u.SubscriptionsOf]; s != nil {
		for _, filter := range u.Unsubscribe {
			delete(s.subscriptions, filter)
		}
		for _, sub := range u.Subscribe {
			s.subscriptions[sub.Filter] = sub
		}
	}
}

func (m *Memory) putSessionLocked(state *mqtt.SessionState, reset bool) {
	s := m.sessions[state.ID]
	if s == nil || reset {
		s = &memorySession{subscriptions: map[string]mqtt.Subscription{}, inbound: map[uint16]struct{}{}, lanes: map[mqtt.Lane]*memoryLane{}}
		m.sessions[state.ID] = s
	}
	s.state = *state
}

// findLocked finds the row of a delivery; the lane is nil when there is none.
func (m *Memory) findLocked(q *mqtt.Queued) (*memoryLane, int) {
	s := m.sessions[q.Session]
	if s == nil || s.lanes[q.Lane] == nil {
		return nil, 0
	}
	l := s.lanes[q.Lane]
	i, found := slices.BinarySearchFunc(l.rows, q.Position, comparePosition)
	if !found || l.rows[i].MessageID != q.MessageID {
		return nil, 0
	}
	return l, i
}

func comparePosition(q *mqtt.Queued, position uint64) int { return cmp.Compare(q.Position, position) }

// Backlog reads what was committed.
func (m *Memory) Backlog(
	ctx context.Context, session string, lane mqtt.Lane, from uint64, limit, maxBytes int,
) ([]*mqtt.Queued, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.sessions[session]
	if s == nil || s.lanes[lane] == nil {
		return nil, ctx.Err()
	}
	rows := s.lanes[lane].rows
	var result []*mqtt.Queued
	i, _ := slices.BinarySearchFunc(rows, from, comparePosition)
	for bytes := 0; i < len(rows) && len(result) < limit && bytes <= maxBytes; i++ {
		q := rows[i]
		bytes += q.Size
		row := &mqtt.Queued{
			Session: q.Session, Lane: q.Lane, Position: q.Position, MessageID: q.MessageID, Message: q.Message,
			QoS: q.QoS, Retain: q.Retain, Subscriptions: q.Subscriptions, State: q.State, Size: q.Size,
		}
		row.MarkWritten()
		result = append(result, row)
	}
	return result, ctx.Err()
}

func (l *memoryLane) state(id mqtt.Lane) mqtt.LaneState {
	state := mqtt.LaneState{Lane: id, Next: l.next, Messages: int64(len(l.rows))}
	for _, q := range l.rows {
		state.Bytes += int64(q.Size)
		if at := q.Message.Expires; !at.IsZero() && (state.NextExpiry.IsZero() || at.Before(state.NextExpiry)) {
			state.NextExpiry = at
		}
	}
	return state
}

// Load reads everything but the queues.
func (m *Memory) Load(ctx context.Context) (mqtt.Snapshot, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	snapshot := mqtt.Snapshot{NextMessageID: m.messageID + 1, Generation: "memory", Taken: time.Now(), Marks: slices.Clone(m.marks)}
	for _, s := range m.sessions {
		state := s.state
		for _, sub := range s.subscriptions {
			state.Subscriptions = append(state.Subscriptions, sub)
		}
		for id := range s.inbound {
			state.Inbound = append(state.Inbound, id)
		}
		state.Lanes = nil
		for id, l := range s.lanes {
			state.Lanes = append(state.Lanes, l.state(id))
		}
		snapshot.Sessions = append(snapshot.Sessions, state)
	}
	for _, r := range m.retained {
		snapshot.Retained = append(snapshot.Retained, r)
	}
	return snapshot, ctx.Err()
}
