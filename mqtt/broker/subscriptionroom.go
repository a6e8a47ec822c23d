package broker

import (
	"strings"

	"github.com/tidegate/tidegate/mqtt"
)

// tooDeep: a topic or filter of this client has more levels than a tree of topics shall hold.
func (c *conn) tooDeep(topic string) bool {
	limit := c.broker.limits.TopicLevels
	if len(topic) < limit || strings.Count(topic, "/") < limit {
		return false
	}
	c.broker.refused(LimitTopicLevels, c.client.ID)
	return true
}

// subscriptionRoom is what a SUBSCRIBE may add, while it is looked at.
type subscriptionRoom struct {
	number int
	bytes  int64
	total  int64
}

func (c *conn) roomForSubscriptions() subscriptionRoom {
	limits, s := &c.broker.limits, c.session
	s.mu.Lock()
	defer s.mu.Unlock()
	return subscriptionRoom{
		number: limits.Subscriptions - len(s.subscriptions), bytes: limits.SubscriptionBytes - s.subscriptionBytes,
		total: limits.TotalSubscriptionBytes - c.broker.subscriptionBytes.Load(),
	}
}

// take reports whether there is room for a filter, and uses it up. One that is there already takes none.
func (r *subscriptionRoom) take(c *conn, filter string) bool {
	s, size := c.session, subscriptionSize(filter)
	s.mu.Lock()
	_, known := s.subscriptions[filter]
	s.mu.Unlock()
	switch {
	case known:
		return true
	case r.number <= 0:
		c.broker.refused(LimitSubscriptions, c.client.ID)
	case r.bytes < size:
		c.broker.refused(LimitSubscriptionBytes, c.client.ID)
	case r.total < size:
		c.broker.refused(LimitTotalSubscriptionBytes, c.client.ID)
	default:
		r.number--
		r.bytes -= size
		r.total -= size
		return true
	}
	return false
}

// subscriptionSize is about the memory of a subscription: its entries in the session and in the tree, and all levels, as if
// no other filter had them.
func subscriptionSize(filter string) int64 {
	const entries = 256
	return entries + int64(len(filter)) + int64(1+strings.Count(filter, "/"))*levelSize("")
}

func (s *session) putSubscriptionLocked(sub mqtt.Subscription) {
	if _, known := s.subscriptions[sub.Filter]; !known {
		s.countSubscriptionLocked(sub.Filter, 1)
	}
	if s.subscriptions == nil {
		s.subscriptions = map[string]mqtt.Subscription{}
	}
	s.subscriptions[sub.Filter] = sub
}

func (s *session) dropSubscriptionLocked(filter string) (existed bool) {
	if _, existed = s.subscriptions[filter]; existed {
		s.countSubscriptionLocked(filter, -1)
		delete(s.subscriptions, filter)
	}
	return existed
}

// countSubscriptionLocked counts one more of this filter, or with -1 one less.
func (s *session) countSubscriptionLocked(filter string, one int64) {
	size := one * subscriptionSize(filter)
	if isShared(filter) {
		s.broker.shared.Add(one)
	}
	s.subscriptionBytes += size
	s.broker.subscriptionBytes.Add(size)
}
