package bridge

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
)

// errNoEcho is the end of a connection over which nothing comes back.
var errNoEcho = errors.New("connected, but what is published does not come back")

const defaultProbeEvery = time.Minute

// echo waits for one message to come back.
type echo struct {
	mu   sync.Mutex // guards everything that follows
	text string
	back chan struct{}
}

// expect makes a message that was never seen.
func (e *echo) expect() (text string, back <-chan struct{}) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.text, e.back = rand.Text(), make(chan struct{})
	return e.text, e.back
}

// came is told everything that comes on the topic.
func (e *echo) came(payload []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.text != "" && string(payload) == e.text {
		e.text = ""
		close(e.back)
	}
}

// probe publishes and waits for it to come back, again and again, where that is configured. A refusal degrades the bridge,
// it does not end it.
func (u *upstream) probe(ctx context.Context) error {
	link := &u.bridge.config.Link
	if link.ProbeTopic == "" {
		return nil
	}
	// No-local would keep it from coming back.
	codes, err := u.client.Subscribe(ctx, mqtt.Subscription{Filter: link.ProbeTopic, QoS: mqtt.AtLeastOnce, RetainHandling: mqtt.NoRetained})
	if err != nil {
		return err
	}
	if codes[0].Failed() {
		u.degrade(fmt.Sprintf("the other broker refuses the probe topic %s (%s): check its access rules, or choose another one",
			link.ProbeTopic, codes[0]))
		return nil
	}
	ticker := time.NewTicker(cmp.Or(time.Duration(link.ProbeEvery), defaultProbeEvery))
	defer ticker.Stop()
	for {
		if err := u.probeOnce(ctx, link.ProbeTopic); err != nil {
			return err
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil
		}
	}
}

func (u *upstream) probeOnce(ctx context.Context, topic string) error {
	begin := time.Now()
	text, back := u.bridge.echo.expect()
	patience := time.NewTimer(u.bridge.ackTimeout())
	defer patience.Stop()
	m := &mqtt.Message{Topic: topic, QoS: mqtt.AtLeastOnce, Payload: []byte(text)}
	// A full window is for the watch to judge, so this may wait; what becomes of the message shows when it is back.
	if err := u.client.Publish(ctx, m, func(error) {}); err != nil {
		return fmt.Errorf("%w: %w", errGone, err)
	}
	select {
	case <-back:
	case <-ctx.Done():
		return nil
	case <-patience.C:
		return errNoEcho
	}
	took := float64(time.Since(begin)) / float64(time.Millisecond)
	u.bridge.status.count(func(s *gateway.BridgeStatus) { s.EchoMs = &took })
	return nil
}
