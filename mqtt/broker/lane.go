package broker

import (
	"cmp"
	"slices"
	"time"

	"github.com/tidegate/tidegate/mqtt"
)

// lane is the order of a session's deliveries. The oldest are in the window, in memory; when that is full, the session
// has spilled: what follows is on disk only, but for a tail of the newest.
//
//	window (in memory)     on disk only          tail (in memory)      next
//	[ handed out | waiting ][ cursor ...        ][ newest deliveries  ]
//
// The window is refilled from disk at the cursor. When the cursor meets the tail, the tail is moved over and the
// session is as if it had never spilled. The session's lock guards all of it.
type lane struct {
	id     mqtt.Lane
	next   uint64
	window []*delivery
	// handed is how many at the front of the window were handed out on the present link.
	handed int
	bytes  int

	// returned is what members of a group gave back, in its order.
	returned []*delivery

	spilled   bool
	cursor    uint64
	tail      []*delivery
	tailBytes int
	// unwritten counts deliveries that are in neither part and not committed yet: a read would miss them.
	unwritten int
	// reading is set while somebody reads from disk.
	reading bool
	// suspects is how many rows, of the first that are read after a start, may have been sent before it.
	suspects int

	// messages and size count everything unsettled but loans, which count at their group.
	messages, size int64
	// added counts what was pushed since the start, done what was settled with success.
	added, done mqtt.QueueFlow
	// expires is when the first of them does, or earlier; zero for never.
	expires time.Time
	// aged is the identifier below which messages were given up because of their age.
	aged uint64
}

// bounds of what a lane keeps in memory. One delivery always fits.
type bounds struct{ messages, bytes int }

func (b bounds) reached(messages, bytes int) bool { return messages >= b.messages || bytes >= b.bytes }

// push appends a delivery; its position is set.
func (l *lane) push(d *delivery, keep bounds) {
	d.row.Lane, d.row.Position = l.id, l.next
	l.next++
	l.count(d, 1)
	if d.lender == nil {
		l.added.Add(d.row.Size)
	}
	l.willExpire(d.row.Message.Expires)
	if !l.spilled && !keep.reached(len(l.window), l.bytes) {
		l.window = append(l.window, d)
		l.bytes += d.row.Size
		return
	}
	if !l.spilled {
		l.spilled = true
		l.cursor = d.row.Position
	}
	l.tail = append(l.tail, d)
	l.tailBytes += d.row.Size
	for len(l.tail) > 1 && keep.reached(len(l.tail), l.tailBytes) {
		l.evict()
	}
}

func (l *lane) count(d *delivery, n int64) {
	if d.lender == nil {
		l.messages += n
		l.size += n * int64(d.row.Size)
	}
}

func (l *lane) willExpire(at time.Time) {
	if !at.IsZero() && (l.expires.IsZero() || at.Before(l.expires)) {
		l.expires = at
	}
}

// sawExpiry begins anew after everything expired is gone: onDisk is when the next one there expires. What was handed out
// does not expire any more.
func (l *lane) sawExpiry(onDisk time.Time) {
	l.expires = onDisk
	for _, part := range [][]*delivery{l.returned, l.window, l.tail} {
		for _, d := range part {
			if !d.out && !d.finished {
				l.willExpire(d.row.Message.Expires)
			}
		}
	}
}

// evict leaves the oldest of the tail to the disk.
func (l *lane) evict() {
	d := l.tail[0]
	l.tail[0] = nil
	l.tail = l.tail[1:]
	l.tailBytes -= d.row.Size
	l.leave(d)
}

// leave is told of a delivery that is not in memory any more.
func (l *lane) leave(d *delivery) {
	if !d.committed && !d.finished {
		d.spilled = true
		l.unwritten++
	}
}

// shed leaves to the disk what is beyond the bounds, the newest of the window first, but for what the receiver may have.
// Nothing happens while somebody reads, who goes on at the cursor.
func (l *lane) shed(keep bounds) {
	if l.reading {
		return
	}
	for len(l.tail) > 1 && keep.reached(len(l.tail), l.tailBytes) {
		l.evict()
	}
	before := len(l.window)
	for n := before; n > l.handed && keep.reached(n, l.bytes); n = len(l.window) {
		d := l.window[n-1]
		if d.out || d.state != mqtt.DeliveryNew || d.lender != nil {
			break
		}
		l.window = l.window[:n-1]
		l.bytes -= d.row.Size
		l.spilled, l.cursor = true, d.row.Position
		l.leave(d)
	}
	if len(l.window) < before {
		l.window = slices.Clone(l.window) // gives back the place of the others too
	}
}

// border is the first position that need not be read from disk.
func (l *lane) border() uint64 {
	if len(l.tail) > 0 {
		return l.tail[0].row.Position
	}
	return l.next
}

// splice moves the tail into the window when nothing is missing between them.
func (l *lane) splice(keep bounds) {
	for l.spilled && l.cursor >= l.border() {
		if len(l.tail) == 0 {
			l.spilled = false
			l.tail = nil
			return
		}
		if keep.reached(len(l.window), l.bytes) && len(l.window) > 0 {
			return
		}
		d := l.tail[0]
		l.tail[0] = nil
		l.tail = l.tail[1:]
		l.tailBytes -= d.row.Size
		l.cursor = d.row.Position + 1
		if !d.finished {
			l.window = append(l.window, d)
			l.bytes += d.row.Size
		}
	}
}

// wantsRead reports whether a good part of the window is free and the disk has what comes next.
func (l *lane) wantsRead(keep bounds) bool {
	if !l.spilled || l.reading || l.cursor >= l.border() {
		return false
	}
	return len(l.window) <= keep.messages*3/4 && !keep.reached(len(l.window)+1, l.bytes) || len(l.window) == 0
}

// take gives the next delivery to hand out, of those below a position; nil when there is none at present.
func (l *lane) take(limit uint64, now func() time.Time, expired func(*delivery)) *delivery {
	for l.handed < len(l.window) {
		d := l.window[l.handed]
		switch {
		case d.row.Position >= min(limit, l.window[0].row.Position+mqtt.LaneSize):
			return nil
		case d.state == mqtt.DeliveryNew && !d.out && expiredBy(d.row.Message, now):
			expired(d) // takes it out of the window
		case d.row.QoS == mqtt.ExactlyOnce && !d.committed:
			return nil
		default:
			l.handed++
			d.out = true
			return d
		}
	}
	return nil
}

// expiredBy asks for the time only when it matters.
func expiredBy(m *mqtt.Message, now func() time.Time) bool {
	return !m.Expires.IsZero() && m.Expired(now())
}

// finish ends a delivery and takes it out of the window.
func (l *lane) finish(d *delivery) {
	d.finished = true
	l.count(d, -1)
	i, found := slices.BinarySearchFunc(l.window, d.row.Position, func(d *delivery, position uint64) int {
		return cmp.Compare(d.row.Position, position)
	})
	if !found || l.window[i] != d {
		return // in the tail, or on disk only
	}
	// Most end in order, and what is in flight is short: the front moves up.
	copy(l.window[1:i+1], l.window[:i])
	l.window[0] = nil
	l.window = l.window[1:]
	l.bytes -= d.row.Size
	if i < l.handed {
		l.handed--
	}
}

// rewind makes everything unsettled come again; what was handed out may have been sent.
func (l *lane) rewind() {
	for _, d := range l.window[:l.handed] {
		if d.state == mqtt.DeliveryNew {
			d.state = mqtt.DeliverySent
		}
	}
	l.handed = 0
}

// oldest is the oldest delivery in the window that is not in flight; nil when there is none. What is lent is another's.
func (l *lane) oldest() *delivery {
	for _, d := range l.window[l.handed:] {
		if !d.out && d.state == mqtt.DeliveryNew && d.lender == nil {
			return d
		}
	}
	return nil
}
