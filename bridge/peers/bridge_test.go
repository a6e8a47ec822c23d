package peers_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
)

// peers are the brokers that have a preset and can be run here.
var peers = map[string]func(testing.TB) *peer{"nats-server": newNATS, "mosquitto": newMosquitto}

func numbers(first, last int) (list []string) {
	for i := first; i <= last; i++ {
		list = append(list, fmt.Sprint(i))
	}
	return list
}

// TestBothWaysThroughItsPreset: each quality arrives, in order, at QoS 2 once; topics with dots keep them; what comes from there
// is published here.
func TestBothWaysThroughItsPreset(t *testing.T) {
	for name, start := range peers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			there := start(t)
			far, p := listen(t, there), newPlant(t, there)
			for qos := mqtt.AtMostOnce; qos <= mqtt.ExactlyOnce; qos++ {
				topic := fmt.Sprintf("line/a.b/%d", qos)
				p.publish(topic, qos, 1, 50)
				eventually(t, "all arrive at "+topic, func() bool { return len(far.on("site/"+topic)) >= 50 })
				if got := far.on("site/" + topic); !slices.Equal(got, numbers(1, 50)) {
					t.Errorf("%s: %v", topic, got)
				}
			}
			order := &mqtt.Message{Topic: "orders/next", QoS: 2, Payload: []byte("7")}
			taken := make(chan error, 1)
			if err := far.client().Publish(t.Context(), order, func(err error) { taken <- err }); err != nil {
				t.Fatal(err)
			}
			if err := <-taken; err != nil {
				t.Fatal(err)
			}
			eventually(t, "the order comes", func() bool { return p.bridge.Status().Received == 1 })
			if s := p.bridge.Status(); s.State != gateway.StateUp || s.Connects != 1 || s.Forwarded != 150 {
				t.Errorf("%+v", s)
			}
		})
	}
}

// TestWhatThePeerDoesNotTakeIsParked before it is sent: nats-server ends the connection over a topic with a space.
func TestWhatThePeerDoesNotTakeIsParked(t *testing.T) {
	t.Parallel()
	there := newNATS(t)
	far, p := listen(t, there), newPlant(t, there)
	p.publish("line/with space", 1, 1, 1)
	p.publish("line/without", 1, 1, 1)
	eventually(t, "the other one arrives", func() bool { return len(far.on("site/line/without")) == 1 })
	if s := p.bridge.Status(); s.Backlog.Parked != 1 || s.Connects != 1 {
		t.Errorf("%+v", s)
	}
}

// TestNATSDoesNotTakeSpaces is what the rule of the preset says: if it took them, the rule would have to go.
func TestNATSDoesNotTakeSpaces(t *testing.T) {
	t.Parallel()
	far := listen(t, newNATS(t))
	m := &mqtt.Message{Topic: "with space", QoS: 1, Payload: []byte("x")}
	ended := make(chan error, 1)
	if err := far.client().Publish(t.Context(), m, func(err error) { ended <- err }); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil {
		t.Error("it took a topic with a space")
	}
}

// TestNATSDoesNotTakeMQTT5, as its preset says.
func TestNATSDoesNotTakeMQTT5(t *testing.T) {
	t.Parallel()
	there := newNATS(t)
	far := &listener{tb: t, from: there, got: map[string][]string{}}
	if c, err := far.connectAs(t.Context(), 5); err == nil {
		t.Error("it took MQTT 5", c.Close())
	}
}

// TestAnOutageOfThePeer: it is stopped while messages are sent, and started again with what it had kept. Everything arrives, in
// order, and once, but for what the peer had taken over and forgot: the bridge counts that. nats-server forgets nothing.
func TestAnOutageOfThePeer(t *testing.T) {
	for name, start := range peers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			there := start(t)
			far, p := listen(t, there), newPlant(t, there)
			for round := range 3 {
				p.publish("line/a", 2, 1+round*300, 100+round*300)
				there.stop()
				p.publish("line/a", 2, 101+round*300, 300+round*300)
				there.start()
			}
			eventually(t, "nothing waits", func() bool { return p.session.Queue().Messages == 0 })
			s := p.bridge.Status()
			eventually(t, "all arrive", func() bool { return len(far.on("site/line/a"))+int(s.TakenOver) >= 900 })
			got := far.on("site/line/a")
			order := make([]int, len(got))
			for i := range got {
				order[i], _ = strconv.Atoi(got[i])
			}
			if len(slices.Compact(slices.Clone(order)))+int(s.TakenOver) < 900 || len(got) > 900+int(s.PossiblyTwice) || !slices.IsSorted(order) {
				t.Errorf("%d arrived, in order: %v; possibly twice %d, taken over %d", len(got), slices.IsSorted(order), s.PossiblyTwice, s.TakenOver)
			}
			if name == "nats-server" && (len(got) != 900 || s.TakenOver != 0) {
				t.Errorf("%d arrived, %d were taken over", len(got), s.TakenOver)
			}
		})
	}
}
