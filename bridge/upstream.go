package bridge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/client"
)

// upstream is one connection to the other broker.
type upstream struct {
	bridge *Bridge
	client *client.Client
	// forgotten: the other broker has no session of ours, so nothing that was sent before means anything to it.
	forgotten bool
	// again is how many messages may still count as possibly twice: not more than were in flight.
	again int
	// end is the end of the connection for a reason; set before anything is sent.
	end context.CancelCauseFunc
	// careful: one message at a time, see blame. last is the packet identifier of the last one, forward's.
	careful bool
	last    uint16
	// progress counts signs that the other broker works on what it got.
	progress atomic.Uint64
}

// connect dials and makes both sides agree on what was before. A session that was never used upstream begins with a clean
// start, so that its packet identifiers meet nothing; it is marked used before anything is sent.
func (b *Bridge) connect(ctx context.Context) (*upstream, error) {
	if _, _, circle := b.config.Circle(); circle && b.version == 4 {
		return nil, errCircle
	}
	known := b.session.Peer()
	fresh := b.session.Fresh() || known != "" && known != b.peer()
	if fresh && b.version == 4 {
		// Up to 3.1.1 a clean session ends with its connection: empty it, then come back to stay.
		if err := b.clean(ctx); err != nil {
			return nil, err
		}
	}
	c, err := b.dial(ctx, fresh && b.version == 5)
	if err != nil {
		return nil, err
	}
	u := &upstream{bridge: b, client: c, forgotten: !c.SessionPresent(), again: min(c.Announced().ReceiveMaximum, mqtt.LaneSize)}
	u.careful = b.blame.isCareful()
	if err := b.agree(ctx, u, fresh); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return u, nil
}

// errCircle is for a broker that turned out to know 3.1.1 only.
var errCircle = errors.New("over MQTT 3.1.1 a route in would bring back what a route out sends")

func (b *Bridge) agree(ctx context.Context, u *upstream, fresh bool) error {
	if u.forgotten {
		if err := b.session.ForgetInbound(ctx); err != nil {
			return fmt.Errorf("forget inbound identifiers: %w", err)
		}
	}
	if !fresh && b.session.Peer() == b.peer() {
		if u.forgotten {
			b.logger.Warn("the other broker lost its session: what was in flight may arrive twice")
		}
		return nil
	}
	if err := b.session.MarkUsed(ctx, b.peer()); err != nil {
		return fmt.Errorf("mark the session used: %w", err)
	}
	return nil
}

// clean connects once with a clean session and goes.
func (b *Bridge) clean(ctx context.Context) error {
	c, err := b.dial(ctx, true)
	if err != nil {
		return err
	}
	over, cancel := context.WithCancel(ctx)
	cancel()
	return c.Run(over)
}

// run forwards both ways until the connection or ctx ends, and returns why.
func (u *upstream) run(ctx context.Context, link mqtt.Link) error {
	inner, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	u.end = cancel
	var parts sync.WaitGroup
	parts.Go(func() { cancel(u.client.Run(inner)) })
	parts.Go(func() { u.stop(inner, cancel, u.forward(inner, link)) })
	parts.Go(func() { u.stop(inner, cancel, u.watch(inner)) })
	parts.Go(func() { u.stop(inner, cancel, u.supervise(inner)) })
	parts.Go(func() { u.stop(inner, cancel, u.probe(inner)) })
	parts.Go(func() { u.stop(inner, cancel, u.subscribe(inner)) })
	parts.Go(func() { u.stop(inner, cancel, u.bridge.renew(inner)) })
	parts.Wait()
	return context.Cause(inner)
}

// stop ends the connection with the error of a part. What a part reports because the connection is gone says less than
// what the connection itself reports.
func (u *upstream) stop(ctx context.Context, cancel context.CancelCauseFunc, err error) {
	if err != nil && !errors.Is(err, errGone) && ctx.Err() == nil {
		cancel(err)
	}
}

// errGone is wrapped by parts that found the connection closed.
var errGone = errors.New("the connection is gone")

// subscribe asks the other broker for what the routes in want. A refusal degrades the bridge, it does not end it.
func (u *upstream) subscribe(ctx context.Context) error {
	want := wanted(u.bridge.config.Routes, gateway.In)
	if len(want) == 0 {
		return nil
	}
	codes, err := u.bridge.subscribeUpstream(ctx, u.client, want)
	if err != nil {
		return err
	}
	var refused []string
	for i, code := range codes {
		if code.Failed() {
			refused = append(refused, fmt.Sprintf("%s (%s)", want[i].Filter, code))
		}
	}
	if len(refused) > 0 {
		text := "the other broker refuses the routes in of " + strings.Join(refused, ", ") + ": check its access rules"
		u.degrade(text)
	}
	return nil
}

// subscribeUpstream asks in requests as large as the preset allows, and gives all answers.
func (b *Bridge) subscribeUpstream(ctx context.Context, c *client.Client, want []mqtt.Subscription) ([]mqtt.ReasonCode, error) {
	var answers []mqtt.ReasonCode
	for some := range slices.Chunk(want, cmp.Or(b.preset.Limit("maxSubscriptionsPerRequest"), max(len(want), 1))) {
		codes, err := c.Subscribe(ctx, some...)
		if err != nil {
			return answers, err
		}
		answers = append(answers, codes...)
	}
	return answers, nil
}

// degrade says what does not work while the rest does.
func (u *upstream) degrade(text string) {
	if u.bridge.status.set(gateway.StateDegraded, text) {
		u.bridge.logger.Warn("bridge works in part", "reason", text)
	}
}

// errSilent is the end of a connection on which nothing is acknowledged any more, while pings are answered perhaps.
var errSilent = errors.New("connected, but the other broker acknowledges nothing")

// watch ends a connection without progress while something waits.
func (u *upstream) watch(ctx context.Context) error {
	limit := u.bridge.ackTimeout()
	ticker := time.NewTicker(limit / 8)
	defer ticker.Stop()
	seen, since := u.progress.Load(), time.Now()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-ticker.C:
			if progress := u.progress.Load(); progress != seen || u.client.Unfinished() == 0 {
				seen, since = progress, now
			}
			if now.Sub(since) >= limit {
				return errSilent
			}
		}
	}
}
