package mqtt

import "time"

// Reason says why a message was given up for a session.
type Reason byte

// The reasons. Their names are what status, log and audit show.
const (
	// QueueMessages, QueueBytes and QueueAge are the limits of one session's queue.
	QueueMessages Reason = iota
	QueueBytes
	QueueAge
	// TotalFull is the limit of all queues together.
	TotalFull
	// Expired is the message expiry interval of the publisher.
	Expired
	// Damaged is a stored message that does not match its checksum.
	Damaged
	// Refused is a receiver that said no, or cannot take what is so large.
	Refused
	// SlowQoS0 and AbsentQoS0 are receivers at QoS 0 that did not read, or were not there.
	SlowQoS0
	AbsentQoS0
	// DiskFull is our own reading for an absent session while the disk took nothing.
	DiskFull
	// SessionEnded is what was queued for a session that expired, was removed or began anew.
	SessionEnded
	// Purged is what an operator threw away.
	Purged
	// LowPriority and ThinnedOut are what a full queue gives up before its oldest, FreeDisk what goes so that the disk keeps
	// some room.
	LowPriority
	ThinnedOut
	FreeDisk
	// Reasons is how many there are.
	Reasons
)

var reasonNames = [Reasons]string{
	"queue-messages", "queue-bytes", "queue-age", "total-full", "expired", "damaged", "refused", "slow-qos0", "absent-qos0",
	"disk-full", "session-ended", "purged", "low-priority", "thinned-out", "free-disk",
}

// String is the name of the reason.
func (r Reason) String() string {
	if r < Reasons {
		return reasonNames[r]
	}
	return "unknown"
}

// ParseReason is the opposite of String.
func ParseReason(name string) (Reason, bool) {
	for r, known := range reasonNames {
		if known == name {
			return Reason(r), true
		}
	}
	return 0, false
}

// Losses count messages that were given up, by reason.
type Losses [Reasons]uint64

// Total is the sum over all reasons.
func (l *Losses) Total() (sum uint64) {
	for _, n := range l {
		sum += n
	}
	return sum
}

// Dropped counts what we gave up by ourselves: neither the receiver's own refusal, nor the end of a session, nor what
// somebody threw away on purpose.
func (l *Losses) Dropped() uint64 { return l.Total() - l[Refused] - l[SessionEnded] - l[Purged] }

// QuietTime is how long nothing of its kind is given up until an episode is over.
const QuietTime = time.Minute

// MaxTopics is how many topics an episode names; the rest is counted under the empty topic.
const MaxTopics = 20

// GivenUp is one line of the audit: what a session lost for one reason on one topic in one episode.
type GivenUp struct {
	Session string
	Reason  Reason
	// Topic is empty for those beyond MaxTopics, and where nobody knows it.
	Topic           string
	Messages, Bytes uint64
	// First and Last are wall time.
	First, Last time.Time
}

// Removal asks the store to remove the oldest deliveries of a lane that were not sent: those at positions in [From,
// Below), one step of a bounded number at a time. What the receiver has taken over (DeliveryReceived) stays.
type Removal struct {
	Session     string
	Lane        Lane
	From, Below uint64
	// Suspects are how many rows, from From on, may have been sent before the last start. Those at QoS 2 stay: the
	// other side may know their packet identifiers.
	Suspects int
	Reason   Reason

	// Choose, when set, says which go; the others stay. It is called once for each in a step, oldest first, on the store's
	// goroutine, and must not wait.
	Choose func(topic string, messageID uint64) bool

	// Messages and Bytes end the removal when both are reached.
	Messages, Bytes int64
	// Before, when not 0, ends it at the first message with this identifier or a larger one.
	Before uint64
	// Expired, when set, removes those that are expired at this time, and no others.
	Expired time.Time
}

// Removed is what one step of a removal did.
type Removed struct {
	Messages, Bytes int64
	// More: the step ended at its own bound.
	More bool
	// Next is the position behind the last delivery that was looked at; only for a Removal with Choose.
	Next uint64
	// Left: there are still deliveries between From and Below.
	Left bool
	// NextExpiry is when the next delivery of the session expires; zero for never. Only for a Removal of what is expired.
	NextExpiry time.Time
}

// Mark says which identifiers messages had at a time: those that came later have this one or a larger one.
type Mark struct {
	At        time.Time
	MessageID uint64
}
