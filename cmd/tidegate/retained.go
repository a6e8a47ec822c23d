package main

import (
	"context"
	"time"

	"github.com/tidegate/tidegate/mqtt"
)

// clearLimit is how long the disk may take to forget a retained message.
const clearLimit = 30 * time.Second

// clearRetained publishes the empty retained message that removes what is retained of a topic [MQTT-3.3.1-6]. Bridges queue
// it like any other message, so that it also goes on the other side. It returns when that is on disk.
func clearRetained(ctx context.Context, session mqtt.Publisher, topic string) error {
	ctx, cancel := context.WithTimeout(ctx, clearLimit)
	defer cancel()
	settled := make(chan error, 1) // settle comes once, also after the wait is over
	m := &mqtt.Message{Topic: topic, QoS: mqtt.AtLeastOnce, Retain: true}
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
