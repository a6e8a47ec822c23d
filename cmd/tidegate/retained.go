package main

import (
	"context"
	"time"

	"github.com/tidegate/tidegate/mqtt"
)

// publishLimit is how long the disk may take for a message of the gateway's own.
const publishLimit = 30 * time.Second

// clearRetained publishes the empty retained message that removes what is retained of a topic [MQTT-3.3.1-6]. Bridges queue
// it like any other message, so that it also goes on the other side. It returns when that is on disk.
func clearRetained(ctx context.Context, session mqtt.Publisher, topic string) error {
	return publishAndWait(ctx, session, &mqtt.Message{Topic: topic, QoS: mqtt.AtLeastOnce, Retain: true})
}

// publishAndWait returns when the message is on disk.
func publishAndWait(ctx context.Context, session mqtt.Publisher, m *mqtt.Message) error {
	ctx, cancel := context.WithTimeout(ctx, publishLimit)
	defer cancel()
	settled := make(chan error, 1) // settle comes once, also after the wait is over
	if err := session.Publish(ctx, m, mqtt.Origin{}, func(err error) { settled <- err }); err != nil {
		return err
	}
	select {
	case err := <-settled:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
