package broker_test

import (
	"context"
	"testing"
	"time"

	"github.com/xdg-go/scram"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// vault is an access whose users have one password, which they prove by SCRAM.
type vault struct {
	rules
	server *scram.Server
}

const scramMethod = "SCRAM-SHA-256"

func newVault(t *testing.T) vault {
	t.Helper()
	known, err := scram.SHA256.NewClient("tim", "right", "")
	if err != nil {
		t.Fatal(err)
	}
	stored, err := known.GetStoredCredentialsWithError(scram.KeyFactors{Salt: "salt of the test", Iters: 4096})
	if err != nil {
		t.Fatal(err)
	}
	server, err := scram.SHA256.NewServer(func(string) (scram.StoredCredentials, error) { return stored, nil })
	if err != nil {
		t.Fatal(err)
	}
	return vault{rules{"forbidden"}, server}
}

func (v vault) Begin(_ context.Context, _ broker.Login, method string) (mqtt.Exchange, error) {
	if method != scramMethod {
		return nil, mqtt.BadAuthenticationMethod
	}
	return &exchange{v.server.NewConversation()}, nil
}

type exchange struct{ *scram.ServerConversation }

func (e *exchange) Step(_ context.Context, data []byte) (answer []byte, user string, done bool, err error) {
	text, err := e.ServerConversation.Step(string(data))
	if err != nil {
		return nil, "", false, mqtt.NotAuthorized
	}
	return []byte(text), e.Username(), e.Done(), nil
}

// prover is the client's side.
type prover struct {
	*client
	*scram.ClientConversation
}

func (p *plant) prover(user, password string) prover {
	p.t.Helper()
	c, err := scram.SHA256.NewClient(user, password, "")
	if err != nil {
		p.t.Fatal(err)
	}
	return prover{p.dial(), c.NewConversation()}
}

func (c prover) step(data []byte) []byte {
	c.t.Helper()
	next, err := c.Step(string(data))
	if err != nil {
		c.t.Fatal(err)
	}
	return []byte(next)
}

// begin sends CONNECT and the answer to the first AUTH.
func (c prover) begin() {
	c.t.Helper()
	c.send(&packet.Connect{
		Version: packet.V5, ClientID: "prover", CleanStart: true, ReceiveMaximum: 10, AuthMethod: scramMethod, AuthData: c.step(nil),
	})
	c.answer()
}

func (c prover) answer() {
	c.t.Helper()
	asked := expect[*packet.Auth](c.client)
	if asked.Code != mqtt.ContinueAuthentication || asked.Method != scramMethod { // [MQTT-4.12.0-2] [MQTT-4.12.0-5]
		c.t.Fatalf("got %+v", asked)
	}
	c.send(&packet.Auth{Code: mqtt.ContinueAuthentication, Method: scramMethod, Data: c.step(asked.Data)})
}

func (p *plant) proved() prover {
	p.t.Helper()
	c := p.prover("tim", "right")
	c.begin()
	ack := expect[*packet.Connack](c.client)
	c.step(ack.AuthData)
	if ack.Code != mqtt.Success || ack.AuthMethod != scramMethod || !c.Valid() { // [MQTT-4.12.0-5]
		p.t.Fatalf("connack %+v, proved %t", ack, c.Valid())
	}
	return c
}

func TestEnhancedAuthentication(t *testing.T) {
	t.Parallel()
	p := newPlant(t, broker.Options{Access: newVault(t)})
	p.proved().ping()
	if user := p.session("prover").Username; user != "tim" {
		t.Errorf("the user is %q", user)
	}
	t.Run("wrong password", func(t *testing.T) { // [MQTT-4.12.0-4] [MQTT-3.1.4-2]
		c := p.prover("tim", "wrong")
		c.begin()
		if ack := expect[*packet.Connack](c.client); ack.Code != mqtt.NotAuthorized {
			t.Errorf("connack %v", ack.Code)
		}
		c.expectClosed()
	})
	t.Run("unknown method", func(t *testing.T) { // [MQTT-4.12.0-1]
		c := p.try(packet.Connect{ClientID: "a", AuthMethod: "unheard of"})
		if c.connack.Code != mqtt.BadAuthenticationMethod {
			t.Errorf("connack %v", c.connack.Code)
		}
		c.expectClosed()
	})
	t.Run("no method", func(t *testing.T) { // [MQTT-4.12.0-6] [MQTT-4.12.0-7]
		c := p.v5("plain", 0)
		if c.connack.AuthMethod != "" {
			t.Errorf("CONNACK has the method %q", c.connack.AuthMethod)
		}
		c.send(&packet.Auth{Code: mqtt.ReAuthenticate, Method: scramMethod})
		c.expectEnd(mqtt.ProtocolError)
	})
}

// TestBeforeConnackOnlyAuthIsTaken [MQTT-3.1.2-30] [MQTT-4.12.0-3] [MQTT-4.12.0-5].
func TestBeforeConnackOnlyAuthIsTaken(t *testing.T) {
	t.Parallel()
	p := newPlant(t, broker.Options{Access: newVault(t)})
	for name, wrong := range map[string]packet.Packet{
		"SUBSCRIBE":      &packet.Subscribe{PacketID: 1, Subscriptions: []mqtt.Subscription{{Filter: "#"}}},
		"another method": &packet.Auth{Code: mqtt.ContinueAuthentication, Method: "other"},
		"another code":   &packet.Auth{Code: mqtt.ReAuthenticate, Method: scramMethod},
	} {
		t.Run(name, func(t *testing.T) {
			c := p.prover("tim", "right")
			c.send(&packet.Connect{
				Version: packet.V5, ClientID: "a", ReceiveMaximum: 10, AuthMethod: scramMethod, AuthData: c.step(nil),
			})
			expect[*packet.Auth](c.client)
			c.send(wrong)
			if ack := expect[*packet.Connack](c.client); ack.Code != mqtt.ProtocolError {
				t.Errorf("connack %v", ack.Code)
			}
			c.expectClosed()
		})
	}
	t.Run("DISCONNECT", func(*testing.T) {
		c := p.prover("tim", "right")
		c.send(&packet.Connect{Version: packet.V5, ClientID: "a", ReceiveMaximum: 10, AuthMethod: scramMethod, AuthData: c.step(nil)})
		expect[*packet.Auth](c.client)
		c.send(&packet.Disconnect{})
		c.expectClosed() // without CONNACK
	})
}

// TestAuthenticatingAgain: with messages in between, and as another user.
func TestAuthenticatingAgain(t *testing.T) {
	t.Parallel()
	p := newPlant(t, broker.Options{Access: newVault(t)})
	c := p.proved()
	c.subscribe(mqtt.Subscription{Filter: "t"})
	again := p.prover("ann", "right")
	again.client = c.client
	again.send(&packet.Auth{Code: mqtt.ReAuthenticate, Method: scramMethod, Data: again.step(nil)})
	asked := expect[*packet.Auth](again.client)
	p.v5("pub", 0).publish("t", "meanwhile", 0, 0)
	c.expectPublish("t", "meanwhile")
	c.ping()
	again.send(&packet.Auth{Code: mqtt.ContinueAuthentication, Method: scramMethod, Data: again.step(asked.Data)})
	ok := expect[*packet.Auth](again.client)
	again.step(ok.Data)
	if ok.Code != mqtt.Success || ok.Method != scramMethod || !again.Valid() { // [MQTT-4.12.0-5]
		t.Fatalf("got %+v, proved %t", ok, again.Valid())
	}
	c.ping()
	if user := p.session("prover").Username; user != "ann" {
		t.Errorf("the user is %q", user)
	}
}

func TestAuthenticatingAgainFails(t *testing.T) {
	t.Parallel()
	p := newPlant(t, broker.Options{Access: newVault(t), Limits: broker.Limits{ConnectTimeout: 500 * time.Millisecond}})
	begin := func() prover {
		c := p.proved()
		again := p.prover("tim", "wrong")
		again.client = c.client
		again.send(&packet.Auth{Code: mqtt.ReAuthenticate, Method: scramMethod, Data: again.step(nil)})
		return again
	}
	t.Run("wrong password", func(*testing.T) { // [MQTT-4.12.1-2]
		c := begin()
		c.answer()
		c.expectEnd(mqtt.NotAuthorized)
	})
	t.Run("another method", func(*testing.T) { // [MQTT-4.12.1-1]
		c := begin()
		expect[*packet.Auth](c.client)
		c.send(&packet.Auth{Code: mqtt.ContinueAuthentication, Method: "other"})
		c.expectEnd(mqtt.ProtocolError)
	})
	t.Run("begun twice", func(*testing.T) {
		c := begin()
		expect[*packet.Auth](c.client)
		c.send(&packet.Auth{Code: mqtt.ReAuthenticate, Method: scramMethod})
		c.expectEnd(mqtt.ProtocolError)
	})
	t.Run("never gone on with", func(*testing.T) { // [MQTT-4.12.1-2]
		c := begin()
		expect[*packet.Auth](c.client)
		c.expectEnd(mqtt.NotAuthorized)
	})
}
