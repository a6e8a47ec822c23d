package inflight

import (
	"sync"

	"github.com/tidegate/tidegate/mqtt"
)

// Kind is the packet that acknowledges; the numbers are those of the control packet types, so that they convert.
type Kind byte

// PUBACK answers PUBLISH at QoS 1, PUBREC at QoS 2, PUBCOMP answers PUBREL.
const (
	PUBACK  Kind = 4
	PUBREC  Kind = 5
	PUBCOMP Kind = 7
)

// Ack is an acknowledgement that may leave.
type Ack struct {
	Kind     Kind
	PacketID uint16
	Code     mqtt.ReasonCode
}

// Inbound holds the acknowledgements of what arrived, so that they leave in the order of arrival, even if a later one is
// ready first [MQTT-4.6.0-2] [MQTT-4.6.0-3] [MQTT-4.6.0-4].
type Inbound struct {
	max  int
	wake func()

	mu sync.Mutex // guards everything that follows
	// queue has the arrivals whose acknowledgement did not leave; first is the number of its head.
	queue []arrival
	first uint64
	// ids knows of each identifier which kinds are in the queue, and whether it counts against max.
	ids  map[uint16]marks
	open int
}

type arrival struct {
	ack   Ack
	ready bool
}

// marks has one bit for each kind in the queue, by its number, and bit 0 for an open publish.
type marks byte

const openPublish marks = 1

func (k Kind) mark() marks { return 1 << k }

// Slot is the place of one arrival in the order.
type Slot struct {
	in     *Inbound
	number uint64
}

// NewInbound makes an empty one. limit is the receive maximum that was announced, 0 for none: how many publishes may be
// open, at QoS 1 until PUBACK leaves, at QoS 2 until PUBCOMP does. wake, which may be nil, is called when Next has
// something to give, on any goroutine; it must not block.
func NewInbound(limit int, wake func()) *Inbound {
	if limit <= 0 {
		limit = 65535
	}
	if wake == nil {
		wake = func() {}
	}
	return &Inbound{max: limit, wake: wake, ids: map[uint16]marks{}}
}

// Arrive reserves the place of the acknowledgement kind that a PUBLISH or PUBREL just read is going to get. repeated is
// true when the same is waiting already: then the packet says nothing new, and one acknowledgement answers both. The
// error is mqtt.ReceiveMaximumExceeded and ends the connection [MQTT-3.3.4-7].
func (in *Inbound) Arrive(kind Kind, id uint16) (slot Slot, repeated bool, err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	m := in.ids[id]
	switch {
	case m&kind.mark() != 0:
		return Slot{}, true, nil
	case kind != PUBCOMP && m&openPublish == 0:
		if in.open >= in.max {
			return Slot{}, false, mqtt.ReceiveMaximumExceeded
		}
		in.open++
		m |= openPublish
	}
	in.ids[id] = m | kind.mark()
	in.queue = append(in.queue, arrival{ack: Ack{Kind: kind, PacketID: id}})
	return Slot{in: in, number: in.first + uint64(len(in.queue)-1)}, false, nil
}

// Settle says that the acknowledgement may leave with this code, as soon as it is its turn. It is called at most once,
// from any goroutine, and never blocks. A slot that is never settled holds back all later ones.
func (s Slot) Settle(code mqtt.ReasonCode) {
	in := s.in
	in.mu.Lock()
	i := s.number - in.first
	in.queue[i].ack.Code = code
	in.queue[i].ready = true
	in.mu.Unlock()
	if i == 0 {
		in.wake()
	}
}

// Next takes the acknowledgement whose turn it is; false when that one is not settled or there is none. One goroutine
// may call it.
func (in *Inbound) Next() (Ack, bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(in.queue) == 0 || !in.queue[0].ready {
		return Ack{}, false
	}
	ack := in.queue[0].ack
	in.queue = in.queue[1:]
	in.first++
	in.leaveLocked(ack)
	return ack, true
}

// leaveLocked forgets what the identifier was marked for. A publish is over with PUBACK, PUBCOMP or a refusing PUBREC.
func (in *Inbound) leaveLocked(ack Ack) {
	m := in.ids[ack.PacketID] &^ ack.Kind.mark()
	if m&openPublish != 0 && (ack.Kind != PUBREC || ack.Code.Failed()) {
		m &^= openPublish
		in.open--
	}
	if m == 0 {
		delete(in.ids, ack.PacketID)
	} else {
		in.ids[ack.PacketID] = m
	}
}

// Open is how many publishes count against the receive maximum.
func (in *Inbound) Open() int {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.open
}
