package inflight_test

import (
	"sync"

	"github.com/tidegate/tidegate/mqtt"
)

// delivery is what the broker would hand out, with a record of what was said about it.
type delivery struct {
	mqtt.Delivery // panics for what is not implemented here

	id  uint16
	qos mqtt.QoS
	// disk, when set, runs callbacks later, in order, as the committer does.
	disk *disk

	mu      sync.Mutex // guards everything that follows
	state   mqtt.DeliveryState
	settled []error
}

func (d *delivery) PacketID() uint16 { return d.id }
func (d *delivery) QoS() mqtt.QoS    { return d.qos }

func (d *delivery) State() mqtt.DeliveryState {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.state
}

func (d *delivery) setState(s mqtt.DeliveryState) {
	d.mu.Lock()
	d.state = s
	d.mu.Unlock()
}

func (d *delivery) Received(done mqtt.Settle) {
	commit := func() {
		d.setState(mqtt.DeliveryReceived)
		done(nil)
	}
	if d.disk == nil {
		commit()
		return
	}
	d.disk.later(commit)
}

func (d *delivery) Settle(err error) {
	d.mu.Lock()
	d.settled = append(d.settled, err)
	d.mu.Unlock()
}

func (d *delivery) ends() []error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.settled
}

// disk runs what was handed to it when it is told to, in order.
type disk struct {
	mu      sync.Mutex // guards everything that follows
	pending []func()
}

func (k *disk) later(f func()) {
	k.mu.Lock()
	k.pending = append(k.pending, f)
	k.mu.Unlock()
}

// commit runs the oldest; false when nothing waits.
func (k *disk) commit() bool {
	k.mu.Lock()
	if len(k.pending) == 0 {
		k.mu.Unlock()
		return false
	}
	f := k.pending[0]
	k.pending = k.pending[1:]
	k.mu.Unlock()
	f()
	return true
}
