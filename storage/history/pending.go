package history

import (
	"slices"
	"sync"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

const (
	// maxRows and maxMinutes bound what waits for the disk: about 8 and 6 MB.
	maxRows    = 1 << 17
	maxMinutes = 1 << 16
	// maxText is how much of a text is kept.
	maxText = 128
	// perMinute are the milliseconds of one.
	perMinute = 60_000
	// textInterval is how often a text that stays the same is written.
	textInterval = time.Minute
)

// row is a reading on its way to the disk.
type row struct {
	track   *track
	time    int64
	value   gateway.Value
	quality int64
}

// The qualities of rows, and the mark of one before which nothing is known; see migrations/0002.sql.
const (
	qualityGood int64 = iota
	qualityUncertain
	qualityBad
	qualityMask = 3
	afterBreak  = 4
)

// minute is what a batch adds to a minute of a point.
type minute struct {
	track         *track
	time          int64
	min, max, sum float64
	count, flags  int64
}

// The flags of minutes; see migrations/0002.sql.
const (
	minuteBreak int64 = 1 << iota
	minuteEndsBad
	minuteGap
)

// track is what is remembered of a point between its readings.
type track struct {
	key gateway.PointKey
	// known is false until the first reading after the start, or after Remove.
	known bool
	// bad and text are those of the last reading, written is the time of the last row.
	bad     bool
	text    string
	written int64
	// minute is the number of its last minute in pending.minutes, plus 1; 0 for none.
	minute int
}

// pending is what waits for the next batch.
type pending struct {
	mu       sync.Mutex // guards everything that follows, and the fields of tracks
	tracks   map[gateway.PointKey]*track
	rows     []row
	minutes  []minute
	interval time.Duration
	newest   int64 // time of the newest reading of the batch
	// usualMinutes is the number of minutes in a batch, on average.
	usualMinutes float64
	// dropped and thinned count readings since the start.
	dropped, thinned uint64
}

func newPending() *pending {
	return &pending{tracks: map[gateway.PointKey]*track{}, interval: shortestInterval}
}

// Put takes readings. It never waits for the disk.
func (h *History) Put(readings []gateway.Reading) {
	p := h.pending
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range readings {
		p.putLocked(&readings[i])
	}
}

// Remove notes that points are not read any more: what comes later does not continue the line.
func (h *History) Remove(points []gateway.PointKey) {
	p := h.pending
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, key := range points {
		delete(p.tracks, key)
	}
}

func (p *pending) putLocked(r *gateway.Reading) {
	t := p.tracks[r.Point]
	if t == nil {
		t = &track{key: r.Point}
		p.tracks[r.Point] = t
	}
	at, quality := r.Time.UnixMilli(), qualityOf(r)
	if quality == qualityBad && t.known && t.bad {
		return // the gap goes on
	}
	p.newest = max(p.newest, at)
	text, isText := textOf(r.Value)
	if !isText {
		p.countLocked(t, at, r.Value, quality)
	}
	if p.dueLocked(t, at, quality, text, isText) {
		p.appendLocked(t, at, r.Value, quality)
	} else {
		p.thinned++
	}
	t.known, t.bad, t.text = true, quality == qualityBad, text
}

// textOf is the text that a value is kept as; false for numbers. A list is its JSON.
func textOf(v gateway.Value) (string, bool) {
	if v.IsList() {
		return v.String(), true
	}
	return v.Text()
}

func qualityOf(r *gateway.Reading) int64 {
	switch {
	case r.Quality == gateway.Bad || r.Value.IsNull():
		return qualityBad
	case r.Quality == gateway.Uncertain:
		return qualityUncertain
	}
	return qualityGood
}

// dueLocked decides whether a reading becomes a row. Polls are never exactly on time, so a tenth of the interval is
// forgiven. After a step back of the clock all is due again.
func (p *pending) dueLocked(t *track, at, quality int64, text string, isText bool) bool {
	if !t.known || t.bad != (quality == qualityBad) || at < t.written {
		return true
	}
	interval := p.interval
	if isText && text == t.text {
		interval = max(interval, textInterval)
	}
	return at-t.written >= (interval - interval/10).Milliseconds()
}

func (p *pending) appendLocked(t *track, at int64, value gateway.Value, quality int64) {
	if len(p.rows) >= maxRows {
		lost := maxRows / 8
		p.rows = slices.Delete(p.rows, 0, lost)
		p.dropped += uint64(lost)
	}
	if !t.known {
		quality |= afterBreak
	}
	t.written = at
	p.rows = append(p.rows, row{track: t, time: at, value: value, quality: quality})
}

// countLocked adds a reading to its minute.
func (p *pending) countLocked(t *track, at int64, value gateway.Value, quality int64) {
	m := p.minuteLocked(t, floor(at, perMinute))
	if m == nil {
		p.dropped++
		return
	}
	number, isNumber := value.Float()
	if quality == qualityBad || !isNumber {
		m.flags |= minuteEndsBad
		return
	}
	if m.flags&minuteEndsBad != 0 {
		m.flags = m.flags&^minuteEndsBad | minuteGap
	}
	if !t.known && m.count == 0 {
		m.flags |= minuteBreak
	}
	if m.count == 0 {
		m.min, m.max = number, number
	}
	m.min, m.max = min(m.min, number), max(m.max, number)
	m.sum += number
	m.count++
}

// minuteLocked finds the minute of a point in the batch or makes it; nil when there is no room.
func (p *pending) minuteLocked(t *track, at int64) *minute {
	if t.minute > 0 && p.minutes[t.minute-1].time == at {
		return &p.minutes[t.minute-1]
	}
	if len(p.minutes) >= maxMinutes {
		return nil
	}
	p.minutes = append(p.minutes, minute{track: t, time: at})
	t.minute = len(p.minutes)
	return &p.minutes[t.minute-1]
}

// batch is what is written together.
type batch struct {
	rows    []row
	minutes []minute
	newest  int64
}

// take gives what waits and starts anew. Minutes that are not over stay, unless all are wanted.
func (p *pending) take(all bool) batch {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := batch{rows: p.rows, newest: p.newest}
	current := floor(p.newest, perMinute)
	all = all || p.newest == 0
	p.newest = 0
	// The next batch is about as large; the space of an unusually large one is given back.
	p.rows = make([]row, 0, len(b.rows))
	waiting := p.minutes
	p.minutes = make([]minute, 0, len(waiting))
	for i := range waiting {
		m := &waiting[i]
		if all || m.time != current {
			m.track.minute = 0
			b.minutes = append(b.minutes, *m)
			continue
		}
		p.minutes = append(p.minutes, *m)
		m.track.minute = len(p.minutes)
	}
	return b
}

// lose counts a batch that could not be written.
func (p *pending) lose(b batch) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dropped += uint64(len(b.rows))
}
