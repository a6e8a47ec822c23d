package main

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
)

const (
	// maxWatches bounds who follows messages at the same time: each makes the broker deliver once more.
	maxWatches = 8
	// previewLength is how much of a text is shown beside its topic.
	previewLength = 80
	pageSession   = "$page"
)

// messages lets the page look at messages, and publish.
type messages struct {
	broker *broker.Broker
	// session is who publishes for the page.
	session mqtt.Session
	places  chan struct{}
	watches atomic.Uint64
}

var _ gateway.Messages = (*messages)(nil)

func newMessages(ctx context.Context, b *broker.Broker) (*messages, error) {
	session, err := b.Session(ctx, pageSession, broker.SessionOptions{Class: mqtt.Now, Transient: true})
	if err != nil {
		return nil, fmt.Errorf("open the page's session: %w", err)
	}
	return &messages{broker: b, session: session, places: make(chan struct{}, maxWatches)}, nil
}

// Levels gives levels of retained topics.
func (m *messages) Levels(q gateway.LevelQuery) gateway.LevelPage {
	found, total := m.broker.FindLevels(broker.LevelQuery(q))
	page := gateway.LevelPage{Total: total}
	for _, l := range found {
		level := gateway.TopicLevel{Name: l.Name, Below: l.Below}
		if l.Message != nil {
			level.Retained, level.Size, level.Preview = true, len(l.Message.Payload), preview(l.Message.Payload)
		}
		page.Levels = append(page.Levels, level)
	}
	return page
}

// preview is empty for what is no text.
func preview(payload []byte) string {
	var text []rune
	for _, r := range string(payload[:min(len(payload), utf8.UTFMax*previewLength)]) {
		if r == utf8.RuneError || unicode.IsControl(r) && !unicode.IsSpace(r) {
			return ""
		}
		if text = append(text, r); len(text) == previewLength {
			break
		}
	}
	return string(text)
}

// Retained gives one retained message.
func (m *messages) Retained(topic string) (gateway.BrokerMessage, error) {
	found, there := m.broker.RetainedMessage(topic)
	if !there {
		return gateway.BrokerMessage{}, gateway.Errorf(gateway.NotFound, "nothing is retained of %q", topic)
	}
	return shownMessage(found, true, gateway.MaxShownPayload), nil
}

func shownMessage(m *mqtt.Message, retain bool, most int) gateway.BrokerMessage {
	shown := gateway.BrokerMessage{
		Topic: m.Topic, Payload: m.Payload[:min(len(m.Payload), most)], Size: len(m.Payload), QoS: int(m.QoS), Retain: retain,
		ContentType: m.Properties.ContentType,
	}
	for _, u := range m.Properties.User {
		shown.User = append(shown.User, gateway.UserProperty(u))
	}
	return shown
}

// Publish hands a message to the broker as a client would. Topics that begin with $ belong to the gateway.
func (m *messages) Publish(ctx context.Context, sent gateway.BrokerMessage) error {
	if err := mqtt.ValidateTopic(sent.Topic); err != nil {
		return gateway.FieldErrorf("topic", "%w", err)
	}
	if sent.Topic[0] == '$' {
		return gateway.FieldErrorf("topic", "topics that begin with $ belong to the gateway")
	}
	err := publishAndWait(ctx, m.session, &mqtt.Message{
		Topic: sent.Topic, Payload: sent.Payload, QoS: mqtt.QoS(sent.QoS), Retain: sent.Retain,
		Properties: mqtt.Properties{ContentType: sent.ContentType},
	})
	if code, is := errors.AsType[mqtt.ReasonCode](err); is {
		return gateway.Errorf(gateway.Unavailable, "the broker did not take the message: %w", code)
	}
	return err
}
