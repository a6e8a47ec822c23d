package broker

import (
	"errors"
	"os"
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/mqtt"
)

// Limit names a bound of Limits, for counting what it refused. Bounds of queues count in mqtt.Losses.
type Limit int

// The limits that refuse, or slow down.
const (
	LimitClients Limit = iota
	LimitStrangers
	LimitConnectRate
	LimitTotalConnectRate
	LimitConnectTimeout
	LimitSessions
	LimitPacketSize
	LimitPublishRate
	LimitTopicLevels
	LimitSubscriptions
	LimitSubscriptionBytes
	LimitTotalSubscriptionBytes
	LimitRetained
	LimitRetainedBytes
	// LimitProxies counts connections that did not come from a trusted proxy with a right PROXY header.
	LimitProxies
	// LimitCount is how many there are.
	LimitCount
)

var limitNames = [LimitCount]string{
	"clients", "strangers", "connect-rate", "total-connect-rate", "connect-timeout", "sessions", "packet-size", "publish-rate",
	"topic-levels", "subscriptions", "subscription-bytes", "total-subscription-bytes", "retained", "retained-bytes", "proxies",
}

// String is the name in metrics and in $SYS.
func (l Limit) String() string { return limitNames[l] }

// Refusals counts by limit: connections, packets, messages, or subscriptions, and of LimitPublishRate the messages that
// had to wait.
type Refusals [LimitCount]uint64

// refusals counts, and keeps the log to a line per limit and while.
type refusals struct {
	counts [LimitCount]atomic.Uint64
	logged [LimitCount]atomic.Int64 // unix seconds
}

// refusalSilence is how long a limit that goes on refusing is not logged again, in seconds.
const refusalSilence = 60

func (r *refusals) counted() (counts Refusals) {
	for i := range r.counts {
		counts[i] = r.counts[i].Load()
	}
	return counts
}

// refused counts, and logs the first one in a while; who is the address or the client.
func (b *Broker) refused(limit Limit, who string) {
	total := b.refusals.counts[limit].Add(1)
	now := time.Now().Unix()
	last := b.refusals.logged[limit].Load()
	if now-last >= refusalSilence && b.refusals.logged[limit].CompareAndSwap(last, now) {
		b.logger.Warn("a limit of the broker was reached", "limit", limit.String(), "by", who, "total", total)
	}
}

// countLimit counts packets that were not read because of a limit.
func (c *conn) countLimit(err error) {
	code, _ := errors.AsType[mqtt.ReasonCode](err)
	switch {
	case code == mqtt.PacketTooLarge:
		c.broker.refused(LimitPacketSize, c.client.Address)
	case c.session == nil && errors.Is(err, os.ErrDeadlineExceeded):
		c.broker.refused(LimitConnectTimeout, c.client.Address)
	}
}
