package broker

import "github.com/tidegate/tidegate/mqtt"

// parcel is a message at QoS 0 for one receiver.
type parcel struct {
	message     *mqtt.Message
	retain      bool
	identifiers []uint32
}

// ring is a bounded queue that gives up its oldest entry for a new one.
type ring struct {
	bounds  bounds
	entries []parcel // a power of two
	first   int
	count   int
	bytes   int
}

// push tells what had to go.
func (r *ring) push(p parcel, dropped func(*mqtt.Message)) {
	size := p.message.Size()
	for r.count > 0 && (r.count >= r.bounds.messages || r.bytes+size > r.bounds.bytes) {
		if old, ok := r.pop(); ok {
			dropped(old.message)
		}
	}
	if r.count == len(r.entries) {
		r.grow()
	}
	r.entries[(r.first+r.count)&(len(r.entries)-1)] = p
	r.count++
	r.bytes += size
}

func (r *ring) grow() {
	larger := make([]parcel, max(8, 2*len(r.entries)))
	for i := range r.count {
		larger[i] = r.entries[(r.first+i)&(len(r.entries)-1)]
	}
	r.entries, r.first = larger, 0
}

func (r *ring) pop() (parcel, bool) {
	if r.count == 0 {
		return parcel{}, false
	}
	p := r.entries[r.first]
	r.entries[r.first] = parcel{}
	r.first = (r.first + 1) & (len(r.entries) - 1)
	r.count--
	r.bytes -= p.message.Size()
	return p, true
}
