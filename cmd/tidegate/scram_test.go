package main_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/tidegate/tidegate/cmd/tidegate/programtest"
	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/client"
)

// prover is a client that proves its password and never sends it.
type prover struct {
	*client.Client
	ended chan error
}

// prove connects to the service by SCRAM.
func prove(t *testing.T, s service, name, password string) (*prover, error) {
	t.Helper()
	c, err := client.Connect(t.Context(), client.Options{
		URL: "mqtt://127.0.0.1:" + s.port, ClientID: "proves", CleanStart: true, Username: name, Password: password, SCRAM: true,
	})
	if err != nil {
		return nil, err
	}
	p := &prover{c, make(chan error, 1)}
	go func() { p.ended <- c.Run(context.WithoutCancel(t.Context())) }()
	t.Cleanup(func() { _ = c.Close() })
	return p, nil
}

// publish gives what the gateway says to a message at QoS 1.
func (p *prover) publish(t *testing.T, topic string) error {
	t.Helper()
	said := make(chan error, 1)
	err := p.Publish(t.Context(), &mqtt.Message{Topic: topic, Payload: []byte("1"), QoS: mqtt.AtLeastOnce}, func(err error) { said <- err })
	if err != nil {
		return err
	}
	select {
	case err = <-said:
		return err
	case <-time.After(10 * time.Second):
		t.Fatal("no answer")
		return nil
	}
}

// TestSCRAMByTheRulesOfNow: who proved his password is bound by the rules of his name, also by those that are made later,
// and is gone with his account.
func TestSCRAMByTheRulesOfNow(t *testing.T) {
	t.Parallel()
	s := startService(t, newPlace(t))
	admin := setUpPage(t, s)
	admin.setMQTTUser("POST", "mqtt/users", "pump", allow(gateway.ActionPublish, "%u/#"))
	for _, wrong := range []struct{ name, password string }{{"pump", "another one"}, {"nobody", clientPassword}} {
		if _, err := prove(t, s, wrong.name, wrong.password); !errors.Is(err, mqtt.NotAuthorized) {
			t.Errorf("%s with %q: %v", wrong.name, wrong.password, err)
		}
	}
	p, err := prove(t, s, "pump", clientPassword)
	if err != nil {
		t.Fatal(err)
	}
	mustSay := func(topic string, want error) {
		t.Helper()
		if err := p.publish(t, topic); !errors.Is(err, want) {
			t.Errorf("to %s: %v, want %v", topic, err, want)
		}
	}
	mustSay("pump/speed", nil)
	mustSay("other/speed", mqtt.NotAuthorized)
	admin.setMQTTUser("PUT", "mqtt/users/pump", "pump", allow(gateway.ActionPublish, "other/#"))
	mustSay("pump/speed", mqtt.NotAuthorized)
	mustSay("other/speed", nil)
	if response, answer := admin.do(http.MethodDelete, "mqtt/users/pump", nil); response.StatusCode >= http.StatusMultipleChoices {
		t.Fatalf("%s %s", response.Status, answer)
	}
	programtest.Eventually(t, 10*time.Second, "the connection ends with the account", func() bool { return len(p.ended) == 1 })
	if _, err := prove(t, s, "pump", clientPassword); !errors.Is(err, mqtt.NotAuthorized) {
		t.Errorf("without an account: %v", err)
	}
}
