package broker_test

import (
	"context"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/mqtt/packet"
)

func TestClientIdentifiers(t *testing.T) {
	tests := []struct {
		name    string
		request packet.Connect
		want    mqtt.ReasonCode
	}{
		{"3.1 needs one", packet.Connect{Version: packet.V31, CleanStart: true}, mqtt.ClientIdentifierNotValid},
		{"3.1.1 may leave it out with a clean session", packet.Connect{Version: packet.V311, CleanStart: true}, mqtt.Success},
		{"3.1.1 needs one for a kept session", packet.Connect{Version: packet.V311}, mqtt.ClientIdentifierNotValid},
		{"5.0 may leave it out", packet.Connect{Version: packet.V5}, mqtt.Success},
		{"$ belongs to the gateway", packet.Connect{Version: packet.V5, ClientID: "$bridge/a"}, mqtt.ClientIdentifierNotValid},
		{"too long", packet.Connect{Version: packet.V5, ClientID: strings.Repeat("x", 2000)}, mqtt.ClientIdentifierNotValid},
		{"enhanced authentication", packet.Connect{Version: packet.V5, ClientID: "a", AuthMethod: "SCRAM"}, mqtt.BadAuthenticationMethod},
	}
	p := newPlant(t, broker.Options{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := p.try(tt.request)
			if c.connack.Code != tt.want {
				t.Fatalf("connack %v, want %v", c.connack.Code, tt.want)
			}
			if tt.want.Failed() {
				c.expectClosed()
			} else if c.version == packet.V5 && c.connack.AssignedClientID == "" {
				t.Error("no assigned client identifier [MQTT-3.2.2-16]")
			}
		})
	}
}

func TestSessionPresent(t *testing.T) {
	p := newPlant(t, broker.Options{})
	steps := []struct {
		clean  bool
		expiry uint32
		want   bool
	}{
		{false, 100, false}, // new
		{false, 100, true},
		{true, 100, false}, // clean start
		{false, 0, true},   // resumed, ends with this connection
		{false, 0, false},  // so it is new, and ends again
		{false, 100, false},
		{false, 100, true},
	}
	for i, step := range steps {
		c := p.connect(packet.Connect{ClientID: "a", CleanStart: step.clean, SessionExpiry: step.expiry})
		if c.connack.SessionPresent != step.want {
			t.Fatalf("step %d: session present %t, want %t", i, c.connack.SessionPresent, step.want)
		}
		c.leave()
		p.offline("a")
	}
}

func TestTakeOver(t *testing.T) {
	p := newPlant(t, broker.Options{})
	first := p.v5("a", 100)
	first.subscribe(mqtt.Subscription{Filter: "t", QoS: 1})
	second := p.v5("a", 100)
	first.expectEnd(mqtt.SessionTakenOver) // [MQTT-3.1.4-3]
	if !second.connack.SessionPresent {
		t.Error("no session present")
	}
	p.v5("pub", 0).publish("t", "x", 1, 1)
	second.expectPublish("t", "x")
	// A session without expiry ends with its connection, also when it is taken over.
	p.v5("b", 0)
	if c := p.connect(packet.Connect{ClientID: "b"}); c.connack.SessionPresent {
		t.Error("session present after the end of a session without expiry")
	}
}

func TestStormOfOneClient(t *testing.T) {
	p := newPlant(t, broker.Options{})
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			c := p.try(packet.Connect{ClientID: "same", SessionExpiry: 100})
			if c.connack.Code != mqtt.Success {
				t.Errorf("connack %v", c.connack.Code)
			}
			// It may be taken over at any point.
			data, err := packet.Append(nil, packet.V5, &packet.Subscribe{PacketID: 1, Subscriptions: []mqtt.Subscription{{Filter: "t"}}})
			if err != nil {
				t.Error(err)
			}
			_, _ = c.conn.Write(data)
		})
	}
	wg.Wait()
	last := p.v5("same", 100)
	last.ping()
	if n := p.Status().Clients; n != 1 {
		t.Errorf("%d clients, want 1", n)
	}
	if n := p.Status().Sessions; n != 1 {
		t.Errorf("%d sessions, want 1", n)
	}
}

func TestDisconnectChangesExpiry(t *testing.T) {
	p := newPlant(t, broker.Options{})
	c := p.v5("a", 0)
	c.send(&packet.Disconnect{SessionExpiry: new(uint32(10))})
	c.expectEnd(mqtt.ProtocolError)
	c = p.v5("b", 100)
	c.send(&packet.Disconnect{SessionExpiry: new(uint32(0))})
	c.expectClosed()
	p.offline("b")
	if c = p.connect(packet.Connect{ClientID: "b"}); c.connack.SessionPresent {
		t.Error("the session outlived its expiry of 0")
	}
}

func TestSessionExpires(t *testing.T) {
	t.Parallel()
	p := newPlant(t, broker.Options{})
	p.v5("a", 1).drop()
	eventually(t, "the session is gone", func() bool { return p.Status().Sessions == 0 })
	p.restart()
	if n := p.Status().Sessions; n != 0 {
		t.Errorf("%d sessions after a restart, want 0", n)
	}
}

// TestKeepAlive: silence for one and a half of it ends the connection [MQTT-3.1.2-22] [MQTT3-3.1.2-24], and so do bytes of a
// packet that never ends. Whoever asked for none is given one.
func TestKeepAlive(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		request packet.Connect
		trickle bool
	}{
		{"5.0", packet.Connect{KeepAlive: 1}, false},
		{"3.1.1", packet.Connect{Version: packet.V311, CleanStart: true, KeepAlive: 1}, false},
		{"a packet that never ends", packet.Connect{KeepAlive: 1}, true},
		{"none asked for", packet.Connect{}, false},
		{"too long a one asked for", packet.Connect{KeepAlive: 65535}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newPlant(t, broker.Options{Limits: broker.Limits{KeepAlive: time.Second}})
			tt.request.ClientID = "a"
			started := time.Now()
			c := p.connect(tt.request)
			if tt.trickle {
				go trickle(c.conn)
			}
			c.expectEnd(mqtt.KeepAliveTimeout)
			if took := time.Since(started); took < time.Second || took > 4*time.Second {
				t.Errorf("closed after %v, want 1.5 s", took)
			}
		})
	}
}

// trickle sends a byte of a long packet now and then.
func trickle(conn net.Conn) {
	next := []byte{0x30, 0xff, 0x7f, 0, 1, 'a', 0}
	for {
		if _, err := conn.Write(next); err != nil {
			return
		}
		next = []byte{'x'}
		pause(100 * time.Millisecond)
	}
}

func TestConnectTimeout(t *testing.T) {
	p := newPlant(t, broker.Options{Limits: broker.Limits{ConnectTimeout: 50 * time.Millisecond}})
	p.dial().expectClosed()
}

func TestLimitOfClients(t *testing.T) {
	p := newPlant(t, broker.Options{Limits: broker.Limits{Clients: 1}})
	c := p.v5("a", 0)
	if second := p.try(packet.Connect{ClientID: "b"}); second.connack.Code != mqtt.ServerBusy {
		t.Fatalf("connack %v, want server busy", second.connack.Code)
	}
	c.leave()
	eventually(t, "there is room", func() bool { return p.Status().Clients == 0 })
	p.v5("b", 0)
}

func TestShutdownTellsClients(t *testing.T) {
	p := newPlant(t, broker.Options{})
	five, three, silent := p.v5("five", 0), p.v3("three", true), p.dial()
	p.stop()
	five.expectEnd(mqtt.ServerShuttingDown)
	three.expectClosed()
	silent.expectClosed()
}

func TestUnexpectedPackets(t *testing.T) {
	p := newPlant(t, broker.Options{})
	for name, wrong := range map[string]packet.Packet{
		"second CONNECT": &packet.Connect{Version: packet.V5, ClientID: "x", ReceiveMaximum: 1},
		"AUTH":           &packet.Auth{Code: mqtt.ReAuthenticate, Method: "x"},
		"CONNACK":        &packet.Connack{},
		"PINGRESP":       &packet.Ping{Response: true},
		"SUBACK":         &packet.Suback{PacketID: 1, Codes: []mqtt.ReasonCode{0}},
	} {
		t.Run(name, func(*testing.T) {
			c := p.v5("a", 0)
			c.send(wrong)
			c.expectEnd(mqtt.ProtocolError)
		})
	}
}

// rules is an access of a test.
type rules struct{ forbidden string }

func (r rules) Authenticate(_ context.Context, login broker.Login) (string, error) {
	if login.Username == "bad" {
		return "", mqtt.BadUserNameOrPassword
	}
	return login.Username, nil
}

func (r rules) Begin(context.Context, broker.Login, string) (mqtt.Exchange, error) {
	return nil, mqtt.BadAuthenticationMethod
}
func (r rules) MayPublish(_ broker.Client, topic string) bool    { return topic != r.forbidden }
func (r rules) MaySubscribe(_ broker.Client, filter string) bool { return filter != r.forbidden }

func TestAccess(t *testing.T) {
	p := newPlant(t, broker.Options{Access: rules{"no"}})
	bad := "bad"
	for _, version := range []packet.Version{packet.V311, packet.V5} {
		c := p.try(packet.Connect{Version: version, ClientID: "a", CleanStart: true, Username: &bad})
		if c.connack.Code != mqtt.BadUserNameOrPassword {
			t.Errorf("connack %v", c.connack.Code)
		}
	}
	c := p.v5("a", 0)
	if codes := c.subscribe(mqtt.Subscription{Filter: "no"}, mqtt.Subscription{Filter: "yes"}); codes[0] != mqtt.NotAuthorized || codes[1] != 0 {
		t.Errorf("suback %v", codes)
	}
	c.send(&packet.Publish{Topic: "no", QoS: 1, PacketID: 1})
	c.expectAck(packet.PUBACK, 1, mqtt.NotAuthorized)
	c.send(&packet.Publish{Topic: "$SYS/x", QoS: 2, PacketID: 2})
	c.expectAck(packet.PUBREC, 2, mqtt.NotAuthorized)
	// MQTT 3.1.1 cannot be told: no acknowledgement, and the connection ends.
	old := p.v3("b", true)
	old.send(&packet.Publish{Topic: "no", QoS: 1, PacketID: 1})
	old.expectClosed()
}

func TestAccessLostWhileAway(t *testing.T) {
	p := newPlant(t, broker.Options{})
	c := p.v5("a", 100)
	c.subscribe(mqtt.Subscription{Filter: "no"}, mqtt.Subscription{Filter: "yes"})
	c.leave()
	p.options.Access = rules{"no"}
	p.restart()
	p.v5("a", 100)
	if s := p.Sessions()[0]; len(s.Subscriptions) != 1 || s.Subscriptions[0] != "yes" {
		t.Errorf("subscriptions %v, want yes", s.Subscriptions)
	}
}

func TestGarbageEndsOnlyItsConnection(t *testing.T) {
	p := newPlant(t, broker.Options{})
	witness := p.v5("witness", 0)
	whole, err := packet.Append(nil, packet.V5, &packet.Connect{
		Version: packet.V5, ClientID: "victim", ReceiveMaximum: 5, SessionExpiry: 5,
		Will: &mqtt.Will{Message: mqtt.Message{Topic: "w", Payload: []byte("x")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	connected := len(whole)
	for _, next := range []packet.Packet{
		&packet.Subscribe{PacketID: 1, Subscriptions: []mqtt.Subscription{{Filter: "a/+/#", QoS: 2, Identifier: 7}}},
		&packet.Publish{Topic: "a/b/c", QoS: 2, PacketID: 3, Payload: []byte("payload")},
		&packet.Ack{Kind: packet.PUBREL, PacketID: 3},
	} {
		if whole, err = packet.Append(whole, packet.V5, next); err != nil {
			t.Fatal(err)
		}
	}
	for cut := range len(whole) {
		c := p.dial()
		_, _ = c.conn.Write(whole[:cut])
		c.drop()
		if cut > connected { // a wrong byte instead of the end
			c = p.dial()
			broken := append([]byte(nil), whole...)
			broken[cut] ^= 0xFF
			_, _ = c.conn.Write(broken)
			c.drop()
		}
	}
	witness.ping()
}

// hesitant takes its time, once, to allow a will.
type hesitant struct {
	rules
	armed       atomic.Bool
	asked, back chan struct{}
}

func (h *hesitant) MayPublish(_ broker.Client, topic string) bool {
	if topic == "gone" && h.armed.CompareAndSwap(true, false) {
		close(h.asked)
		select {
		case <-h.back:
		case <-time.After(300 * time.Millisecond): // whoever wants to come back waits for us
		}
	}
	return true
}

// TestDurableSessionOutlivesTheEndOfTheOneBefore: a client whose session ends with its connection comes back at once and
// wants a durable one; the end of the first must not take away what is stored of the second.
func TestDurableSessionOutlivesTheEndOfTheOneBefore(t *testing.T) {
	t.Parallel()
	h := &hesitant{asked: make(chan struct{}), back: make(chan struct{})}
	p := newPlant(t, broker.Options{Access: h})
	watcher := p.v5("watcher", 0)
	watcher.subscribe(mqtt.Subscription{Filter: "gone"})
	first := p.connect(packet.Connect{ClientID: "client", Will: &mqtt.Will{Message: mqtt.Message{Topic: "gone"}}})
	h.armed.Store(true)
	first.drop()
	<-h.asked
	second := p.v5("client", 3600)
	close(h.back)
	watcher.expectPublish("gone", "") // it goes with the end of the first session
	second.subscribe(mqtt.Subscription{Filter: "x"})
	snapshot, err := p.store.Load(t.Context())
	if err != nil || !slices.ContainsFunc(snapshot.Sessions, func(s mqtt.SessionState) bool { return s.ID == "client" }) {
		t.Errorf("what the second connection was promised is not stored (%v)", err)
	}
}
