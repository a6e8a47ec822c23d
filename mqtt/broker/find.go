package broker

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/tidegate/tidegate/mqtt"
)

// SessionSort is what sessions are sorted by; the identifier decides where that is the same.
type SessionSort int

// The orders.
const (
	SortByID SessionSort = iota
	SortByQueue
	SortBySince
	SortByReceived
	SortBySent
)

// SessionQuery chooses sessions.
type SessionQuery struct {
	// Search is a part of the identifier, the user name or the address, in any case; empty chooses all.
	Search     string
	Sort       SessionSort
	Descending bool
	// Offset and Limit choose from those found.
	Offset, Limit int
}

// shownFilters is how many subscriptions a session in a list has.
const shownFilters = 20

// FindSessions gives a part of the sessions that a query finds, and how many it finds. Of each it has the first 20
// subscriptions. Beyond that part it costs one short look at each session.
func (b *Broker) FindSessions(q SessionQuery) (page []SessionInfo, total int) {
	search := strings.ToLower(q.Search)
	var found []candidate
	for _, s := range b.all() {
		if c := s.candidate(q.Sort); c.matches(search) {
			found = append(found, c)
		}
	}
	slices.SortFunc(found, func(x, y candidate) int {
		order := cmp.Or(cmp.Compare(x.key, y.key), strings.Compare(x.session.id, y.session.id))
		if q.Descending {
			return -order
		}
		return order
	})
	from := min(max(q.Offset, 0), len(found))
	to := min(from+max(q.Limit, 0), len(found))
	for _, c := range found[from:to] {
		page = append(page, c.session.info(shownFilters))
	}
	return page, len(found)
}

// candidate is what choosing and sorting needs of a session.
type candidate struct {
	session           *session
	username, address string
	key               int64
}

func (s *session) candidate(by SessionSort) candidate {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := candidate{session: s, username: s.client.Username, address: s.client.Address}
	switch by {
	case SortByID:
	case SortByQueue:
		c.key, _ = s.queuedLocked()
	case SortBySince:
		if since := s.sinceLocked(); !since.IsZero() {
			c.key = since.UnixNano()
		}
	case SortByReceived:
		c.key = int64(s.received.Load())
	case SortBySent:
		c.key = int64(s.sent.Load())
	}
	return c
}

func (c *candidate) matches(search string) bool {
	return search == "" || strings.Contains(strings.ToLower(c.session.id), search) ||
		strings.Contains(strings.ToLower(c.username), search) || strings.Contains(c.address, search)
}

// sinceLocked is when the client connected, or went; zero when nobody knows. People want wall time.
func (s *session) sinceLocked() time.Time {
	switch {
	case s.conn != nil:
		return s.conn.since
	case !s.disconnected.IsZero():
		return time.Now().Add(-s.broker.now().Sub(s.disconnected))
	}
	return time.Time{}
}

// SessionDetail is one session with all that is known of it.
type SessionDetail struct {
	SessionInfo
	// Filters are the first of its subscriptions, by filter.
	Filters []mqtt.Subscription
	// Will: there is one that is published when the client is lost.
	Will bool
	// Listener took the connection; empty for the gateway's own.
	Listener string
	// ReceiveMaximum and PacketSize are what the client takes at most: messages without an answer, and bytes of a packet;
	// 0 while it is away, and for no limit.
	ReceiveMaximum, PacketSize int
	// QueueMessages and QueueBytes bound its queue.
	QueueMessages, QueueBytes int64
}

// FindSession gives one session, with at most so many subscriptions; false when there is none.
func (b *Broker) FindSession(id string, most int) (SessionDetail, bool) {
	s := b.lookup(id)
	if s == nil {
		return SessionDetail{}, false
	}
	d := SessionDetail{SessionInfo: s.info(most)}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, filter := range d.Subscriptions {
		if sub, still := s.subscriptions[filter]; still {
			d.Filters = append(d.Filters, sub)
		}
	}
	d.Will, d.Listener = s.will != nil, s.client.Listener
	d.QueueMessages, d.QueueBytes = s.limits()
	if s.conn != nil {
		d.PacketSize = s.conn.maxPacket
	}
	if s.link != nil {
		d.ReceiveMaximum = s.link.inflight
	}
	return d, true
}

// firstFilters are the subscribed filters that come first in their order: at most so many, in one look at all of them.
func firstFilters(subscriptions map[string]mqtt.Subscription, most int) []string {
	first := make([]string, 0, min(most, len(subscriptions))+1)
	for filter := range subscriptions {
		at, _ := slices.BinarySearch(first, filter)
		if at == most {
			continue
		}
		first = slices.Insert(first, at, filter)
		first = first[:min(len(first), most)]
	}
	return first
}
