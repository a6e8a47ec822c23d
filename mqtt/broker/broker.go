package broker

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// Options say what a broker works with. Only Store is needed.
type Options struct {
	Store Store
	// Access nil means that everybody may do everything but write to topics that start with $.
	Access Access
	Logger *slog.Logger
	Limits Limits
	// LaneRules understands the rules of SessionOptions.Lanes; nil knows none. What it cannot read are no rules: they give
	// every topic to the normal lane.
	LaneRules func(text string) LaneRules
	// SysInterval is the time between two publications of $SYS, whole seconds: 10 s when zero.
	SysInterval time.Duration
	// Now is the time on which sessions and messages expire; time.Now when nil. It should not step, and go on after a
	// restart, as queue.Queue has it. What is shown to people is wall time.
	Now func() time.Time
}

// Broker routes messages between its sessions and keeps what they are owed. See the package comment for how it runs.
type Broker struct {
	store  *heldStore
	access Access
	logger *slog.Logger
	limits Limits
	now    func() time.Time
	// laneRules is that of Options.
	laneRules func(text string) LaneRules

	topics   topics
	retained retained
	// refreshes are retained too, and not on disk yet.
	refreshes refreshes
	turns     turns
	alarms    alarms
	buffers   packet.Buffers
	doorway   *doorway

	// order is held while a unit gets its place: positions in lanes, retained copies and the store's order agree. No I/O
	// under it. It comes before every other lock.
	order         sync.Mutex
	nextMessageID uint64

	mu       sync.Mutex // guards what follows
	sessions map[string]*session
	// overfull are sessions whose queue is beyond its limit.
	overfull map[*session]struct{}
	// owedWills wait for room.
	owedWills []owedWill
	// clients are connected, maxClients how many were at the same time.
	clients, maxClients int

	trim        chan struct{}
	started     time.Time
	sysInterval time.Duration
	sys         sys
	// rules counts changes of who may do what; see Recheck.
	rules atomic.Uint64

	// received and sent count packets, in and out messages.
	received, sent           atomic.Uint64
	bytesReceived, bytesSent atomic.Uint64
	in, out                  traffic
	connectsTotal, rejected  atomic.Uint64
	// expired counts sessions whose client did not come back in time.
	expired atomic.Uint64

	// revoking are those who take back subscriptions that could not be stored; Run waits for them.
	revoking sync.WaitGroup

	losses   losses
	refusals refusals
	totals   totals
	ages     ages
	// subscriptionBytes is the memory of all subscriptions.
	subscriptionBytes atomic.Int64
	// shared counts subscriptions that are shared.
	shared atomic.Int64
}

// New makes a broker that is not open yet. It starts nothing.
func New(o Options) *Broker {
	b := &Broker{
		store: &heldStore{Store: o.Store}, access: o.Access, logger: o.Logger, limits: o.Limits.withDefaults(), now: o.Now, laneRules: o.LaneRules,
		sessions: map[string]*session{}, overfull: map[*session]struct{}{}, trim: make(chan struct{}, 1),
	}
	if b.access == nil {
		b.access = anybody{}
	}
	if b.logger == nil {
		b.logger = slog.New(slog.DiscardHandler)
	}
	if b.now == nil {
		b.now = time.Now
	}
	b.topics.newGroup = b.newGroup
	b.doorway = newDoorway(b.limits)
	b.alarms.wake = make(chan struct{}, 1)
	b.started, b.sysInterval = time.Now(), o.SysInterval
	orDefault(&b.sysInterval, defaultSysInterval)
	return b
}

// anybody is access without rules.
type anybody struct{}

func (anybody) Authenticate(_ context.Context, login Login) (string, error) {
	return login.Username, nil
}

func (anybody) Begin(context.Context, Login, string) (mqtt.Exchange, error) {
	return nil, mqtt.BadAuthenticationMethod
}
func (anybody) MayPublish(Client, string) bool   { return true }
func (anybody) MaySubscribe(Client, string) bool { return true }

// Open reads sessions, subscriptions, retained messages, inbound identifiers and wills. It comes before everything else,
// once.
func (b *Broker) Open(ctx context.Context) error {
	snapshot, err := b.store.Load(ctx)
	if err != nil {
		return fmt.Errorf("load sessions: %w", err)
	}
	b.nextMessageID = max(1, snapshot.NextMessageID)
	b.loadMarks(snapshot.Marks)
	for _, m := range snapshot.Retained {
		b.retained.put(m)
	}
	now := b.now()
	b.order.Lock()
	defer b.order.Unlock()
	for _, queues := range []bool{true, false} { // members look for the queues of their groups
		for i := range snapshot.Sessions {
			if state := &snapshot.Sessions[i]; isGroupQueue(state.ID) == queues {
				b.restore(state, now)
			}
		}
	}
	b.openGroups()
	b.logger.Info("sessions loaded", "sessions", len(snapshot.Sessions), "retained", len(snapshot.Retained))
	return nil
}

// restoredWillDelay is the least time that a client has to come back after a restart before its will is published.
const restoredWillDelay = 60 * time.Second

// restore makes a session as it was before the stop. All clients are gone now, whatever is stored; those that were
// connected at a crash went just now.
func (b *Broker) restore(state *mqtt.SessionState, now time.Time) {
	s := b.newSession(state.ID, true)
	s.stored, s.restored = true, true
	s.internal = isGroupQueue(s.id)
	s.expiry, s.fresh, s.will = state.Expiry, state.Fresh, state.Will
	s.client = mqtt.Client{ID: state.ID, Username: state.Username, Listener: state.Listener}
	s.disconnected = state.Disconnected
	if s.disconnected.IsZero() {
		s.disconnected = now
	}
	for _, id := range state.Inbound {
		s.putOriginLocked(id, &origin{stage: originHeld})
	}
	b.restoreLanes(s, state)
	for _, sub := range state.Subscriptions {
		s.putSubscriptionLocked(sub)
		b.addSubscription(s, sub)
	}
	b.sessions[s.id] = s
	if s.will != nil {
		s.willAt = now.Add(max(restoredWillDelay, time.Duration(s.will.Delay)*time.Second))
	}
	if s.expiry != mqtt.NeverExpires {
		s.endsAt = s.disconnected.Add(time.Duration(s.expiry) * time.Second)
		if s.endsAt.Before(s.willAt) {
			// Its client gets the time to come back before the will is sent.
			s.endsAt = s.willAt
		}
	}
	s.mu.Lock()
	s.setAlarmLocked()
	s.boundLocked()
	s.mu.Unlock()
}

func (b *Broker) restoreLanes(s *session, state *mqtt.SessionState) {
	if state.Placing != "" {
		s.two = newTwo(b.nextMessageID)
		b.loadPlacing(s, state.Placing)
	}
	for _, l := range state.Lanes {
		to := &s.lane
		switch {
		case l.Lane == mqtt.ParkedLane:
			s.parking = &parking{bounds: Parking{l.Messages, l.Bytes}, next: l.Next, messages: l.Messages, size: l.Bytes}
			continue
		case l.Lane == mqtt.PriorityLane && s.two != nil:
			to = &s.two.priority
		case l.Lane != mqtt.NormalLane:
			continue
		}
		*to = lane{
			id: l.Lane, next: l.Next, messages: l.Messages, size: l.Bytes, spilled: l.Messages > 0, suspects: int(min(l.Messages, int64(b.limits.Window))),
			expires: l.NextExpiry,
		}
		if s.internal {
			to.suspects = 0 // what a group still has was not begun at QoS 2, and is new to whom it goes
		}
		b.totals.add(l.Messages, l.Bytes)
	}
	for l := range s.lanesLocked() {
		if s.two != nil {
			// What was acknowledged before it was written left no position behind.
			l.next = max(l.next, s.two.placing.from[l.id], s.two.live.ended[l.id])
		}
		b.nextMessageID = max(b.nextMessageID, l.next)
	}
}

// lookup finds a session that exists.
func (b *Broker) lookup(id string) *session {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.sessions[id]
}

// all are the sessions that exist, in no order.
func (b *Broker) all() []*session {
	b.mu.Lock()
	defer b.mu.Unlock()
	result := make([]*session, 0, len(b.sessions))
	for _, s := range b.sessions {
		result = append(result, s)
	}
	return result
}

// commitAndWait is for changes that somebody waits for, in the order of all units.
func (b *Broker) commitAndWait(ctx context.Context, unit *mqtt.Unit) error {
	done := make(chan error, 1)
	b.order.Lock()
	b.store.Commit(unit, func(err error) { done <- err })
	b.order.Unlock()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// address is the host of a connection, without the port; a unix socket has none.
func address(c net.Conn) string {
	if host, _, err := net.SplitHostPort(c.RemoteAddr().String()); err == nil {
		return host
	}
	return c.RemoteAddr().Network()
}
