package client

import (
	"context"
	"sync"

	"github.com/tidegate/tidegate/mqtt"
)

// The packet identifiers of Publish are the second lane; those of Subscribe come after it.
const (
	firstOwnID    = mqtt.LaneSize + 1
	lastOwnID     = 2 * mqtt.LaneSize
	firstAnswerID = lastOwnID + 1
	lastAnswerID  = 65535
)

// Publish is for tools that keep no session: it sends a message under an identifier of its own and waits only while the
// window is full. After nil, settle is called exactly once: nil means that the other broker has it, an error that it was
// refused (a mqtt.ReasonCode) or that the connection ended before. After an error settle is not called.
func (c *Client) Publish(ctx context.Context, m *mqtt.Message, settle mqtt.Settle) error {
	select {
	case c.sending <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	case <-c.ended:
		return c.lost()
	}
	defer func() { <-c.sending }()
	d := &ownDelivery{ids: c.own, message: m, settle: settle}
	// Room first: it means that an identifier is free.
	if err := c.awaitRoom(ctx, m.QoS != mqtt.AtMostOnce); err != nil {
		return err
	}
	if m.QoS != mqtt.AtMostOnce && !c.own.take(d) {
		return c.lost()
	}
	err := c.send(ctx, d, m)
	if err != nil {
		if d.id != 0 && !c.own.free(d) {
			return nil // the end of the connection settled it
		}
		return err
	}
	return nil
}

// ownIDs are the identifiers in use by Publish.
type ownIDs struct {
	mu   sync.Mutex // guards everything that follows
	last uint16
	used map[uint16]*ownDelivery
	over bool
}

func newOwnIDs() *ownIDs { return &ownIDs{last: lastOwnID, used: map[uint16]*ownDelivery{}} }

// take gives d an identifier; false when the connection is over.
func (o *ownIDs) take(d *ownDelivery) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.over {
		return false
	}
	for {
		if o.last++; o.last > lastOwnID || o.last < firstOwnID {
			o.last = firstOwnID
		}
		// One is free: the window is not larger than the range.
		if o.used[o.last] == nil {
			d.id = o.last
			o.used[d.id] = d
			return true
		}
	}
}

// free ends the use of d's identifier; false when it was ended before.
func (o *ownIDs) free(d *ownDelivery) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.used[d.id] != d {
		return false
	}
	delete(o.used, d.id)
	return true
}

// abandon settles everything that nobody acknowledged.
func (o *ownIDs) abandon(cause error) {
	o.mu.Lock()
	lost := o.used
	o.used, o.over = nil, true
	o.mu.Unlock()
	for _, d := range lost {
		d.settle(cause)
	}
}

// ownDelivery is a message of Publish on its way.
type ownDelivery struct {
	ids     *ownIDs
	message *mqtt.Message
	settle  mqtt.Settle
	id      uint16
}

var _ mqtt.Delivery = (*ownDelivery)(nil)

func (d *ownDelivery) Message() *mqtt.Message    { return d.message }
func (d *ownDelivery) QoS() mqtt.QoS             { return d.message.QoS }
func (d *ownDelivery) Retain() bool              { return d.message.Retain }
func (d *ownDelivery) Subscriptions() []uint32   { return nil }
func (d *ownDelivery) PacketID() uint16          { return d.id }
func (d *ownDelivery) Historical() bool          { return false }
func (d *ownDelivery) State() mqtt.DeliveryState { return mqtt.DeliveryNew }

// Received has nothing to record: the session ends with the connection.
func (d *ownDelivery) Received(done mqtt.Settle) { done(nil) }

func (d *ownDelivery) Settle(err error) {
	if d.id == 0 || d.ids.free(d) {
		d.settle(err)
	}
}
