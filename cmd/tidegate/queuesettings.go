package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tidegate/tidegate/mqtt/broker"
)

// queueSettings bound what waits for receivers that are away. A zero value means the default.
type queueSettings struct {
	MaxMessages   int64         `yaml:"maxMessages"   help:"Messages in the queue of one session."               env:"MAX_MESSAGES"`
	MaxBytes      byteSize      `yaml:"maxBytes"      help:"Size of the queue of one session, like 4GB."         env:"MAX_BYTES"`
	MaxAge        time.Duration `yaml:"maxAge"        help:"How long a message waits in a queue, like 2160h."    env:"MAX_AGE"`
	TotalMessages int64         `yaml:"totalMessages" help:"Messages in all queues together."                    env:"TOTAL_MESSAGES"`
	TotalBytes    byteSize      `yaml:"totalBytes"    help:"Size of all queues together, like 8GB."              env:"TOTAL_BYTES"`
	Overflow      string        `yaml:"overflow"      help:"When a queue is full: drop-oldest, or reject new messages." env:"OVERFLOW"`
}

func defaultQueueSettings() queueSettings {
	return queueSettings{
		MaxMessages: 10_000_000, MaxBytes: 4_000_000_000, MaxAge: 90 * 24 * time.Hour,
		TotalMessages: 20_000_000, TotalBytes: 8_000_000_000, Overflow: string(broker.DropOldest),
	}
}

// override takes what the flags and variables say.
func (q *queueSettings) override(flags queueSettings) {
	override(&q.MaxMessages, flags.MaxMessages)
	override(&q.MaxBytes, flags.MaxBytes)
	override(&q.MaxAge, flags.MaxAge)
	override(&q.TotalMessages, flags.TotalMessages)
	override(&q.TotalBytes, flags.TotalBytes)
	override(&q.Overflow, flags.Overflow)
}

func override[T comparable](to *T, from T) {
	var zero T
	if from != zero {
		*to = from
	}
}

// The least that makes sense: a queue has to survive a short outage.
const (
	leastMessages = 1000
	leastBytes    = byteSize(1_000_000)
	leastAge      = time.Minute
)

func (q *queueSettings) validate() error {
	switch {
	case q.MaxMessages < leastMessages:
		return fmt.Errorf("queue.maxMessages: %d is less than %d", q.MaxMessages, leastMessages)
	case q.MaxBytes < leastBytes:
		return fmt.Errorf("queue.maxBytes: %s is less than %s", q.MaxBytes, leastBytes)
	case q.MaxAge < leastAge:
		return fmt.Errorf("queue.maxAge: %s is less than %s", q.MaxAge, leastAge)
	case q.TotalMessages < q.MaxMessages:
		return fmt.Errorf("queue.totalMessages: %d is less than the %d of one session (queue.maxMessages)",
			q.TotalMessages, q.MaxMessages)
	case q.TotalBytes < q.MaxBytes:
		return fmt.Errorf("queue.totalBytes: %s is less than the %s of one session (queue.maxBytes)", q.TotalBytes, q.MaxBytes)
	case q.Overflow != string(broker.DropOldest) && q.Overflow != string(broker.Reject):
		return fmt.Errorf("queue.overflow: %q is not %s or %s", q.Overflow, broker.DropOldest, broker.Reject)
	}
	return nil
}

func (q *queueSettings) limits() broker.Limits {
	return broker.Limits{
		QueueMessages: q.MaxMessages, QueueBytes: int64(q.MaxBytes), QueueAge: q.MaxAge,
		TotalMessages: q.TotalMessages, TotalBytes: int64(q.TotalBytes), Overflow: broker.Overflow(q.Overflow),
	}
}

// String is one line for the check of the settings.
func (q *queueSettings) String() string {
	return fmt.Sprintf("per session %d messages, %s, %s; together %d messages, %s; %s",
		q.MaxMessages, q.MaxBytes, q.MaxAge, q.TotalMessages, q.TotalBytes, q.Overflow)
}

// byteSize is a number of bytes that people write with a unit: 500MB, 4GB.
type byteSize int64

var byteUnits = []struct {
	name  string
	bytes byteSize
}{{"TB", 1e12}, {"GB", 1e9}, {"MB", 1e6}, {"KB", 1e3}, {"B", 1}}

// UnmarshalText reads a whole number with or without a unit.
func (b *byteSize) UnmarshalText(text []byte) error {
	number, factor := strings.TrimSpace(string(text)), byteSize(1)
	for _, unit := range byteUnits {
		if rest, has := strings.CutSuffix(strings.ToUpper(number), unit.name); has {
			number, factor = strings.TrimSpace(rest), unit.bytes
			break
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 0 || n > int64(1e15)/int64(factor) {
		return fmt.Errorf("%q is not a size like 500MB or 4GB", text)
	}
	*b = byteSize(n) * factor
	return nil
}

// String uses the largest unit that leaves a whole number.
func (b byteSize) String() string {
	for _, unit := range byteUnits {
		if b >= unit.bytes && b%unit.bytes == 0 {
			return fmt.Sprintf("%d%s", b/unit.bytes, unit.name)
		}
	}
	return "0B"
}
