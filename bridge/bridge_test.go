package bridge_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/tidegate/tidegate/bridge"
	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
)

const anonymous = "allow_anonymous true"

func outward(m *mosquitto, version, qos int) gateway.Bridge {
	return gateway.Bridge{
		URL: "mqtt://" + m.address, Version: version,
		Routes: []gateway.Route{{Direction: gateway.Out, Filter: "line/#", Prefix: "site/", QoS: qos}},
	}
}

func isUp(b *bridge.Bridge) func() bool {
	return func() bool { return b.Status().State == gateway.StateUp }
}

// checkNumbers wants the numbers 1 to last, in order, each once.
func checkNumbers(t *testing.T, got []*mqtt.Message, last int) {
	t.Helper()
	if len(got) != last {
		t.Errorf("%d messages arrived, want %d", len(got), last)
	}
	for i := range min(len(got), last) {
		if string(got[i].Payload) != fmt.Sprint(i+1) {
			t.Fatalf("message %d is number %s", i+1, got[i].Payload)
		}
	}
}

func TestOutForwardsWithPrefixAndCap(t *testing.T) {
	for _, version := range []int{4, 5} {
		for qos := range 3 {
			t.Run(fmt.Sprintf("version %d cap %d", version, qos), func(t *testing.T) {
				m := MustMosquitto(t, anonymous)
				cloud := listen(t, m.address, "#")
				p := newPlant(t)
				b, _ := p.run(outward(m, version, qos), bridge.Options{})
				eventually(t, "the bridge is up", isUp(b))
				p.publish("other/a", 2, 1, 10)
				p.publish("line/a", 2, 1, 100)
				eventually(t, "all arrive", func() bool { return len(cloud.messages()) >= 100 })
				eventually(t, "nothing waits", p.empty)
				checkNumbers(t, cloud.messages(), 100)
				if first := cloud.messages()[0]; first.Topic != "site/line/a" || int(first.QoS) != qos {
					t.Errorf("%s at QoS %d", first.Topic, first.QoS)
				}
				if s := b.Status(); s.Forwarded != 100 || s.Refused+s.PossiblyTwice != 0 {
					t.Errorf("status %+v", s)
				}
			})
		}
	}
}

func TestOutageLosesNothing(t *testing.T) {
	t.Parallel()
	for _, version := range []int{4, 5} {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			m := MustMosquitto(t, anonymous)
			cloud := listen(t, m.address, "site/#")
			p := newPlant(t)
			network := &cutter{down: true}
			b, stop := p.run(outward(m, version, 2), bridge.Options{Dial: network.dial})
			eventually(t, "the bridge is down", func() bool { return b.Status().State == gateway.StateDown })
			p.publish("line/a", 2, 1, 5000) // more than a session keeps in memory
			if s := b.Status(); s.Backlog.Messages != 5000 || !strings.Contains(s.Reason, errCable.Error()) {
				t.Errorf("status %+v", s)
			}
			stop() // a new bridge on the same session goes on
			network.set(false)
			b, _ = p.run(outward(m, version, 2), bridge.Options{Dial: network.dial})
			p.publish("line/a", 2, 5001, 6000)
			eventually(t, "nothing waits", p.empty)
			eventually(t, "all arrive", func() bool { return len(cloud.messages()) >= 6000 })
			checkNumbers(t, cloud.messages(), 6000)
			if s := b.Status(); s.Forwarded != 6000 || s.PossiblyTwice != 0 {
				t.Errorf("status %+v", s)
			}
		})
	}
}

// TestCutsAtAnyByte is exactly once over a network that breaks fifty times, in the middle of whatever.
func TestCutsAtAnyByte(t *testing.T) {
	t.Parallel()
	for _, version := range []int{4, 5} {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			m := MustMosquitto(t, anonymous)
			cloud := listen(t, m.address, "site/#")
			p := newPlant(t)
			network := &cutter{left: 52, low: 60, high: 3000}
			b, _ := p.run(outward(m, version, 2), bridge.Options{Dial: network.dial})
			p.publish("line/a", 2, 1, 4000)
			eventually(t, "nothing waits", p.empty)
			eventually(t, "all arrive", func() bool { return len(cloud.messages()) >= 4000 })
			checkNumbers(t, cloud.messages(), 4000)
			if network.count() < 40 {
				t.Errorf("%d cuts only", network.count())
			}
			if s := b.Status(); s.PossiblyTwice != 0 || s.Refused != 0 {
				t.Errorf("status %+v", s)
			}
		})
	}
}

// TestCutsAtAnyByteInBothLanes is exactly once and in order for what is urgent and for the rest, which come mixed.
func TestCutsAtAnyByteInBothLanes(t *testing.T) {
	t.Parallel()
	m := MustMosquitto(t, anonymous)
	cloud := listen(t, m.address, "site/#")
	config := outward(m, 5, 2)
	config.Routes = append(config.Routes, gateway.Route{Direction: gateway.Out, Filter: "alarm/#", Prefix: "site/", QoS: 2, Priority: 9})
	p := newPlantWith(t, broker.Limits{Window: 100})
	p.bridged = p.session("$bridge/cloud", broker.SessionOptions{Class: mqtt.Now, Lanes: bridge.Lanes(config.Routes)})
	network := &cutter{left: 42, low: 60, high: 3000}
	b, _ := p.run(config, bridge.Options{Dial: network.dial})
	for i := range 20 {
		p.publish("line/a", 2, 100*i+1, 100*i+100)
		p.publish("alarm/a", 2, 50*i+1, 50*i+50)
	}
	eventually(t, "nothing waits", p.empty)
	eventually(t, "all arrive", func() bool { return len(cloud.messages()) >= 3000 })
	byTopic := map[string][]*mqtt.Message{}
	for _, m := range cloud.messages() {
		byTopic[m.Topic] = append(byTopic[m.Topic], m)
	}
	checkNumbers(t, byTopic["site/alarm/a"], 1000)
	checkNumbers(t, byTopic["site/line/a"], 2000)
	if s := b.Status(); network.count() < 30 || s.PossiblyTwice != 0 || s.Refused != 0 {
		t.Errorf("%d cuts, status %+v", network.count(), s)
	}
}

// TestCutsAtAnyByteInward is exactly once in the other direction [MQTT-4.3.3-10]. Mosquitto 2.0.11 forgets a PUBREC when a
// connection breaks while it sends its PUBRELs again (db__message_reconnect_reset_outgoing knows no messages in the state
// "resend PUBREL"), so its connections are cut only after that; ours as the cloud are cut anywhere.
func TestCutsAtAnyByteInward(t *testing.T) {
	t.Parallel()
	clouds := []struct {
		name    string
		low     int
		address func() string
	}{
		{"tidegate", 60, func() string { return newPlant(t).serve() }},
		{"mosquitto", 800, func() string { return MustMosquitto(t, anonymous).address }},
	}
	for _, cloud := range clouds {
		for _, version := range []int{4, 5} {
			t.Run(fmt.Sprintf("%s %d", cloud.name, version), func(t *testing.T) {
				t.Parallel()
				cutInward(t, cloud.address(), version, cloud.low)
			})
		}
	}
}

func cutInward(t *testing.T, address string, version, low int) {
	const count, window = 3000, 20 // a handshake of 20 messages sent again is shorter than 800 bytes
	p := newPlant(t)
	config := gateway.Bridge{
		URL: "mqtt://" + address, Version: version, Window: window,
		Routes: []gateway.Route{{Direction: gateway.In, Filter: "orders/#", Prefix: "cloud/", QoS: 2}},
	}
	b, stop := p.run(config, bridge.Options{})
	sink := p.session("sink", broker.SessionOptions{Class: mqtt.Now})
	probes := p.session("probes", broker.SessionOptions{Class: mqtt.Now})
	for session, filter := range map[mqtt.Session]string{sink: "cloud/orders/a", probes: "cloud/orders/probe"} {
		if err := session.Subscribe(t.Context(), mqtt.Subscription{Filter: filter, QoS: 2}); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "the bridge is up", isUp(b))
	cloud := listen(t, address, "ready")
	eventually(t, "the cloud knows the subscription", func() bool {
		cloud.send("orders/probe", 0, 0)
		return probes.Queue().Messages > 0
	})
	stop()
	network := &cutter{left: 51, low: low, high: 3000}
	p.run(config, bridge.Options{Dial: network.dial})
	cloud.send("orders/a", 1, count)
	eventually(t, "all come", func() bool { return sink.Queue().Messages >= count })
	link := sink.Attach()
	defer link.Detach()
	for i := 1; i <= count; i++ {
		d, err := link.Receive(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if string(d.Message().Payload) != fmt.Sprint(i) || d.Message().Topic != "cloud/orders/a" {
			t.Fatalf("order %d is %s", i, d.Message().Payload)
		}
		d.Settle(nil)
	}
	if network.count() < 20 {
		t.Errorf("%d cuts only", network.count())
	}
	if sink.Queue().Messages != 0 {
		t.Errorf("%d orders too many", sink.Queue().Messages)
	}
}

// TestCloudForgetsSession kills a cloud that keeps nothing while messages are in flight [MQTT-3.2.2-5]: nothing is lost, and
// what may have come twice is counted, at most one window for each time.
func TestCloudForgetsSession(t *testing.T) {
	t.Parallel()
	for _, version := range []int{4, 5} {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			const count, kills, window = 20_000, 3, 20
			m := MustMosquitto(t, anonymous)
			p := newPlant(t)
			b, _ := p.run(outward(m, version, 2), bridge.Options{})
			eventually(t, "the bridge is up", isUp(b))
			var publishing sync.WaitGroup
			publishing.Go(func() { p.publish("line/a", 2, 1, count) })
			for range kills {
				before := b.Status().Forwarded
				eventually(t, "it drains", func() bool { return b.Status().Forwarded > before })
				m.kill()
				eventually(t, "the bridge is down", func() bool { return b.Status().State == gateway.StateDown })
				m.start()
			}
			publishing.Wait()
			eventually(t, "nothing waits", p.empty)
			if s := b.Status(); s.Forwarded != count || s.PossiblyTwice > kills*window {
				t.Errorf("status %+v", s)
			}
		})
	}
}

func TestReasonsForOperators(t *testing.T) {
	closed := MustMosquitto(t, "allow_anonymous false")
	open := MustMosquitto(t, anonymous)
	gone := MustMosquitto(t, anonymous)
	gone.kill()
	tests := []struct {
		name, url, want string
		resolve         func(context.Context, string) ([]string, error)
	}{
		{name: "wrong password", url: "mqtt://" + closed.address, want: "does not let us in: check user name, password"},
		{name: "not running", url: "mqtt://" + gone.address, want: "refuses connections"},
		{name: "name", url: "mqtt://cloud.invalid", want: "cannot be resolved", resolve: func(context.Context, string) ([]string, error) {
			return nil, &net.DNSError{Name: "cloud.invalid", IsNotFound: true}
		}},
		{name: "not TLS", url: "mqtts://" + open.address, want: "closed the connection"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newPlant(t)
			b, _ := p.run(gateway.Bridge{URL: tt.url, Username: "tim", Password: "wrong"}, bridge.Options{Resolve: tt.resolve})
			eventually(t, "a reason", inState(b, gateway.StateDown))
			s := b.Status()
			if s.State != gateway.StateDown || !strings.Contains(s.Reason, tt.want) || strings.Contains(s.Reason, "wrong") {
				t.Errorf("%s: %s, want %q", s.State, s.Reason, tt.want)
			}
		})
	}
}

func TestChangedRoutesChangeSubscriptions(t *testing.T) {
	m := MustMosquitto(t, anonymous)
	p := newPlant(t)
	config := outward(m, 5, 1)
	config.Routes = append(config.Routes, gateway.Route{Direction: gateway.Out, Filter: "old/#", QoS: 1})
	b, stop := p.run(config, bridge.Options{})
	eventually(t, "the bridge is up", isUp(b))
	stop()
	config.Routes = []gateway.Route{
		{Direction: gateway.Out, Filter: "line/#", QoS: 2}, {Direction: gateway.Out, Filter: "new", QoS: 0},
	}
	b, _ = p.run(config, bridge.Options{})
	eventually(t, "the bridge is up", isUp(b))
	var got []string
	for _, s := range p.bridged.Subscriptions() {
		got = append(got, fmt.Sprintf("%s %d %t", s.Filter, s.QoS, s.NoLocal))
	}
	if want := "line/# 2 true, new 0 true"; strings.Join(got, ", ") != want {
		t.Errorf("subscriptions %v, want %s", got, want)
	}
}

// TestACloudWithoutRoomGetsItLater: a refusal for lack of room (0x97) gives nothing up.
func TestACloudWithoutRoomGetsItLater(t *testing.T) {
	for qos := 1; qos <= 2; qos++ {
		t.Run(fmt.Sprint(qos), func(t *testing.T) {
			full := newPlantWith(t, broker.Limits{QueueMessages: 10, Overflow: broker.Reject})
			away := full.session("away", broker.SessionOptions{Class: mqtt.Now})
			if err := away.Subscribe(t.Context(), mqtt.Subscription{Filter: "site/#", QoS: 2}); err != nil {
				t.Fatal(err)
			}
			p := newPlant(t)
			config := gateway.Bridge{
				URL: "mqtt://" + full.serve(), Version: 5, Window: 1,
				Routes: []gateway.Route{{Direction: gateway.Out, Filter: "line/#", Prefix: "site/", QoS: qos}},
			}
			b, _ := p.run(config, bridge.Options{})
			p.publish("line/a", 2, 1, 100)
			eventually(t, "it says that there is no room", func() bool { return strings.Contains(b.Status().Reason, "quota") })
			link := away.Attach()
			defer link.Detach()
			var got []*mqtt.Message
			for len(got) < 100 {
				d, err := link.Receive(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, d.Message())
				d.Settle(nil)
			}
			checkNumbers(t, got, 100)
			eventually(t, "nothing waits", p.empty)
			if s := b.Status(); s.Forwarded != 100 || s.Refused != 0 {
				t.Errorf("status %+v", s)
			}
		})
	}
}

func TestTooLargeIsRefusedAndDoesNotBlock(t *testing.T) {
	m := MustMosquitto(t, anonymous+"\nmax_packet_size 2000")
	cloud := listen(t, m.address, "site/#")
	p := newPlant(t)
	b, _ := p.run(outward(m, 5, 1), bridge.Options{})
	p.publish("line/a", 1, 1, 1)
	large := &mqtt.Message{Topic: "line/a", QoS: 1, Payload: make([]byte, 3000)}
	if err := p.machine.Publish(t.Context(), large, mqtt.Origin{}, func(error) {}); err != nil {
		t.Fatal(err)
	}
	p.publish("line/a", 1, 2, 2)
	eventually(t, "nothing waits", p.empty)
	eventually(t, "the others arrive", func() bool { return len(cloud.messages()) >= 2 })
	checkNumbers(t, cloud.messages(), 2)
	if s := b.Status(); s.Refused != 1 || s.Forwarded != 2 || s.State != gateway.StateUp {
		t.Errorf("status %+v", s)
	}
}

func TestNothingGoesInCircles(t *testing.T) {
	m := MustMosquitto(t, anonymous)
	cloud := listen(t, m.address, "both/#")
	p := newPlant(t)
	b, _ := p.run(gateway.Bridge{URL: "mqtt://" + m.address, Routes: []gateway.Route{
		{Direction: gateway.Out, Filter: "both/#", QoS: 1},
		{Direction: gateway.In, Filter: "both/#", QoS: 1},
		{Direction: gateway.In, Filter: "end", QoS: 1},
	}}, bridge.Options{})
	eventually(t, "the bridge is up", isUp(b))
	p.publish("both/a", 1, 1, 5)
	eventually(t, "all arrive", func() bool { return len(cloud.messages()) == 5 })
	for _, topic := range []string{"both/b", "end"} {
		if err := cloud.Publish(t.Context(), &mqtt.Message{Topic: topic, QoS: 1}, func(error) {}); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "both come", func() bool { return b.Status().Received >= 2 })
	eventually(t, "nothing waits", p.empty)
	if got := b.Status(); got.Received != 2 || got.Forwarded != 5 {
		t.Errorf("status %+v", got)
	}
}
