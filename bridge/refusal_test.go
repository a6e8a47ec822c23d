package bridge_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/tidegate/tidegate/bridge"
	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
	wire "github.com/tidegate/tidegate/mqtt/packet"
)

// TestAServerReferenceIsFollowed at CONNACK, for now and for ever (MQTT 5, 4.13.2).
func TestAServerReferenceIsFollowed(t *testing.T) {
	for _, code := range []mqtt.ReasonCode{mqtt.UseAnotherServer, mqtt.ServerMoved} {
		t.Run(code.String(), func(t *testing.T) {
			t.Parallel()
			other, p := newPlant(t), newPlant(t)
			where := other.serve()
			first := cloud(t, func(conn net.Conn) {
				if packet(conn) == nil {
					return
				}
				property := append([]byte{0x1C, 0, byte(len(where))}, where...)
				connack := append([]byte{0x20, byte(3 + len(property)), 0, byte(code), byte(len(property))}, property...)
				_, _ = conn.Write(connack)
			})
			b, _ := p.run(outOf(first), bridge.Options{})
			p.publish("line/a", 2, 1, 50)
			eventually(t, "all is sent", p.empty)
			if s := b.Status(); s.Server != "mqtt://"+where || s.Forwarded != 50 {
				t.Errorf("%+v", s)
			}
		})
	}
}

// TestAReferenceToNowhereIsNotFollowed: foreign text is no address.
func TestAReferenceToNowhereIsNotFollowed(t *testing.T) {
	for _, where := range []string{"", "user@evil:1883", "a/b:1", "host:notaport", ":1883"} {
		p := newPlant(t)
		first := cloud(t, func(conn net.Conn) {
			if packet(conn) == nil {
				return
			}
			property := append([]byte{0x1C, 0, byte(len(where))}, where...)
			connack := append([]byte{0x20, byte(3 + len(property)), 0, 0x9C, byte(len(property))}, property...)
			_, _ = conn.Write(connack)
		})
		b, stop := p.run(outOf(first), bridge.Options{})
		eventually(t, "it was tried twice", func() bool { return b.Status().Attempts > 2 })
		if s := b.Status(); s.Server != "mqtt://"+first || s.State != gateway.StateDown {
			t.Errorf("%q: %+v", where, s)
		}
		stop()
	}
}

// choosy is a cloud that takes some topics only.
type choosy struct{ open atomic.Bool }

func (c *choosy) Authenticate(_ context.Context, login broker.Login) (string, error) {
	return login.Username, nil
}

func (c *choosy) Begin(context.Context, broker.Login, string) (mqtt.Exchange, error) {
	return nil, mqtt.BadAuthenticationMethod
}

func (c *choosy) MayPublish(_ broker.Client, topic string) bool {
	return c.open.Load() || topic != "line/forbidden"
}

func (c *choosy) MaySubscribe(broker.Client, string) bool { return true }

// TestWhatTheCloudRefusesIsParked with the reason; the rest goes on, and it is sent again when somebody wants that.
func TestWhatTheCloudRefusesIsParked(t *testing.T) {
	t.Parallel()
	for qos := mqtt.AtLeastOnce; qos <= mqtt.ExactlyOnce; qos++ {
		t.Run(fmt.Sprintf("QoS %d", qos), func(t *testing.T) {
			access := &choosy{}
			other, p := newPlantFor(t, broker.Options{Access: access}), newPlant(t)
			address := other.serve()
			far := listen(t, address, "line/#")
			p.bridged = p.session("$bridge/cloud", broker.SessionOptions{
				Class: mqtt.Now, Parking: broker.Parking{Messages: 100, Bytes: 1 << 20},
			})
			b, _ := p.run(outOf(address), bridge.Options{})
			for i := 1; i <= 20; i++ {
				p.publish("line/a", qos, i, i)
				p.publish("line/forbidden", qos, i, i)
			}
			eventually(t, "nothing waits", p.empty)
			eventually(t, "the rest arrives", func() bool { return len(far.messages()) >= 20 })
			checkNumbers(t, far.messages(), 20)
			eventually(t, "what is refused is parked", func() bool { return b.Status().Backlog.Parked == 20 })
			if s := b.Status(); s.Refused != 20 || s.Forwarded != 20 || s.State != gateway.StateUp {
				t.Errorf("%+v", s)
			}
			access.open.Store(true)
			if n, err := p.broker.SendParked(t.Context(), "$bridge/cloud", nil); n != 20 || err != nil {
				t.Errorf("%d sent, %v", n, err)
			}
			eventually(t, "it arrives too", func() bool { return len(far.messages()) >= 40 })
			checkNumbers(t, far.messages()[20:], 20)
			eventually(t, "nothing waits", p.empty)
			if s := b.Status(); s.Backlog.Parked != 0 || s.Forwarded != 40 {
				t.Errorf("%+v", s)
			}
		})
	}
}

// TestRetainIsKeptTakenAwayOrSet by the route, in both directions.
func TestRetainIsKeptTakenAwayOrSet(t *testing.T) {
	t.Parallel()
	p, other := newPlant(t), newPlant(t)
	address := other.serve()
	far := listen(t, address, "out/#")
	config := gateway.Bridge{URL: "mqtt://" + address, Routes: []gateway.Route{
		{Direction: gateway.Out, Filter: "keep/#", Prefix: "out/", QoS: 1},
		{Direction: gateway.Out, Filter: "never/#", Prefix: "out/", QoS: 1, Retain: gateway.RetainNever},
		{Direction: gateway.Out, Filter: "always/#", Prefix: "out/", QoS: 1, Retain: gateway.RetainAlways},
		{Direction: gateway.In, Filter: "in/#", QoS: 1, Retain: gateway.RetainNever},
	}}
	b, _ := p.run(config, bridge.Options{})
	eventually(t, "it is up", isUp(b))
	for _, topic := range []string{"keep/a", "never/a", "always/a"} {
		for _, retain := range []bool{false, true} {
			m := &mqtt.Message{Topic: topic, QoS: 1, Retain: retain, Payload: []byte("x")}
			if err := p.machine.Publish(t.Context(), m, mqtt.Origin{}, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	eventually(t, "all arrive", func() bool { return len(far.messages()) >= 6 })
	for i, want := range []bool{false, true, false, false, true, true} {
		if got := far.messages()[i]; got.Retain != want {
			t.Errorf("%d, %s: retain %v", i, got.Topic, got.Retain)
		}
	}
	sink := p.session("sink", broker.SessionOptions{Class: mqtt.Now})
	if err := sink.Subscribe(t.Context(), mqtt.Subscription{Filter: "in/#", QoS: 1, RetainAsPublished: true}); err != nil {
		t.Fatal(err)
	}
	m := &mqtt.Message{Topic: "in/a", QoS: 1, Retain: true, Payload: []byte("x")}
	if err := far.Publish(t.Context(), m, func(error) {}); err != nil {
		t.Fatal(err)
	}
	link := sink.Attach()
	defer link.Detach()
	if d, err := link.Receive(t.Context()); err != nil || d.Retain() {
		t.Errorf("what came in is retained, or did not come: %v", err)
	}
}

// TestQoS0IsBuffered where that is wanted.
func TestQoS0IsBuffered(t *testing.T) {
	t.Parallel()
	other, p := newPlant(t), newPlant(t)
	address := other.serve()
	far := listen(t, address, "line/#")
	p.bridged = p.session("$bridge/cloud", broker.SessionOptions{Class: mqtt.Now, QueueQoS0: true})
	config := outOf(address)
	config.Routes[0].QoS, config.Storage.QoS0 = 0, true
	network := &cutter{down: true}
	b, _ := p.run(config, bridge.Options{Dial: network.dial})
	eventually(t, "it is down", inState(b, gateway.StateDown))
	p.publish("line/a", 1, 1, 200)
	if s := b.Status(); s.Backlog.Messages != 200 {
		t.Errorf("%+v", s)
	}
	network.set(false)
	eventually(t, "all arrive", func() bool { return len(far.messages()) >= 200 })
	checkNumbers(t, far.messages(), 200)
}

// TestWhatGoesRoundIsCounted: one bridge takes it out, another one brings it back to where the first one takes it again.
func TestWhatGoesRoundIsCounted(t *testing.T) {
	t.Parallel()
	other, p := newPlant(t), newPlant(t)
	address, circles := other.serve(), bridge.NewCircles()
	inward := bridge.New(gateway.Bridge{ID: "in", URL: "mqtt://" + address, Version: 4, Routes: []gateway.Route{
		{Direction: gateway.In, Filter: "b/+", Topic: "a/{1}", QoS: 1},
	}}, bridge.Options{Session: p.session("$bridge/in", broker.SessionOptions{Class: mqtt.Now}), GatewayName: "edge", Circles: circles})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- inward.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	outward := gateway.Bridge{URL: "mqtt://" + address, Version: 4, Routes: []gateway.Route{
		{Direction: gateway.Out, Filter: "a/+", Topic: "b/{1}", QoS: 1},
	}}
	b, _ := p.run(outward, bridge.Options{Circles: circles})
	eventually(t, "both are up", func() bool {
		return isUp(b)() && isUp(inward)() && other.broker.Status().Subscriptions > 0
	})
	m := &mqtt.Message{Topic: "a/x", QoS: 1, Payload: []byte(`{"v":21.5,"n":1234}`)}
	if err := p.machine.Publish(t.Context(), m, mqtt.Origin{}, nil); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is counted", func() bool { return b.Status().Circles > 20 })
}

// saying is a log that notes how far something was counted when a text was first said.
type saying struct {
	text  string
	count *atomic.Int64
	at    atomic.Int64
}

func (*saying) Enabled(context.Context, slog.Level) bool { return true }
func (s *saying) WithAttrs([]slog.Attr) slog.Handler     { return s }
func (s *saying) WithGroup(string) slog.Handler          { return s }

func (s *saying) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if strings.Contains(a.Value.String(), s.text) {
			s.at.CompareAndSwap(0, s.count.Load())
		}
		return true
	})
	return nil
}

// TestServersThatSendUsRoundAreNotFollowedForEver: two that refer to each other, at CONNACK or right after it. It says so, goes
// back to the first one after a pause, and stays where it is let in at last.
func TestServersThatSendUsRoundAreNotFollowedForEver(t *testing.T) {
	t.Parallel()
	for name, late := range map[string]bool{"at CONNACK": false, "after CONNACK": true} {
		for _, code := range []mqtt.ReasonCode{mqtt.UseAnotherServer, mqtt.ServerMoved} {
			t.Run(name+" "+code.String(), func(t *testing.T) {
				t.Parallel()
				var second string
				var visits, open atomic.Int64
				refer := func(where *string) func(net.Conn) {
					return func(conn net.Conn) {
						if packet(conn) == nil {
							return
						}
						visits.Add(1)
						if open.Load() > 0 {
							send(conn, 5, &wire.Connack{})
							packet(conn) // until it goes
							return
						}
						if late {
							send(conn, 5, &wire.Connack{})
							send(conn, 5, &wire.Disconnect{Code: code, ServerReference: *where})
							return
						}
						send(conn, 5, &wire.Connack{Code: code, ServerReference: *where})
					}
				}
				first := cloud(t, refer(&second))
				second = cloud(t, refer(&first))
				said := &saying{text: "send us to each other", count: &visits}
				b, _ := newPlant(t).run(outOf(first), bridge.Options{Logger: slog.New(said)})
				eventually(t, "it says so", func() bool { return said.at.Load() > 0 })
				if n := said.at.Load(); n != 5 {
					t.Errorf("%d visits before it says so", n)
				}
				open.Store(1)
				eventually(t, "it is let in", isUp(b))
			})
		}
	}
}
