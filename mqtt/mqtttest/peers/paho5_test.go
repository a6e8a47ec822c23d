package peers_test

import (
	"context"
	"fmt"
	"net"
	"testing"

	"github.com/eclipse/paho.golang/paho"
)

// paho5 is a connected client of MQTT 5 with everything that it received.
type paho5 struct {
	*paho.Client
	tb      testing.TB
	connack *paho.Connack
	box     inbox
	said    inbox // DISCONNECT packets of the server
}

// MustPaho5 connects. A message becomes "topic payload" in the inbox, or what show makes of it.
func MustPaho5(tb testing.TB, address string, connect *paho.Connect, show func(*paho.Publish) string) *paho5 {
	tb.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		tb.Fatal(err)
	}
	if show == nil {
		show = func(p *paho.Publish) string { return p.Topic + " " + string(p.Payload) }
	}
	c := &paho5{tb: tb}
	c.Client = paho.NewClient(paho.ClientConfig{
		Conn: conn,
		OnPublishReceived: []func(paho.PublishReceived) (bool, error){func(p paho.PublishReceived) (bool, error) {
			c.box.add(show(p.Packet))
			return true, nil
		}},
		OnServerDisconnect: func(d *paho.Disconnect) { c.said.add(fmt.Sprintf("%#x", d.ReasonCode)) },
	})
	connect.KeepAlive = 30
	if c.connack, err = c.Connect(c.soon(), connect); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close() })
	return c
}

// soon is a context for one request.
func (c *paho5) soon() context.Context {
	ctx, cancel := context.WithTimeout(c.tb.Context(), patience)
	c.tb.Cleanup(cancel)
	return ctx
}

func (c *paho5) subscribe(s *paho.Subscribe) {
	c.tb.Helper()
	if _, err := c.Subscribe(c.soon(), s); err != nil {
		c.tb.Fatal(err)
	}
}

func (c *paho5) publish(p *paho.Publish) {
	c.tb.Helper()
	if _, err := c.Publish(c.soon(), p); err != nil {
		c.tb.Fatal(err)
	}
}

func clean(id string) *paho.Connect { return &paho.Connect{ClientID: id, CleanStart: true} }

func durable(id string) *paho.Connect {
	return &paho.Connect{ClientID: id, Properties: &paho.ConnectProperties{SessionExpiryInterval: new(uint32(60)), RequestProblemInfo: true}}
}

func to(filter string, qos byte) *paho.Subscribe {
	return &paho.Subscribe{Subscriptions: []paho.SubscribeOptions{{Topic: filter, QoS: qos}}}
}

func TestPaho5KeepsTheOrderAtEveryQoS(t *testing.T) {
	onEach(t, func(t *testing.T, address string) {
		for qos := range byte(3) {
			topic := fmt.Sprintf("order/%d", qos)
			sub := MustPaho5(t, address, clean("sub"+topic), func(p *paho.Publish) string { return string(p.Payload) })
			sub.subscribe(to(topic, qos))
			pub := MustPaho5(t, address, clean("pub"+topic), nil)
			for _, n := range numbers(200) {
				_, err := pub.PublishWithOptions(pub.soon(), &paho.Publish{Topic: topic, QoS: qos, Payload: []byte(n)},
					paho.PublishOptions{Method: paho.PublishMethod_AsyncSend})
				if err != nil {
					t.Fatal(err)
				}
			}
			sub.box.expect(t, numbers(200)...)
		}
	})
}

func TestPaho5PropertiesArriveUnchanged(t *testing.T) {
	onEach(t, func(t *testing.T, address string) {
		sub := MustPaho5(t, address, clean("sub"), func(p *paho.Publish) string {
			props := p.Properties
			return fmt.Sprintf("%s %s %s %s %d %d %v", p.Payload, props.ContentType, props.ResponseTopic, props.CorrelationData,
				*props.PayloadFormat, *props.SubscriptionIdentifier, props.User)
		})
		request := to("p/#", 1)
		request.Properties = &paho.SubscribeProperties{SubscriptionIdentifier: new(268435455)}
		sub.subscribe(request)
		pub := MustPaho5(t, address, clean("pub"), nil)
		user := paho.UserProperties{{Key: "b", Value: "1"}, {Key: "a", Value: "2"}, {Key: "b", Value: "3"}}
		pub.publish(&paho.Publish{Topic: "p/1", QoS: 1, Payload: []byte("x"), Properties: &paho.PublishProperties{
			ContentType: "text", ResponseTopic: "answer", CorrelationData: []byte("c"), PayloadFormat: new(byte(1)),
			MessageExpiry: new(uint32(60)), User: user,
		}})
		sub.box.expect(t, "x text answer c 1 268435455 [{b 1} {a 2} {b 3}]")
	})
}

func TestPaho5SubscriptionOptions(t *testing.T) {
	onEach(t, func(t *testing.T, address string) {
		pub := MustPaho5(t, address, clean("pub"), nil)
		pub.publish(&paho.Publish{Topic: "kept", QoS: 1, Retain: true, Payload: []byte("old")})
		show := func(p *paho.Publish) string { return fmt.Sprintf("%s %s %v", p.Topic, p.Payload, p.Retain) }
		sub := MustPaho5(t, address, clean("sub"), show)
		sub.subscribe(&paho.Subscribe{Subscriptions: []paho.SubscribeOptions{
			{Topic: "kept", QoS: 1, RetainHandling: 2, RetainAsPublished: true},
			{Topic: "own", QoS: 1, NoLocal: true},
		}})
		sub.publish(&paho.Publish{Topic: "own", QoS: 1, Payload: []byte("mine")})
		pub.publish(&paho.Publish{Topic: "own", QoS: 1, Payload: []byte("other")})
		pub.publish(&paho.Publish{Topic: "kept", QoS: 1, Retain: true, Payload: []byte("new")})
		sub.box.expect(t, "own other false", "kept new true")

		again := to("kept", 1) // handling 0: the retained message comes, with its flag
		sub.subscribe(again)
		sub.box.expect(t, "own other false", "kept new true", "kept new true")
	})
}

func TestPaho5SharedSubscriptionGivesEachMessageOnce(t *testing.T) {
	onEach(t, func(t *testing.T, address string) {
		a, b := MustPaho5(t, address, clean("a"), nil), MustPaho5(t, address, clean("b"), nil)
		a.subscribe(to("$share/group/work/#", 1))
		b.subscribe(to("$share/group/work/#", 1))
		pub := MustPaho5(t, address, clean("pub"), nil)
		for _, n := range numbers(40) {
			pub.publish(&paho.Publish{Topic: "work/" + n, QoS: 1, Payload: []byte(n)})
		}
		Eventually(t, "40 messages", func() bool { return len(a.box.lines())+len(b.box.lines()) == 40 })
		seen := map[string]bool{}
		for _, line := range append(a.box.lines(), b.box.lines()...) {
			seen[line] = true
		}
		if len(seen) != 40 || len(a.box.lines()) == 0 || len(b.box.lines()) == 0 {
			t.Errorf("%d different, %d and %d", len(seen), len(a.box.lines()), len(b.box.lines()))
		}
	})
}

func TestPaho5SessionOutlivesTheConnection(t *testing.T) {
	onEach(t, func(t *testing.T, address string) {
		first := MustPaho5(t, address, durable("stays"), nil)
		if first.connack.SessionPresent {
			t.Error("a session before the first connection")
		}
		first.subscribe(to("s/#", 2))
		_ = first.Disconnect(&paho.Disconnect{})
		pub := MustPaho5(t, address, clean("pub"), nil)
		for i, n := range numbers(6) {
			pub.publish(&paho.Publish{Topic: "s/" + n, QoS: byte(1 + i/3), Payload: []byte(n)})
		}
		second := MustPaho5(t, address, durable("stays"), nil)
		if !second.connack.SessionPresent {
			t.Error("the session is gone")
		}
		second.box.expect(t, "s/0 0", "s/1 1", "s/2 2", "s/3 3", "s/4 4", "s/5 5")
	})
}

func TestPaho5WillOnDisconnectWithWill(t *testing.T) {
	onEach(t, func(t *testing.T, address string) {
		watcher := MustPaho5(t, address, clean("watcher"), func(p *paho.Publish) string {
			return fmt.Sprintf("%s %s %s %v", p.Topic, p.Payload, p.Properties.ContentType, p.Properties.User)
		})
		watcher.subscribe(to("wills/#", 1))
		for code, topic := range map[byte]string{0x00: "wills/quiet", 0x04: "wills/said"} {
			connect := clean(topic)
			connect.WillMessage = &paho.WillMessage{Topic: topic, Payload: []byte("bye"), QoS: 1}
			connect.WillProperties = &paho.WillProperties{User: paho.UserProperties{{Key: "k", Value: "v"}}}
			_ = MustPaho5(t, address, connect, nil).Disconnect(&paho.Disconnect{ReasonCode: code})
		}
		watcher.box.expect(t, "wills/said bye  [{k v}]")
	})
}

func TestPaho5IsToldWhatHappened(t *testing.T) {
	onEach(t, func(t *testing.T, address string) {
		anonymous := MustPaho5(t, address, clean(""), nil)
		if anonymous.connack.Properties.AssignedClientID == "" {
			t.Error("no client identifier was assigned")
		}
		unsuback, err := anonymous.Unsubscribe(anonymous.soon(), &paho.Unsubscribe{Topics: []string{"never"}})
		if err != nil || unsuback.Reasons[0] != 0x11 {
			t.Errorf("got %+v, %v", unsuback, err)
		}
	})
}

// TestPaho5TakenOver is not for mosquitto 2.0.11, which closes without a word.
func TestPaho5TakenOver(t *testing.T) {
	address := MustBroker(t)
	first := MustPaho5(t, address, clean("same"), nil)
	MustPaho5(t, address, clean("same"), nil)
	first.said.expect(t, "0x8e")
}
