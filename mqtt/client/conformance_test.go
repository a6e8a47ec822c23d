package client_test

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/client"
	"github.com/tidegate/tidegate/mqtt/mqtttest"
)

// TestConversations plays servers, byte for byte, over TCP [MQTT-4.2-1] [MQTT3-7.1.2-1].
func TestConversations(t *testing.T) {
	t.Parallel()
	for _, c := range mqtttest.Conversations(t, "client") {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			p := newPuppet(t)
			mqtttest.Play(t, c, mqtttest.Peer{Dial: p.accept, Do: p.do})
		})
	}
}

// puppet is a client that does what the lines of a conversation say:
//
//	connect VERSION key=value...   dial and introduce itself
//	refused, welcomed              what came of that
//	publish QOS TOPIC PAYLOAD      by Publish
//	deliver ID QOS STATE PAYLOAD   by Send; the state is new, sent or received
//	subscribe FILTER QOS, unsubscribe FILTER
//	received PAYLOAD               what came from the server
//	keep                           nothing received is acknowledged from now on
//	leave, ended, broken           say goodbye; how Run ended
type puppet struct {
	t        *testing.T
	listener net.Listener
	// client has the connection, nil for a refusal.
	client chan *client.Client
	run    running
	got    chan string
	kept   chan struct{}
	// jobs are done one after the other by one goroutine, because Publish and Send may wait.
	jobs chan func()
}

func newPuppet(t *testing.T) *puppet {
	t.Helper()
	var listen net.ListenConfig
	listener, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &puppet{
		t: t, listener: listener, client: make(chan *client.Client, 1), got: make(chan string, 100),
		kept: make(chan struct{}), jobs: make(chan func(), 100),
	}
	go func() {
		for job := range p.jobs {
			job()
		}
	}()
	t.Cleanup(func() {
		close(p.jobs)
		_ = listener.Close()
	})
	return p
}

func (p *puppet) accept() (net.Conn, error) { return p.listener.Accept() }

func (p *puppet) do(verb, argument string) {
	p.t.Helper()
	words := strings.Fields(argument)
	switch verb {
	case "connect":
		p.connect(words)
	case "refused":
		if c := <-p.client; c != nil {
			p.t.Fatal("the client is connected")
		}
	case "welcomed":
		c := <-p.client
		if c == nil {
			p.t.Fatal("the client gave up")
		}
		p.run = start(p.t, c)
	case "received":
		p.received(argument)
	case "keep":
		close(p.kept)
	case "leave":
		p.run.stop()
	case "ended", "broken":
		if err := p.run.end(p.t); (err == nil) != (verb == "ended") {
			p.t.Fatalf("the connection ended with %v", err)
		}
	default:
		p.ask(verb, words)
	}
}

// ask is for what waits for the server.
func (p *puppet) ask(verb string, words []string) {
	p.t.Helper()
	c, ctx := p.run, p.t.Context()
	switch verb {
	case "publish":
		m := &mqtt.Message{QoS: mqtt.QoS(p.number(words[0])), Topic: words[1], Payload: []byte(words[2])}
		p.jobs <- func() { _ = c.Publish(ctx, m, func(error) {}) }
	case "deliver":
		state := map[string]mqtt.DeliveryState{"new": mqtt.DeliveryNew, "sent": mqtt.DeliverySent, "received": mqtt.DeliveryReceived}
		d := newDelivery(uint16(p.number(words[0])), mqtt.QoS(p.number(words[1])), state[words[2]])
		p.jobs <- func() { _ = c.Send(ctx, d, &mqtt.Message{Topic: "t", Payload: []byte(words[3])}) }
	case "subscribe":
		sub := mqtt.Subscription{Filter: words[0], QoS: mqtt.QoS(p.number(words[1]))}
		go func() { _, _ = c.Subscribe(ctx, sub) }()
	case "unsubscribe":
		go func() { _, _ = c.Unsubscribe(ctx, words...) }()
	default:
		p.t.Fatalf("there is nothing to do for %q", verb)
	}
}

func (p *puppet) number(word string) int {
	p.t.Helper()
	n, err := strconv.Atoi(word)
	if err != nil {
		p.t.Fatal(err)
	}
	return n
}

func (p *puppet) received(want string) {
	p.t.Helper()
	select {
	case got := <-p.got:
		if got != want {
			p.t.Fatalf("received %q, want %q", got, want)
		}
	case <-time.After(10 * time.Second):
		p.t.Fatalf("%q was not received", want)
	}
}

// connect dials, with options that stand as key=value.
func (p *puppet) connect(words []string) {
	p.t.Helper()
	o := client.Options{
		URL: "mqtt://" + p.listener.Addr().String(), Version: p.number(words[0]), Timeout: 10 * time.Second, Receive: p.take,
	}
	for _, word := range words[1:] {
		key, value, _ := strings.Cut(word, "=")
		switch key {
		case "id":
			o.ClientID = value
		case "user":
			o.Username = value
		case "password":
			o.Password = value
		case "clean":
			o.CleanStart = true
		case "expiry":
			o.SessionExpiry = uint32(p.number(value))
		case "will":
			o.Will = &mqtt.Will{Message: mqtt.Message{Topic: value, Payload: []byte("gone"), QoS: 1, Retain: true}}
		case "keepalive":
			o.KeepAlive = time.Duration(p.number(value)) * time.Second
		default:
			p.t.Fatalf("there is no option %q", word)
		}
	}
	go func() {
		c, _ := client.Connect(p.t.Context(), o) // nil for a refusal
		p.client <- c
	}()
}

func (p *puppet) take(_ context.Context, m *mqtt.Message, _ uint16, settle mqtt.Settle) error {
	p.got <- string(m.Payload)
	select {
	case <-p.kept:
		return nil
	default:
	}
	if string(m.Payload) == "unwanted" {
		return errors.Join(mqtt.NotAuthorized)
	}
	settle(nil)
	return nil
}
