package line

import (
	"encoding/binary"
	"sync"
	"time"
)

// A trace keeps what went over the wire of a connection last, for people who look for a fault. It records at the wire,
// below the protocol, so that it has all bytes with their times, also those that a driver dropped. Which frames they make
// is found out only when somebody asks.
//
//	record = time in ns (8 bytes), kind (1), length (2), bytes; one behind the other in a ring, the oldest are overwritten

// RecordKind is what a record of a trace is about.
type RecordKind byte

// The kinds of records.
const (
	// Opened begins the life of a wire.
	Opened RecordKind = iota + 1
	// Sent are bytes that we sent.
	Sent
	// Received are bytes that came while they were waited for.
	Received
	// Unasked are bytes that were there already before they were waited for.
	Unasked
	// TimedOut is the end of a wait for bytes.
	TimedOut
	// Closed ends the life of a wire.
	Closed
)

// Record is one step on a wire.
type Record struct {
	// Position grows from record to record and stays the same for one: it counts the bytes of the trace up to the first
	// one of Data.
	Position uint64
	Time     time.Time
	Kind     RecordKind
	Data     []byte
}

const (
	// idleRing is the memory of a trace in bytes while nobody looks: some minutes of a slow line.
	idleRing = 16 << 10
	// watchedRing is its memory for watchedFor after somebody looked.
	watchedRing = 256 << 10
	watchedFor  = 10 * time.Minute

	// RecordGap is what lies between the end of a record and the Position of the next one.
	RecordGap = 8 + 1 + 2
	// maxRecord is more than drivers read at once.
	maxRecord = 4 << 10
)

// Trace is the memory of a connection, whose wire may be opened again and again. nil records nothing. It is safe for
// concurrent use.
type Trace struct {
	mu   sync.Mutex // guards everything that follows
	ring []byte
	// first and next are the positions of the oldest record and of the one to come.
	first, next uint64
	overwritten uint64
	watched     time.Time
	// open counts the wires that are open, and used is when one was opened or closed last.
	open int
	used time.Time
}

// NewTrace makes an empty trace.
func NewTrace() *Trace { return &Trace{used: time.Now()} }

// On records what happens on a wire from now on; the wire is used through what it returns.
func (t *Trace) On(wire Line) Line {
	if t == nil {
		return wire
	}
	t.count(1)
	t.add(Opened, time.Now(), nil)
	return &traced{Line: wire, trace: t}
}

// Records gives what is kept, the oldest first, and how many records with bytes were overwritten since the start. The
// trace keeps more for some minutes from now on.
func (t *Trace) Records() (records []Record, overwritten uint64) {
	t.mu.Lock()
	t.watched = time.Now()
	kept, position := make([]byte, t.next-t.first), t.first
	t.get(position, kept)
	overwritten = t.overwritten
	t.mu.Unlock()
	for len(kept) > 0 {
		r, size := decodeRecord(kept)
		r.Position = position + RecordGap
		records = append(records, r)
		kept, position = kept[size:], position+uint64(size)
	}
	return records, overwritten
}

// Unused reports whether no wire was open since a time; a new trace counts as one that was.
func (t *Trace) Unused(since time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.open == 0 && t.used.Before(since)
}

func (t *Trace) count(step int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.open += step
	t.used = time.Now()
}

func decodeRecord(data []byte) (r Record, size int) {
	size = RecordGap + int(binary.BigEndian.Uint16(data[9:]))
	at := time.Unix(0, int64(binary.BigEndian.Uint64(data))).UTC()
	return Record{Time: at, Kind: RecordKind(data[8]), Data: data[RecordGap:size:size]}, size
}

// add records one step; beyond the copy into the ring it allocates nothing.
func (t *Trace) add(kind RecordKind, at time.Time, data []byte) {
	data = data[:min(len(data), maxRecord)]
	var header [RecordGap]byte
	binary.BigEndian.PutUint64(header[:], uint64(at.UnixNano()))
	header[8] = byte(kind)
	binary.BigEndian.PutUint16(header[9:], uint16(len(data)))
	t.mu.Lock()
	defer t.mu.Unlock()
	t.fit(at)
	for t.next-t.first+uint64(RecordGap+len(data)) > uint64(len(t.ring)) {
		t.forget()
	}
	t.put(header[:])
	t.put(data)
}

// fit makes the ring as large as it should be now. The caller holds the lock.
func (t *Trace) fit(now time.Time) {
	size := idleRing
	if !t.watched.IsZero() && now.Sub(t.watched) < watchedFor {
		size = watchedRing
	}
	if len(t.ring) == size {
		return
	}
	for t.next-t.first > uint64(size) {
		t.forget()
	}
	kept := make([]byte, t.next-t.first)
	t.get(t.first, kept)
	t.ring, t.next = make([]byte, size), t.first
	t.put(kept)
}

// forget drops the oldest record. The caller holds the lock.
func (t *Trace) forget() {
	var header [RecordGap]byte
	t.get(t.first, header[:])
	size := binary.BigEndian.Uint16(header[9:])
	if size > 0 {
		t.overwritten++
	}
	t.first += RecordGap + uint64(size)
}

func (t *Trace) put(data []byte) {
	n := copy(t.ring[t.next%uint64(len(t.ring)):], data)
	copy(t.ring, data[n:])
	t.next += uint64(len(data))
}

func (t *Trace) get(position uint64, into []byte) {
	if len(into) == 0 {
		return // the ring may not be there yet
	}
	n := copy(into, t.ring[position%uint64(len(t.ring)):])
	copy(into[n:], t.ring)
}
