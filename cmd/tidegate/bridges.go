package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tidegate/tidegate/bridge"
	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/gateway/supervisor"
	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
)

// bridgeSession is the session of a bridge: it exists, and queues, from the moment the bridge is saved.
func bridgeSession(id string) string { return "$bridge/" + id }

func (p *program) newBridge(ctx context.Context, config gateway.Config, b gateway.Bridge) (supervisor.BridgeRunner, error) {
	session, err := p.broker.Session(ctx, bridgeSession(b.ID), queueOptions(b))
	if err != nil {
		return nil, fmt.Errorf("open the session of bridge %s: %w", b.ID, err)
	}
	options := bridge.Options{
		Session: session, GatewayName: config.Name, Dial: p.dial, Logger: p.logger, Circles: p.circles,
		// The zone of the site may change while the bridge runs.
		Zone: func() *time.Location { config := p.supervisor.Config(); return config.Location() },
	}
	if p.demo != nil {
		// Who cuts the link for half a minute wants to see it come back, not wait for another half.
		options.Backoff = gateway.Backoff{Min: 200 * time.Millisecond, Max: 2 * time.Second}
	}
	runner := bridge.New(b, options)
	if err := runner.SubscribeLocally(ctx); err != nil {
		return nil, fmt.Errorf("subscribe for bridge %s: %w", b.ID, err)
	}
	return runner, nil
}

// queueOptions are what a bridge may queue.
func queueOptions(b gateway.Bridge) broker.SessionOptions {
	o := broker.SessionOptions{
		Class: mqtt.Now, QueueQoS0: b.Storage.QoS0, QueueBytes: b.Storage.MaxBytes, QueueAge: time.Duration(b.Storage.MaxAge),
		Shed: broker.Shedding{ThinOut: time.Duration(b.Storage.ThinOut)}, Lanes: bridge.Lanes(b.Routes),
		LiveShare: b.Pace.LiveShare,
		Parking:   broker.Parking{Messages: gateway.ParkedMessages, Bytes: gateway.ParkedBytes},
	}
	if b.Storage.Overflow == gateway.OverflowPriority {
		o.Shed.Rank = func(topic string) int { return bridge.Priority(b.Routes, topic) }
		o.Shed.Ranks = []int{0}
		for _, r := range b.Routes {
			o.Shed.Ranks = append(o.Shed.Ranks, r.Priority)
		}
		slices.Sort(o.Shed.Ranks)
		o.Shed.Ranks = slices.Compact(o.Shed.Ranks)
	}
	return o
}

// laneRules reads what queueOptions says about lanes.
func laneRules(text string) broker.LaneRules {
	of, sorts := bridge.ParseLanes(text)
	return broker.LaneRules{Of: of, Sorts: sorts}
}

// removeOrphans ends sessions of bridges that were deleted just before the last stop: nobody would ever empty them. What
// belongs to a bridge that no revision knows is kept: the configuration may have been lost, and the queue was not.
func (p *program) removeOrphans(ctx context.Context) error {
	stored, err := p.config.Load(ctx)
	if err != nil {
		return fmt.Errorf("load the configuration: %w", err)
	}
	for _, session := range p.broker.Sessions() {
		id, ours := strings.CutPrefix(session.ID, bridgeSession(""))
		if _, configured := stored.Bridge(id); !ours || configured {
			continue
		}
		if err := p.removeOrphan(ctx, id, session); err != nil {
			return fmt.Errorf("remove the session of bridge %s: %w", id, err)
		}
	}
	return nil
}

func (p *program) removeOrphan(ctx context.Context, id string, session broker.SessionInfo) error {
	deleted, err := p.config.HadBridge(ctx, id)
	if err != nil {
		return err
	}
	logger := p.logger.With("bridge", id, "messages", session.Queue.Messages)
	if !deleted {
		logger.Warn("the queue of a bridge that is not configured is kept: add a bridge of that name to send it")
		return nil
	}
	logger.Warn("the queue of a deleted bridge is removed")
	return p.broker.RemoveSession(ctx, session.ID)
}
