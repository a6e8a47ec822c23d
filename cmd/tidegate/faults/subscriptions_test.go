package faults_test

import (
	"fmt"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// mostSubscriptions bounds what one round makes.
const mostSubscriptions = 200

// changer makes and ends subscriptions while the load runs. What SUBACK and UNSUBACK said has to be true afterwards.
type changer struct {
	who
	number int
	// there and gone were acknowledged; open are neither, because the answer did not come.
	there, gone, open map[string]bool
	report            *report
}

func newChanger(r *report) *changer {
	c := &changer{who: who{id: "changer", version: packet.V5}, report: r}
	c.forget()
	return c
}

func (c *changer) forget() {
	c.there, c.gone, c.open = map[string]bool{}, map[string]bool{}, map[string]bool{}
}

// change goes on until the connection ends.
func (c *changer) change(address string) {
	w, err := c.dial(address)
	if err != nil {
		return
	}
	defer w.hangUp()
	for range mostSubscriptions {
		c.number++
		filter := fmt.Sprintf("extra/%d", c.number)
		if !c.ask(w, filter, c.there, c.subscription(filter)) {
			return
		}
		if c.number%3 != 0 {
			continue
		}
		delete(c.there, filter)
		if !c.ask(w, filter, c.gone, &packet.Unsubscribe{PacketID: 1, Filters: []string{filter}}) {
			return
		}
	}
	// The link stays until the gateway ends it.
	_, _ = w.next(10 * time.Second)
}

func (c *changer) subscription(filter string) packet.Packet {
	return &packet.Subscribe{PacketID: 1, Subscriptions: []mqtt.Subscription{{Filter: filter, QoS: mqtt.AtLeastOnce}}}
}

// ask waits for the answer and then counts the filter in.
func (c *changer) ask(w *wire, filter string, in map[string]bool, question packet.Packet) bool {
	c.open[filter] = true
	if _, err := w.ask(question); err != nil {
		return false
	}
	delete(c.open, filter)
	in[filter] = true
	return true
}

// check publishes to every filter and looks which of them come back.
func (c *changer) check(address string) error {
	wasKnown := c.known
	w, err := c.dial(address)
	if err != nil {
		return err
	}
	defer w.hangUp()
	if wasKnown && !w.present {
		c.report.add(&c.report.sessions, 1, "the session of %s is gone", c.id)
		return nil
	}
	back, err := c.echo(w)
	if err != nil {
		return err
	}
	for filter := range c.there {
		if !back[filter] {
			c.report.add(&c.report.subscriptions, 1, "the subscription to %s was acknowledged and is gone", filter)
		}
	}
	for filter := range c.gone {
		if back[filter] {
			c.report.add(&c.report.subscriptions, 1, "the subscription to %s was ended and is back", filter)
		}
	}
	return c.unsubscribe(w)
}

// echo gives the topics that came back; the last one was subscribed to just now, so it comes when the others are through.
func (c *changer) echo(w *wire) (map[string]bool, error) {
	if _, err := w.ask(c.subscription("extra/last")); err != nil {
		return nil, err
	}
	topics := append(keys(c.gone), append(keys(c.there), "extra/last")...)
	for i, topic := range topics {
		p := &packet.Publish{QoS: mqtt.AtLeastOnce, Topic: topic, PacketID: uint16(i + 1)}
		if err := w.send(p); err != nil {
			return nil, err
		}
	}
	back := map[string]bool{}
	for acked := 0; !back["extra/last"] || acked < len(topics); {
		p, err := w.next(10 * time.Second)
		if err != nil {
			return nil, fmt.Errorf("wait for %d topics: %w", len(topics), err)
		}
		publish, isPublish := p.(*packet.Publish)
		if !isPublish {
			acked++
			continue
		}
		back[publish.Topic] = true
		if err := w.send(&packet.Ack{Kind: packet.PUBACK, PacketID: publish.PacketID}); err != nil {
			return nil, err
		}
	}
	return back, nil
}

// unsubscribe ends all of it, so that rounds do not add up.
func (c *changer) unsubscribe(w *wire) error {
	filters := append(keys(c.there), append(keys(c.open), "extra/last")...)
	_, err := w.ask(&packet.Unsubscribe{PacketID: 1, Filters: filters})
	c.forget()
	return err
}

func keys(set map[string]bool) []string {
	var list []string
	for key := range set {
		list = append(list, key)
	}
	return list
}
