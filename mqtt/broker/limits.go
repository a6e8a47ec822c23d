package broker

import (
	"time"

	"github.com/tidegate/tidegate/mqtt"
)

// Limits bound what clients can make the broker use. A zero value means the default.
type Limits struct {
	// Clients is how many network clients may be connected: default 10,000.
	Clients int
	// Sessions is how many may exist, connected or not: default 100,000.
	Sessions int
	// PacketSize is the largest packet a client may send, in bytes: default 1 MiB, at most 256 MiB.
	PacketSize int
	// ReceiveMaximum is how many unacknowledged publishes are accepted from a client of MQTT 5, and sent to any client:
	// default 1,000, at most 32,000.
	ReceiveMaximum int
	// TopicAliases is how many topic aliases a client may use, and how many are used towards it: default 64.
	TopicAliases int
	// KeepAlive is the longest keep alive of clients of MQTT 5: who asks for a longer one, or for none, is told this one.
	// Default 1 h, at most 18 h. Earlier versions have no way to tell.
	KeepAlive time.Duration
	// Window and WindowBytes bound what a session keeps in memory of its queue while its client is there, twice for a lane
	// whose backlog is on disk: default twice ReceiveMaximum and 4 MiB. A session whose client is away keeps 1/32 of them.
	Window, WindowBytes int
	// QueueMessages and QueueBytes bound the queue of a session; see Overflow: default
	// 10,000,000 messages and 4 GiB for durable sessions.
	QueueMessages, QueueBytes int64
	// QueueAge bounds how long a message waits in the queue of a durable session; a hundredth more may pass. Default
	// 90 days.
	QueueAge time.Duration
	// TotalMessages and TotalBytes bound the queues of all durable sessions together: the oldest of the longest goes.
	// Default 20,000,000 messages and 8 GiB.
	TotalMessages, TotalBytes int64
	// Overflow is what happens when a durable queue is full: DropOldest, the default, or Reject.
	Overflow Overflow
	// MemoryMessages and MemoryBytes are the same for sessions that end with their connection: default 10,000 and 16 MiB.
	MemoryMessages, MemoryBytes int64
	// QueueQoS0 and QueueQoS0Bytes bound what waits at QoS 0 for one connection: default 10,000 and 8 MiB.
	QueueQoS0, QueueQoS0Bytes int
	// Subscriptions of one session, in number and in bytes of memory: default 10,000 and 16 MiB.
	Subscriptions     int
	SubscriptionBytes int64
	// TotalSubscriptionBytes bounds the subscriptions of all sessions together: default 256 MiB.
	TotalSubscriptionBytes int64
	// Retained and RetainedBytes bound the retained messages of all topics together, the bytes with the memory of their
	// topics: default 1,000,000 and 512 MiB. A message for a topic that has one may always take its place.
	Retained      int
	RetainedBytes int64
	// TopicLevels is how many levels a topic or filter of a client may have: default and at most mqtt.MaxTopicLevels, beyond
	// which a connection ends.
	TopicLevels int
	// Strangers is how many connections beyond Clients may be on their way to a CONNECT, or to being refused: default 1,000.
	Strangers int
	// ConnectRate is how many connections one address may open per second, once it has opened as many as there may be
	// Clients: after an outage all of them may come back through one router. TotalConnectRate is for all addresses
	// together, in the same way. Who is too fast is disconnected before anything is read. Default 100 and 2,000.
	ConnectRate, TotalConnectRate int
	// PublishRate is how many messages per second are read from one client, after a second's worth at once: it is not
	// refused but slowed, so nothing is lost. 0, the default, is no limit.
	PublishRate int
	// ConnectTimeout is how long a connection may take to say CONNECT: default 5 s.
	ConnectTimeout time.Duration
	// WriteTimeout is how long a client may not read before it is disconnected: default 30 s.
	WriteTimeout time.Duration
	// AdmitTimeout is how long the disk may make a publisher wait: default 30 s.
	AdmitTimeout time.Duration
	// RefusalPause is how long a client of MQTT 3 stays connected after there was no room for a message of it: one that
	// comes back at once would only find the same disk. Default 10 s.
	RefusalPause time.Duration
	// SessionExpiry shortens the expiry interval that clients ask for, in seconds: default no limit.
	SessionExpiry uint32
}

// connectSize is the largest CONNECT in bytes.
const connectSize = 64 << 10

// DefaultLimits are those of a broker whose options name none.
func DefaultLimits() Limits { return Limits{}.withDefaults() }

// orDefault sets a limit that is not set.
func orDefault[T int | int64 | uint32 | time.Duration](limit *T, value T) {
	if *limit <= 0 {
		*limit = value
	}
}

func (l Limits) withDefaults() Limits {
	orDefault(&l.Clients, 10_000)
	orDefault(&l.Sessions, 100_000)
	orDefault(&l.PacketSize, 1<<20)
	orDefault(&l.ReceiveMaximum, 1000)
	orDefault(&l.TopicAliases, 64)
	orDefault(&l.KeepAlive, time.Hour)
	orDefault(&l.Window, 2*l.ReceiveMaximum)
	orDefault(&l.WindowBytes, 4<<20)
	orDefault(&l.QueueMessages, 10_000_000)
	orDefault(&l.QueueBytes, 4<<30)
	orDefault(&l.QueueAge, 90*24*time.Hour)
	orDefault(&l.TotalMessages, 20_000_000)
	orDefault(&l.TotalBytes, 8<<30)
	orDefault(&l.MemoryMessages, 10_000)
	orDefault(&l.MemoryBytes, 16<<20)
	orDefault(&l.QueueQoS0, 10_000)
	orDefault(&l.QueueQoS0Bytes, 8<<20)
	orDefault(&l.Subscriptions, 10_000)
	orDefault(&l.SubscriptionBytes, 16<<20)
	orDefault(&l.TotalSubscriptionBytes, 256<<20)
	orDefault(&l.Retained, 1_000_000)
	orDefault(&l.RetainedBytes, 512<<20)
	orDefault(&l.TopicLevels, mqtt.MaxTopicLevels)
	orDefault(&l.Strangers, 1000)
	orDefault(&l.ConnectRate, 100)
	orDefault(&l.TotalConnectRate, 2000)
	orDefault(&l.ConnectTimeout, 5*time.Second)
	orDefault(&l.WriteTimeout, 30*time.Second)
	orDefault(&l.AdmitTimeout, 30*time.Second)
	orDefault(&l.RefusalPause, 10*time.Second)
	if l.Overflow == "" {
		l.Overflow = DropOldest
	}
	if l.SessionExpiry == 0 {
		l.SessionExpiry = ^uint32(0)
	}
	l.PacketSize = min(l.PacketSize, 256<<20)
	l.ReceiveMaximum = min(l.ReceiveMaximum, 32_000)
	l.TopicLevels = min(l.TopicLevels, mqtt.MaxTopicLevels)
	l.TopicAliases = min(l.TopicAliases, 65_535)
	l.KeepAlive = min(max(l.KeepAlive, time.Second), 18*time.Hour)
	return l
}
