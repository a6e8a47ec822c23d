package bridge_test

import (
	"testing"
	"time"

	"github.com/tidegate/tidegate/bridge"
	"github.com/tidegate/tidegate/gateway"
)

// TestPaceCapsWhatIsSent in messages and in bytes.
func TestPaceCapsWhatIsSent(t *testing.T) {
	for name, pace := range map[string]gateway.BridgePace{
		"messages": {MessagesPerSecond: 100}, "bytes": {BytesPerSecond: 800}, // topic and payload have 8 bytes
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud, p := newPlant(t), newPlant(t)
			config := gateway.Bridge{
				URL: "mqtt://" + cloud.serve(), Pace: pace,
				Routes: []gateway.Route{{Direction: gateway.Out, Filter: "line/#", QoS: 1}},
			}
			b, _ := p.run(config, bridge.Options{})
			eventually(t, "the bridge is up", isUp(b))
			begin := time.Now()
			p.publish("line/a", 1, 10, 69)
			eventually(t, "nothing waits", p.empty)
			// A tenth of a second may go at once.
			if took := time.Since(begin); took < 480*time.Millisecond {
				t.Errorf("60 messages took %s", took)
			}
		})
	}
}

// TestPausedQueuesAndSendsNothing until it is resumed by another configuration on the same session.
func TestPausedQueuesAndSendsNothing(t *testing.T) {
	cloud, p := newPlant(t), newPlant(t)
	config := gateway.Bridge{
		URL: "mqtt://" + cloud.serve(), Paused: true,
		Routes: []gateway.Route{{Direction: gateway.Out, Filter: "line/#", QoS: 1}},
	}
	b, stop := p.run(config, bridge.Options{})
	eventually(t, "it is paused", func() bool { return b.Status().State == gateway.StatePaused })
	p.publish("line/a", 1, 1, 50)
	if s := b.Status(); s.Backlog.Messages != 50 || s.Reason == "" || len(cloud.broker.Sessions()) != 2 {
		t.Errorf("%+v, sessions %+v", s, cloud.broker.Sessions())
	}
	stop()
	config.Paused = false
	p.run(config, bridge.Options{})
	eventually(t, "nothing waits", p.empty)
}

// TestFlushEndsAPause between two attempts.
func TestFlushEndsAPause(t *testing.T) {
	cloud, p := newPlant(t), newPlant(t)
	network := &cutter{down: true}
	config := gateway.Bridge{
		URL: "mqtt://" + cloud.serve(), Routes: []gateway.Route{{Direction: gateway.Out, Filter: "line/#", QoS: 1}},
	}
	b, _ := p.runSlowly(config, bridge.Options{Dial: network.dial})
	eventually(t, "it is down", func() bool { return b.Status().State == gateway.StateDown })
	network.set(false)
	b.Flush() // the next attempt would be in an hour
	eventually(t, "the bridge is up", isUp(b))
}
