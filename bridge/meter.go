package bridge

import (
	"sync"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
)

// Meter measures the backlog of one bridge, whether that runs or not. It is for concurrent use; its memory is bounded by
// about 150 KB.
type Meter struct {
	mu sync.Mutex // guards everything that follows
	// recent are one observation for each second of the last rateWindow.
	recent []observation
	levels []level
	// empty is when the queue was last seen empty; zero for never.
	empty time.Time
	age   time.Duration
	aged  bool
}

// rateWindow is what rates are means of.
const rateWindow = 30 * time.Second

// observation is a queue at a time.
type observation struct {
	at    time.Time
	queue mqtt.Queue
	up    bool
}

// level is a course with samples at one distance.
type level struct {
	interval time.Duration
	most     int
	last     observation
	samples  []gateway.BacklogSample
}

// NewMeter makes a meter that was never told anything.
func NewMeter() *Meter {
	return &Meter{levels: []level{
		{interval: 10 * time.Second, most: 360},
		{interval: 5 * time.Minute, most: 360},
		{interval: time.Hour, most: 800},
	}}
}

// Observe is to be called every second. age is how long the oldest message has been waiting, if known.
func (m *Meter) Observe(now time.Time, queue mqtt.Queue, up bool, age time.Duration, known bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	o := observation{now, queue, up}
	m.age, m.aged = age, known
	if queue.Messages == 0 {
		m.empty = now
	}
	if last := len(m.recent) - 1; last >= 0 && now.Before(m.recent[last].at) {
		m.recent = nil // the clock was set back
	}
	m.recent = append(m.recent, o)
	for len(m.recent) > 2 && now.Sub(m.recent[1].at) >= rateWindow {
		m.recent = m.recent[1:]
	}
	for i := range m.levels {
		m.levels[i].observe(o)
	}
}

func (l *level) observe(o observation) {
	if l.last.at.IsZero() {
		l.last = o
		return
	}
	// Not the distance alone: samples lie at the same times whenever the gateway was started, and a clock that is set back
	// begins a new interval.
	if o.at.Truncate(l.interval).Equal(l.last.at.Truncate(l.interval)) {
		return
	}
	l.samples = append(l.samples, sample(l.last, o))
	if len(l.samples) > l.most {
		l.samples = l.samples[1:]
	}
	l.last = o
}

func sample(from, to observation) gateway.BacklogSample {
	in, out := rates(from, to)
	return gateway.BacklogSample{
		At: to.at, Messages: to.queue.Messages, Bytes: to.queue.Bytes, In: in, Out: out,
		GivenUp: less(to.queue.GivenUp.Total(), from.queue.GivenUp.Total()), Up: to.up,
	}
}

// less is a - b for counters, 0 when they began anew.
func less(a, b uint64) uint64 {
	if a < b {
		return 0
	}
	return a - b
}

func rates(from, to observation) (in, out gateway.Rate) {
	seconds := to.at.Sub(from.at).Seconds()
	if seconds <= 0 {
		return in, out
	}
	rate := func(a, b mqtt.QueueFlow) gateway.Rate {
		return gateway.Rate{
			Messages: float64(less(b.Messages, a.Messages)) / seconds, Bytes: float64(less(b.Bytes, a.Bytes)) / seconds,
		}
	}
	return rate(from.queue.Added, to.queue.Added), rate(from.queue.Done, to.queue.Done)
}

// Backlog is what waits now.
func (m *Meter) Backlog() gateway.Backlog {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.backlogLocked()
}

// HourRate is what came in, as a mean of the last hour, or of what is known; false when nothing is known.
func (m *Meter) HourRate() (in gateway.Rate, known bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	samples := m.levels[0].samples
	if len(samples) == 0 {
		if len(m.recent) < 2 {
			return in, false
		}
		in, _ = rates(m.recent[0], m.recent[len(m.recent)-1])
		return in, true
	}
	for i := range samples {
		in.Messages += samples[i].In.Messages / float64(len(samples))
		in.Bytes += samples[i].In.Bytes / float64(len(samples))
	}
	return in, true
}

func (m *Meter) backlogLocked() gateway.Backlog {
	b := gateway.Backlog{GivenUp: []gateway.GivenUpCount{}}
	if len(m.recent) == 0 {
		return b
	}
	first, last := m.recent[0], m.recent[len(m.recent)-1]
	b.Messages, b.Bytes, b.Dropped = last.queue.Messages, last.queue.Bytes, last.queue.Dropped
	b.Urgent, b.Parked = last.queue.Priority, last.queue.Parked
	b.In, b.Out = rates(first, last)
	if m.aged {
		oldest := last.at.Add(-m.age)
		b.Oldest = &oldest
	}
	if less := b.Out.Messages - b.In.Messages; b.Messages > 0 && less > 0 {
		drain := float64(b.Messages) / less
		b.DrainSeconds = &drain
	}
	for reason, n := range last.queue.GivenUp {
		if n > 0 {
			b.GivenUp = append(b.GivenUp, gateway.GivenUpCount{Reason: mqtt.Reason(reason).String(), Messages: n})
		}
	}
	return b
}

// leastCourse is shown of the past even when nothing waits.
const leastCourse = time.Hour

// Course is the backlog with its past, in the finest samples that reach back far enough.
func (m *Meter) Course(since time.Time) gateway.BacklogCourse {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := gateway.BacklogCourse{Backlog: m.backlogLocked(), Samples: []gateway.BacklogSample{}}
	if len(m.recent) == 0 {
		return c
	}
	now := m.recent[len(m.recent)-1].at
	if since.IsZero() {
		since = now.Add(-leastCourse)
		if m.empty.Before(since) {
			since = m.empty.Add(-leastCourse / 4) // how it was before belongs to the picture
		}
	}
	chosen := &m.levels[len(m.levels)-1]
	for i := range m.levels {
		if l := &m.levels[i]; len(l.samples) < l.most || !l.samples[0].At.After(since) {
			chosen = l
			break
		}
	}
	c.IntervalSeconds = chosen.interval.Seconds()
	for _, s := range chosen.samples {
		if !s.At.Before(since) {
			c.Samples = append(c.Samples, s)
		}
	}
	return c
}
