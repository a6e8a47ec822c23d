package inflight_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/inflight"
)

// wire is one packet on its way.
type wire struct {
	kind string
	id   uint16
}

// pair is a sender and a receiver, each with a disk, and a network that loses what is on its way when it is cut.
type pair struct {
	t      *rapid.T
	window int

	waiting, open    []*delivery // the sender's session, in order
	out              *inflight.Outbound
	sendDisk         disk
	toRecv, toSend   []wire
	pubrels, pubrecs []uint16 // order of PUBREL against PUBREC, on this connection

	in      *inflight.Inbound
	origins map[uint16]bool // the receiver's disk
	arrived []uint16
	recvDis disk
	epoch   int
}

func (p *pair) connect() {
	p.epoch++
	p.toRecv, p.toSend, p.pubrels, p.pubrecs = nil, nil, nil, nil
	p.out = inflight.NewOutbound(p.window, nil)
	p.in = inflight.NewInbound(p.window, nil)
	open := slices.DeleteFunc(p.open, func(d *delivery) bool { return len(d.ends()) > 0 })
	p.waiting = append(slices.Clone(open), p.waiting...)
	p.open = nil
}

func (p *pair) send() {
	if len(p.waiting) == 0 || p.out.Room() <= 0 {
		return
	}
	d := p.waiting[0]
	p.waiting = p.waiting[1:]
	p.open = append(p.open, d)
	kind := "PUBLISH1"
	if d.qos == 2 {
		kind = "PUBLISH2"
	}
	if p.out.Add(d) == inflight.SendPubrel {
		kind = "PUBREL"
	} else if d.State() == mqtt.DeliveryNew {
		d.setState(mqtt.DeliverySent)
	}
	p.toRecv = append(p.toRecv, wire{kind, d.id})
}

func (p *pair) receive() {
	if len(p.toRecv) == 0 {
		return
	}
	w := p.toRecv[0]
	p.toRecv = p.toRecv[1:]
	kind := map[string]inflight.Kind{"PUBLISH1": inflight.PUBACK, "PUBLISH2": inflight.PUBREC, "PUBREL": inflight.PUBCOMP}[w.kind]
	slot, repeated, err := p.in.Arrive(kind, w.id)
	if err != nil {
		p.t.Fatalf("%s %d: %v", w.kind, w.id, err)
	}
	if repeated {
		return
	}
	p.recvDis.later(func() {
		switch w.kind {
		case "PUBLISH1":
			p.arrived = append(p.arrived, w.id)
		case "PUBLISH2":
			if !p.origins[w.id] {
				p.arrived = append(p.arrived, w.id)
			}
			p.origins[w.id] = true
		case "PUBREL":
			delete(p.origins, w.id)
		}
		slot.Settle(mqtt.Success)
	})
}

func (p *pair) acknowledge() {
	if ack, ok := p.in.Next(); ok {
		p.toSend = append(p.toSend, wire{map[inflight.Kind]string{
			inflight.PUBACK: "PUBACK", inflight.PUBREC: "PUBREC", inflight.PUBCOMP: "PUBCOMP",
		}[ack.Kind], ack.PacketID})
	}
}

func (p *pair) settle() {
	if len(p.toSend) == 0 {
		return
	}
	w := p.toSend[0]
	p.toSend = p.toSend[1:]
	var err error
	switch w.kind {
	case "PUBACK":
		err = p.out.Puback(w.id, mqtt.Success)
	case "PUBREC":
		p.pubrecs = append(p.pubrecs, w.id)
		epoch := p.epoch
		err = p.out.Pubrec(w.id, mqtt.Success, func(id uint16, _ error) {
			if epoch == p.epoch { // a committed PUBREC of a connection that is gone sends nothing
				p.pubrels = append(p.pubrels, id)
				p.toRecv = append(p.toRecv, wire{"PUBREL", id})
			}
		})
	case "PUBCOMP":
		err = p.out.Pubcomp(w.id, mqtt.Success)
	}
	if err != nil {
		p.t.Fatalf("%s %d: %v", w.kind, w.id, err)
	}
	if !slices.Equal(p.pubrels, p.pubrecs[:len(p.pubrels)]) {
		p.t.Fatalf("PUBRELs %v, PUBRECs %v: not in order", p.pubrels, p.pubrecs)
	}
}

func (p *pair) idle() bool {
	return len(p.waiting) == 0 && !slices.ContainsFunc(p.open, func(d *delivery) bool { return len(d.ends()) == 0 })
}

// TestNothingLostNothingTwice plays random histories with cuts at any point.
func TestNothingLostNothingTwice(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := &pair{t: rt, window: rapid.IntRange(1, 5).Draw(rt, "window"), origins: map[uint16]bool{}}
		qos := rapid.SliceOfN(rapid.IntRange(1, 2), 1, 20).Draw(rt, "qos")
		all := make([]*delivery, len(qos))
		for i, q := range qos {
			all[i] = &delivery{id: uint16(i + 1), qos: mqtt.QoS(q), disk: &p.sendDisk}
		}
		p.waiting = slices.Clone(all)
		p.connect()
		commitSend, commitReceive := func() { p.sendDisk.commit() }, func() { p.recvDis.commit() }
		steps := []func(){p.send, p.receive, p.acknowledge, p.settle, commitSend, commitReceive, p.connect}
		for range rapid.IntRange(0, 400).Draw(rt, "steps") {
			// A cut is rarer than the rest, else nothing gets far.
			choice := rapid.IntRange(0, 6*6).Draw(rt, "step")
			steps[min(choice/6, 6)]()
		}
		for i := 0; !p.idle(); i++ {
			if i > 10_000 {
				rt.Fatal("the conversation does not end")
			}
			for _, step := range steps[:6] {
				step()
			}
		}
		p.check(all)
	})
}

func (p *pair) check(all []*delivery) {
	count := map[uint16]int{}
	var first []uint16
	for _, id := range p.arrived {
		if count[id]++; count[id] == 1 {
			first = append(first, id)
		}
	}
	for i, d := range all {
		if len(d.ends()) != 1 || d.ends()[0] != nil {
			p.t.Errorf("delivery %d ended with %v", d.id, d.ends())
		}
		if n := count[d.id]; n == 0 || d.qos == 2 && n != 1 {
			p.t.Errorf("delivery %d at QoS %d arrived %d times", d.id, d.qos, n)
		}
		if i < len(first) && first[i] != d.id {
			p.t.Errorf("arrived in the order %v", first)
		}
	}
}
