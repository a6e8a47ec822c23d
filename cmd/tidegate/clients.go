package main

import (
	"context"
	"strings"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt/broker"
)

// clients lets an administrator end what network clients have in the broker.
type clients struct{ broker *broker.Broker }

var _ gateway.Clients = clients{}

// Disconnect ends a connection.
func (c clients) Disconnect(_ context.Context, id string) error {
	session, err := c.session(id)
	if err != nil {
		return err
	}
	if !session.Connected {
		return gateway.Errorf(gateway.NotFound, "client %q is not connected", id)
	}
	c.broker.Disconnect(id)
	return nil
}

// RemoveSession ends a session with its queue.
func (c clients) RemoveSession(ctx context.Context, id string) error {
	if _, err := c.session(id); err != nil {
		return err
	}
	return c.broker.RemoveSession(ctx, id)
}

func (c clients) session(id string) (broker.SessionInfo, error) {
	if strings.HasPrefix(id, "$") {
		return broker.SessionInfo{}, gateway.FieldErrorf("id", "%q belongs to the gateway: it goes with its bridge or its group", id)
	}
	session, known := c.broker.FindSession(id, 0)
	if !known {
		return broker.SessionInfo{}, gateway.Errorf(gateway.NotFound, "there is no session %q", id)
	}
	return session.SessionInfo, nil
}
