package broker

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/tidegate/tidegate/mqtt"
)

// Counters are the broker as a whole; what counts, counts since the start.
type Counters struct {
	Clients       int
	Sessions      int
	Subscriptions int
	Retained      int
	// Absent are sessions of network clients that are not connected, MaxClients the most that were at the same time, and
	// Expired counts sessions whose client did not come back in time.
	Absent, MaxClients int
	Expired            uint64
	// SharedSubscriptions are those of Subscriptions that are shared.
	SharedSubscriptions int
	// In counts messages that came from clients and from the gateway's own parts, Out those handed to them. Messages of the
	// broker itself, such as $SYS, count in Out only.
	In, Out Traffic
	// Received and Sent are the messages of In and Out; Dropped those that a limit or an expiry gave up, and those at QoS 0 for absent
	// sessions.
	Received uint64
	Sent     uint64
	Dropped  uint64
	// Rejected counts messages that were refused because a queue was full; their publishers were told.
	Rejected uint64
	// Refused counts by limit what was refused.
	Refused Refusals
	// Accepted counts clients that were let in.
	Accepted uint64
	// Packets and bytes of network clients, with all that is no message.
	PacketsReceived, PacketsSent, BytesReceived, BytesSent uint64
	// Connections are all that are open, also those that have not said who they are.
	Connections int
	// Opened counts all that ever were.
	Opened uint64
	// SubscriptionBytes and RetainedBytes are the memory that counts against the limits.
	SubscriptionBytes, RetainedBytes int64
	// GivenUp counts losses by reason.
	GivenUp mqtt.Losses
	// ByListener counts the clients that are connected through each listener, by its ID.
	ByListener map[string]int
	// Queued is what is unsettled in all sessions, QueuedBytes their size, and Inflight those of them that are on their way.
	Queued, QueuedBytes int64
	Inflight            int
}

// SessionInfo is one session.
type SessionInfo struct {
	ID        string
	Connected bool
	Address   string
	Username  string
	// Listener is the ID of the one that it came through, last.
	Listener string
	Protocol string // "3.1", "3.1.1", "5.0", or "internal"
	Since    time.Time
	Expiry   uint32
	// Subscriptions are the first of them, sorted; SubscriptionCount is how many there are.
	Subscriptions     []string
	SubscriptionCount int
	Queue             mqtt.Queue
	Inflight          int
	Received          uint64
	Sent              uint64
}

// Status counts.
func (b *Broker) Status() Counters {
	all := b.all()
	c := Counters{
		Sessions: len(all), Retained: b.retained.size(),
		In: b.in.counted(), Out: b.out.counted(), Accepted: b.connectsTotal.Load(), Rejected: b.rejected.Load(),
		PacketsReceived: b.received.Load(), PacketsSent: b.sent.Load(),
		BytesReceived: b.bytesReceived.Load(), BytesSent: b.bytesSent.Load(),
		GivenUp: b.losses.counted(), Refused: b.refusals.counted(),
		SubscriptionBytes: b.subscriptionBytes.Load(), RetainedBytes: b.retained.memory(), ByListener: map[string]int{},
	}
	c.Dropped = c.GivenUp.Dropped()
	c.Connections, c.Opened = b.doorway.count()
	c.Expired, c.SharedSubscriptions = b.expired.Load(), int(b.shared.Load())
	c.Received, _ = c.In.Total()
	c.Sent, _ = c.Out.Total()
	b.mu.Lock()
	c.Clients, c.MaxClients = b.clients, b.maxClients
	b.mu.Unlock()
	for _, s := range all {
		s.mu.Lock()
		c.Subscriptions += len(s.subscriptions)
		if !s.internal && !s.online.Load() {
			c.Absent++
		}
		messages, bytes := s.queuedLocked()
		c.Queued += messages
		if s.conn != nil {
			c.ByListener[s.client.Listener]++
		}
		c.QueuedBytes += bytes
		c.Inflight += s.inflightLocked()
		s.mu.Unlock()
	}
	return c
}

// Sessions are all sessions, sorted by identifier.
func (b *Broker) Sessions() []SessionInfo {
	all := b.all()
	result := make([]SessionInfo, 0, len(all))
	for _, s := range all {
		result = append(result, s.info(math.MaxInt))
	}
	slices.SortFunc(result, func(x, y SessionInfo) int { return strings.Compare(x.ID, y.ID) })
	return result
}

// info has at most so many subscriptions.
func (s *session) info(most int) SessionInfo {
	info := SessionInfo{ID: s.id, Connected: s.online.Load(), Queue: s.queue(), Received: s.received.Load(), Sent: s.sent.Load()}
	s.mu.Lock()
	defer s.mu.Unlock()
	info.Subscriptions, info.SubscriptionCount = firstFilters(s.subscriptions, most), len(s.subscriptions)
	info.Expiry, info.Inflight, info.Since = s.expiry, s.inflightLocked(), s.sinceLocked()
	info.Address, info.Username, info.Listener = s.client.Address, s.client.Username, s.client.Listener
	if s.internal {
		info.Protocol = "internal"
	}
	if s.conn != nil {
		info.Protocol = protocolName(s.conn.version)
	}
	return info
}
