package client

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// Subscribe asks for topics and waits for the answer, at most Options.Timeout. The result has one code for each
// subscription: the QoS granted, or a failure. At 3.1.1 only filter and QoS go out.
func (c *Client) Subscribe(ctx context.Context, subscriptions ...mqtt.Subscription) ([]mqtt.ReasonCode, error) {
	codes, err := c.ask(ctx, packet.SUBACK, len(subscriptions), func(id uint16) packet.Packet {
		return &packet.Subscribe{PacketID: id, Subscriptions: subscriptions}
	})
	if err != nil {
		return nil, fmt.Errorf("subscribe: %w", err)
	}
	return codes, nil
}

// Unsubscribe ends subscriptions and waits for the answer, at most Options.Timeout. At 3.1.1 there are no codes.
func (c *Client) Unsubscribe(ctx context.Context, filters ...string) ([]mqtt.ReasonCode, error) {
	count := len(filters)
	if c.version != packet.V5 {
		count = 0
	}
	codes, err := c.ask(ctx, packet.UNSUBACK, count, func(id uint16) packet.Packet {
		return &packet.Unsubscribe{PacketID: id, Filters: filters}
	})
	if err != nil {
		return nil, fmt.Errorf("unsubscribe: %w", err)
	}
	return codes, nil
}

// ask sends a request and waits for the answer to it.
func (c *Client) ask(ctx context.Context, kind packet.Type, count int, request func(id uint16) packet.Packet) ([]mqtt.ReasonCode, error) {
	ctx, cancel := context.WithTimeout(ctx, c.options.Timeout)
	defer cancel()
	id, answer, err := c.answers.expect(kind, count)
	if err != nil {
		return nil, err
	}
	defer c.answers.forget(id)
	encoded, err := c.append(request(id))
	if err != nil {
		return nil, err
	}
	c.out.addBytes(encoded)
	select {
	case codes := <-answer:
		return codes, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("no answer: %w", ctx.Err())
	case <-c.ended:
		return nil, c.lost()
	}
}

var errManyRequests = errors.New("too many requests wait for an answer")

// answers are the requests that wait for SUBACK or UNSUBACK.
type answers struct {
	mu      sync.Mutex // guards everything that follows
	last    uint16
	waiting map[uint16]request
}

type request struct {
	kind   packet.Type
	count  int
	answer chan []mqtt.ReasonCode
}

func newAnswers() *answers { return &answers{last: lastAnswerID, waiting: map[uint16]request{}} }

func (a *answers) expect(kind packet.Type, count int) (uint16, <-chan []mqtt.ReasonCode, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for range lastAnswerID - firstAnswerID + 1 {
		if a.last == lastAnswerID {
			a.last = firstAnswerID - 1
		}
		a.last++
		if _, used := a.waiting[a.last]; !used {
			r := request{kind: kind, count: count, answer: make(chan []mqtt.ReasonCode, 1)}
			a.waiting[a.last] = r
			return a.last, r.answer, nil
		}
	}
	return 0, nil, errManyRequests
}

func (a *answers) forget(id uint16) {
	a.mu.Lock()
	delete(a.waiting, id)
	a.mu.Unlock()
}

// give hands an answer to who asked; one that nobody waits for any more is dropped.
func (a *answers) give(id uint16, kind packet.Type, codes []mqtt.ReasonCode) error {
	a.mu.Lock()
	r, known := a.waiting[id]
	delete(a.waiting, id)
	a.mu.Unlock()
	switch {
	case !known:
		return nil
	case r.kind != kind || len(codes) != r.count: // [MQTT-3.8.4-6]
		return violated(mqtt.ProtocolError, "%s with %d codes does not fit the request: %w", kind, len(codes), mqtt.ProtocolError)
	}
	r.answer <- codes
	return nil
}
