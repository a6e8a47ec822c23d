package broker_test

import (
	"testing"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// mortal connects with a will.
func (p *plant) mortal(expiry, delay uint32, clean bool) *client {
	p.t.Helper()
	return p.connect(packet.Connect{
		ClientID: "mortal", SessionExpiry: expiry, CleanStart: clean,
		Will: &mqtt.Will{Message: mqtt.Message{Topic: "will", Payload: []byte("gone"), QoS: 1}, Delay: delay},
	})
}

func (p *plant) heir() *client {
	p.t.Helper()
	c := p.v5("heir", 0)
	c.subscribe(mqtt.Subscription{Filter: "will", QoS: 1})
	return c
}

func TestWillIsPublished(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name          string
		expiry, delay uint32
		end           func(p *plant, c *client)
	}{
		{"connection lost", 0, 0, func(_ *plant, c *client) { c.drop() }},
		{"connection lost, session kept", 100, 0, func(_ *plant, c *client) { c.drop() }},
		{"asked for", 0, 0, func(_ *plant, c *client) { c.send(&packet.Disconnect{Code: mqtt.DisconnectWithWill}) }},
		{"protocol error", 0, 0, func(_ *plant, c *client) { c.send(&packet.Connack{}) }},
		{"taken over", 100, 0, func(p *plant, _ *client) { p.v5("mortal", 100) }},
		{"session ends before the delay", 0, 1000, func(_ *plant, c *client) { c.drop() }},
		{"session ends by a clean start", 100, 1000, func(p *plant, _ *client) { p.v5("mortal", 0) }},
		{"delay is over", 100, 1, func(_ *plant, c *client) { c.drop() }},
		{"expiry is over", 1, 100, func(_ *plant, c *client) { c.drop() }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newPlant(t, broker.Options{})
			heir := p.heir()
			tt.end(p, p.mortal(tt.expiry, tt.delay, false))
			m := heir.expectPublish("will", "gone")
			heir.finish(m)
		})
	}
}

func TestWillIsNotPublished(t *testing.T) {
	t.Parallel()
	t.Run("after goodbye", func(t *testing.T) {
		p := newPlant(t, broker.Options{})
		heir := p.heir()
		p.mortal(100, 0, false).leave()
		p.offline("mortal")
		heir.ping()
	})
	t.Run("back in time", func(t *testing.T) {
		p := newPlant(t, broker.Options{})
		heir := p.heir()
		p.mortal(100, 1, false).drop()
		p.offline("mortal")
		p.v5("mortal", 100)
		// The alarm of the first will goes off.
		p.connect(packet.Connect{ClientID: "clock", KeepAlive: 1}).expectEnd(mqtt.KeepAliveTimeout)
		heir.ping()
	})
	t.Run("back after a restart", func(t *testing.T) {
		p := newPlant(t, broker.Options{})
		p.mortal(0, 0, false)
		p.restart()
		heir := p.heir()
		if n := p.Status().Sessions; n != 2 {
			t.Fatalf("%d sessions, want 2: the will waits", n)
		}
		p.v5("mortal", 0).leave()
		p.offline("mortal")
		heir.ping()
	})
	t.Run("to a topic of the gateway", func(t *testing.T) {
		p := newPlant(t, broker.Options{})
		c := p.try(packet.Connect{ClientID: "a", Will: &mqtt.Will{Message: mqtt.Message{Topic: "$SYS/x", Payload: []byte("x")}}})
		if c.connack.Code != mqtt.NotAuthorized {
			t.Errorf("connack %v", c.connack.Code)
		}
	})
}

func TestWillExpiryCountsFromPublication(t *testing.T) {
	p := newPlant(t, broker.Options{})
	heir := p.heir()
	expiry := uint32(100)
	c := p.connect(packet.Connect{
		ClientID: "mortal", WillExpiry: &expiry,
		Will: &mqtt.Will{Message: mqtt.Message{Topic: "will", Payload: []byte("gone"), Retain: true}},
	})
	c.drop()
	m := heir.expectPublish("will", "gone")
	if m.MessageExpiry == nil || *m.MessageExpiry != 100 {
		t.Errorf("message expiry %v, want 100", m.MessageExpiry)
	}
	late := p.v5("late", 0)
	late.subscribe(mqtt.Subscription{Filter: "will"})
	if m := late.expectPublish("will", "gone"); !m.Retain {
		t.Error("the retained will came without retain flag")
	}
}

// TestWillAfterRestart uses a clock that is set, since a restored will waits for at least a minute.
func TestWillAfterRestart(t *testing.T) {
	clock := newClock()
	p := newPlant(t, broker.Options{Now: clock.now})
	p.mortal(100, 0, false)
	p.restart()
	heir := p.heir()
	clock.add(61 * time.Second)
	// Run looks when an alarm is set: that of somebody else will do.
	p.connect(packet.Connect{ClientID: "other", SessionExpiry: 1}).drop()
	clock.add(5 * time.Second)
	heir.expectPublish("will", "gone")
}
