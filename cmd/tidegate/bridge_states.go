package main

import (
	"context"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
)

// publishStates publishes what has changed; a bridge that is gone leaves nothing behind.
func (b *backlogs) publishStates(ctx context.Context, statuses []gateway.BridgeStatus) {
	there := map[string]bool{}
	for i := range statuses {
		id, state := statuses[i].ID, statuses[i].Published()
		there[id] = true
		if b.published[id] != state && b.publish(ctx, state.Message(id)) {
			b.published[id] = state
		}
	}
	for id := range b.published {
		if !there[id] && b.publish(ctx, &mqtt.Message{Topic: gateway.BridgeStateTopic(id), Retain: true}) {
			delete(b.published, id)
		}
	}
}

func (b *backlogs) publish(ctx context.Context, m *mqtt.Message) (published bool) {
	// An error is about now only: it is tried again in a second.
	return b.states.Publish(ctx, m, mqtt.Origin{}, nil) == nil
}
