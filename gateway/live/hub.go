package live

import (
	"cmp"
	"container/list"
	"slices"
	"sync"

	"github.com/tidegate/tidegate/gateway"
)

// Hub is the table of latest readings. All methods may be called from any goroutine and none waits for a watcher.
type Hub struct {
	logs *LogRing

	mu       sync.Mutex // guards everything that follows, and seen of every watch
	byPoint  map[gateway.PointKey]*list.Element
	byChange *list.List // of *entry, the latest change last
	changes  uint64
	watches  map[*watch]struct{}
}

// entry is a point in the list. A removed one stays as a tombstone until every watch has seen that it is gone.
type entry struct {
	reading gateway.Reading
	change  uint64
	removed bool
}

var _ gateway.Live = (*Hub)(nil)

// New makes an empty hub that keeps the last logLines records of the log.
func New(logLines int) *Hub {
	return &Hub{
		logs:     newLogRing(logLines),
		byPoint:  map[gateway.PointKey]*list.Element{},
		byChange: list.New(),
		watches:  map[*watch]struct{}{},
	}
}

// Logs is the ring of recent log lines.
func (h *Hub) Logs() *LogRing { return h.logs }

// Put makes readings the latest ones of their points.
func (h *Hub) Put(readings []gateway.Reading) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, r := range readings {
		h.changeLocked(entry{reading: r})
	}
	h.wakeLocked()
}

// Refresh is Put: whoever looks at a value wants the newest.
func (h *Hub) Refresh(readings []gateway.Reading) { h.Put(readings) }

// Qualities counts the points by the quality of their latest reading.
func (h *Hub) Qualities() map[gateway.Quality]int {
	h.mu.Lock()
	defer h.mu.Unlock()
	counts := map[gateway.Quality]int{}
	for _, element := range h.byPoint {
		if e := entryOf(element); !e.removed {
			counts[e.reading.Quality]++
		}
	}
	return counts
}

// Remove forgets points that are no longer read. Watches get one last reading of each, bad and without a value, so that
// no page goes on showing an old one.
func (h *Hub) Remove(points []gateway.PointKey) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, point := range points {
		if element, known := h.byPoint[point]; known {
			gone := gateway.Reading{
				Point: point, Quality: gateway.Bad, Reason: "the point is not read any more", Time: entryOf(element).reading.Time,
			}
			h.changeLocked(entry{reading: gone, removed: true})
		}
	}
	h.sweepLocked()
	h.wakeLocked()
}

func entryOf(element *list.Element) *entry {
	e, isEntry := element.Value.(*entry)
	if !isEntry {
		panic("live: the list holds entries only")
	}
	return e
}

func (h *Hub) changeLocked(e entry) {
	h.changes++
	e.change = h.changes
	if element, known := h.byPoint[e.reading.Point]; known {
		element.Value = &e
		h.byChange.MoveToBack(element)
		return
	}
	h.byPoint[e.reading.Point] = h.byChange.PushBack(&e)
}

// sweepLocked drops the tombstones that no watch still has to see.
func (h *Hub) sweepLocked() {
	oldest := h.changes
	for w := range h.watches {
		oldest = min(oldest, w.seen)
	}
	for element := h.byChange.Front(); element != nil; {
		e, next := entryOf(element), element.Next()
		if e.change > oldest {
			return
		}
		if e.removed {
			h.byChange.Remove(element)
			delete(h.byPoint, e.reading.Point)
		}
		element = next
	}
}

// wakeLocked signals without waiting: the channels hold one signal, and a watch that has one pending needs no second.
func (h *Hub) wakeLocked() {
	for w := range h.watches {
		select {
		case w.wake <- struct{}{}:
		default:
		}
	}
}

// Snapshot gives the latest readings, sorted by device and point.
func (h *Hub) Snapshot() []gateway.Reading {
	h.mu.Lock()
	readings := h.changedLocked(0)
	h.mu.Unlock()
	return sorted(readings)
}

// changedLocked collects what changed after a place in the list; from the start of the list without the tombstones.
func (h *Hub) changedLocked(seen uint64) []gateway.Reading {
	var readings []gateway.Reading
	for element := h.byChange.Back(); element != nil; element = element.Prev() {
		e := entryOf(element)
		if e.change <= seen {
			break
		}
		if !e.removed || seen > 0 {
			readings = append(readings, e.reading)
		}
	}
	return readings
}

func sorted(readings []gateway.Reading) []gateway.Reading {
	slices.SortFunc(readings, func(a, b gateway.Reading) int {
		return cmp.Or(cmp.Compare(a.Point.Device, b.Point.Device), cmp.Compare(a.Point.Point, b.Point.Point))
	})
	return readings
}
