package bridge_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/bridge"
	"github.com/tidegate/tidegate/gateway"
)

// outcomes is what became of each step, as text.
func outcomes(test gateway.BridgeTest) string {
	var text strings.Builder
	for _, s := range test.Steps {
		fmt.Fprintf(&text, "%s:%s ", s.Step, s.Outcome)
	}
	return strings.TrimSpace(text.String())
}

func stepOf(test gateway.BridgeTest, name gateway.BridgeStep) gateway.BridgeTestStep {
	for _, s := range test.Steps {
		if s.Step == name {
			return s
		}
	}
	return gateway.BridgeTestStep{}
}

// TestATrialLeavesTheRunningBridgeAlone tries all there is beside a bridge that runs with the same settings.
func TestATrialLeavesTheRunningBridgeAlone(t *testing.T) {
	t.Parallel()
	ca := MustIdentity(t, "plant CA", nil)
	caFile, _ := ca.write(t)
	certificate, key := MustIdentity(t, "localhost", ca).write(t)
	port := freePort(t)
	m := MustMosquitto(t, fmt.Sprintf("%s\nlistener %s 127.0.0.1\ncafile %s\ncertfile %s\nkeyfile %s\nrequire_certificate true\n",
		anonymous, port, caFile, certificate, key))
	own := MustIdentity(t, "gateway", ca)
	config := outward(m, 5, 1)
	config.ClientID, config.URL, config.Link.ProbeTopic = "edge-1", "mqtts://localhost:"+port, "probe/edge-1"
	config.TLS = gateway.BridgeTLS{CA: ca.certificate, Certificate: own.certificate, Key: gateway.Secret(own.key)}
	config.Routes = append(config.Routes, gateway.Route{Direction: gateway.In, Filter: "orders/#", Prefix: "in/"},
		gateway.Route{Direction: gateway.In, Filter: "$share/g/jobs/#", Prefix: "in/"})
	p := newPlant(t)
	b, _ := p.run(config, bridge.Options{})
	eventually(t, "the bridge is up", isUp(b))

	test := bridge.Trial{Bridge: config, Options: bridge.Options{Resolve: twice}}.Run(t.Context())
	const want = "settings:warning dns:passed tcp:warning proxy:skipped tls:warning websocket:skipped login:passed subscribe:passed publish:passed"
	if got := outcomes(test); got != want || !test.Passed || test.ClientID == "edge-1" {
		t.Fatalf("%s as %s, want %s: %+v", got, test.ClientID, want, test.Steps)
	}
	tls := stepOf(test, gateway.StepTLS)
	if c := tls.Certificates; len(c) == 0 || c[0].Names[0] != "localhost" || len(c[0].Pin) != 44 || tls.TLS.Version != "TLS 1.3" {
		t.Errorf("TLS %+v", tls)
	}
	if login := stepOf(test, gateway.StepLogin).Login; login == nil || login.Version != 5 || login.ReceiveMaximum != 20 {
		t.Errorf("login %+v", login)
	}
	if topics := stepOf(test, gateway.StepSubscribe).Topics; len(topics) != 2 || topics[0].Outcome != gateway.StepSkipped {
		t.Errorf("topics %+v", topics) // who shares them keeps their messages
	}
	if a := stepOf(test, gateway.StepTCP).Addresses; len(a) != 2 || a[0].Error == "" || a[1].Error != "" {
		t.Errorf("addresses %+v", a)
	}
	if s := b.Status(); s.State != gateway.StateUp || s.Connects != 1 || s.Received != 0 {
		t.Errorf("the bridge was disturbed: %+v", s)
	}
}

// twice gives an address that refuses, then the right one.
func twice(context.Context, string) ([]string, error) { return []string{"127.0.0.9", "127.0.0.1"}, nil }

func TestATrialNamesTheStepThatFails(t *testing.T) {
	t.Parallel()
	ca, foreign := MustIdentity(t, "plant CA", nil), MustIdentity(t, "foreign CA", nil)
	caFile, _ := ca.write(t)
	certificate, key := MustIdentity(t, "localhost", ca).write(t)
	port, acl := freePort(t), t.TempDir()+"/acl"
	mustWrite(t, acl, "topic write site/#\n")
	m := MustMosquitto(t, fmt.Sprintf("%s\nacl_file %s\nlistener %s 127.0.0.1\ncafile %s\ncertfile %s\nkeyfile %s\nrequire_certificate true\n",
		anonymous, acl, port, caFile, certificate, key))
	secure := func(c *gateway.Bridge) { c.URL, c.TLS.CA = "mqtts://localhost:"+port, ca.certificate }
	for _, c := range []struct {
		name    string
		spoil   func(*gateway.Bridge)
		step    gateway.BridgeStep
		message string
	}{
		{"token", func(c *gateway.Bridge) { c.Token = gateway.BridgeToken{Kind: gateway.TokenFile, File: "/nowhere"} }, gateway.StepSettings, "no token can be made"},
		{"name", func(c *gateway.Bridge) { c.URL = "mqtt://nobody.invalid" }, gateway.StepDNS, "cannot be resolved"},
		{"port", func(c *gateway.Bridge) { c.URL = "mqtt://127.0.0.1:" + freePort(t) }, gateway.StepTCP, "refuses connections"},
		{"proxy", func(c *gateway.Bridge) { c.Proxy.URL = "http://" + m.address }, gateway.StepProxy, "no way through the proxy"},
		{"CA", func(c *gateway.Bridge) { secure(c); c.TLS.CA = foreign.certificate }, gateway.StepTLS, "from nobody we know"},
		{"pin", func(c *gateway.Bridge) { secure(c); c.TLS.Pins = strings.Repeat("A", 43) + "=" }, gateway.StepTLS, "another key than the pinned"},
		{"own certificate", secure, gateway.StepTLS, "refuses the certificate of this gateway"},
		{"WebSocket", func(c *gateway.Bridge) { c.URL = "ws://" + m.address }, gateway.StepWebSocket, m.address},
		{"publish", func(c *gateway.Bridge) { c.Link.ProbeTopic = "probe/x" }, gateway.StepPublish, "an access rule"},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := outward(m, 5, 1)
			c.spoil(&config)
			test := bridge.Trial{Bridge: config, Options: bridge.Options{Resolve: resolveLocally}}.Run(t.Context())
			step := stepOf(test, c.step)
			if login := stepOf(test, gateway.StepLogin); c.name == "own certificate" && login.Outcome == gateway.StepFailed {
				// The end of the connection came before the alert that says why.
				step, c.message = login, "another certificate of this gateway"
			}
			if test.Passed || step.Outcome != gateway.StepFailed || !strings.Contains(step.Message, c.message) || step.Detail == "" {
				t.Errorf("%s: %+v", outcomes(test), step)
			}
			if c.name == "CA" && (len(step.Certificates) == 0 || step.Certificates[0].Names[0] != "localhost") {
				t.Errorf("it does not show who answered: %+v", step)
			}
		})
	}
}

func resolveLocally(_ context.Context, host string) ([]string, error) {
	if host == "localhost" {
		return []string{"127.0.0.1"}, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
}

// TestATrialEndsByItself has somebody who takes the connection and says nothing.
func TestATrialEndsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		defer theirs.Close()
		go func() { _, _ = theirs.Read(make([]byte, 1000)) }()
		options := bridge.Options{Dial: func(context.Context, string, string) (net.Conn, error) { return ours, nil }}
		begin := time.Now()
		test := bridge.Trial{Bridge: gateway.Bridge{ID: "cloud", URL: "mqtt://10.0.0.1"}, Options: options}.Run(t.Context())
		login := stepOf(test, gateway.StepLogin)
		if took := time.Since(begin); login.Outcome != gateway.StepFailed || !strings.Contains(login.Message, "does not answer") || took > 10*time.Second {
			t.Errorf("%s after %s: %+v", outcomes(test), took, login)
		}
	})
}

// TestATrialAtACloudOfOneConnection must not throw a bridge out that has the same name there.
func TestATrialAtACloudOfOneConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newStrictCloud(t, "azure-iot-hub")
		lookUp := func(context.Context, string) ([]string, error) { return []string{"10.0.0.1"}, nil }
		trial := bridge.Trial{Bridge: cloudy(t, "azure-iot-hub"), Options: bridge.Options{Dial: cloud.dial, Resolve: lookUp}, Taken: true}
		if test := trial.Run(t.Context()); stepOf(test, gateway.StepLogin).Outcome != gateway.StepSkipped || len(cloud.connects) > 0 {
			t.Errorf("taken: %s", outcomes(test))
		}
		trial.Taken = false
		test := trial.Run(t.Context())
		if !test.Passed || test.ClientID != "edge-1" || stepOf(test, gateway.StepSubscribe).Outcome != gateway.StepPassed {
			t.Errorf("free: %+v", test)
		}
		trial.Bridge.Routes = []gateway.Route{{Direction: gateway.In, Filter: "orders/#"}} // this cloud has other topics
		test = trial.Run(t.Context())
		if s := stepOf(test, gateway.StepSubscribe); s.Outcome != gateway.StepFailed || !strings.Contains(s.Message, "an access rule") {
			t.Errorf("a forbidden filter: %+v", test)
		}
		trial.Options.Resolve = func(context.Context, string) ([]string, error) { return nil, errors.New("no such name") }
		if test := trial.Run(t.Context()); test.Passed || stepOf(test, gateway.StepTCP).Outcome != gateway.StepSkipped {
			t.Errorf("no name: %s", outcomes(test))
		}
	})
}
