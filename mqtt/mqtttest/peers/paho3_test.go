package peers_test

import (
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"

	paho "github.com/eclipse/paho.mqtt.golang"
)

// inbox collects messages in the order in which they came.
type inbox struct {
	mu  sync.Mutex // guards got
	got []string
}

func (i *inbox) add(line string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.got = append(i.got, line)
}

func (i *inbox) lines() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.got)
}

// expect waits until as many lines are there, and compares.
func (i *inbox) expect(tb testing.TB, want ...string) {
	tb.Helper()
	defer func() {
		if tb.Failed() {
			tb.Logf("received %q", i.lines())
		}
	}()
	Eventually(tb, fmt.Sprintf("%d messages", len(want)), func() bool { return len(i.lines()) >= len(want) })
	if got := i.lines(); !slices.Equal(got, want) {
		tb.Fatalf("got %q, want %q", got, want)
	}
}

// numbers are the payloads 0 to n-1.
func numbers(n int) []string {
	var out []string
	for i := range n {
		out = append(out, strconv.Itoa(i))
	}
	return out
}

// MustPaho3 connects the client of 3.1 and 3.1.1.
func MustPaho3(tb testing.TB, address string, version uint, change func(*paho.ClientOptions)) paho.Client {
	tb.Helper()
	options := paho.NewClientOptions().AddBroker("tcp://" + address).SetProtocolVersion(version).SetAutoReconnect(false)
	options.SetOrderMatters(true)
	if change != nil {
		change(options)
	}
	client := paho.NewClient(options)
	settle(tb, client.Connect())
	tb.Cleanup(func() { client.Disconnect(0) })
	return client
}

func settle(tb testing.TB, token paho.Token) {
	tb.Helper()
	if !token.WaitTimeout(patience) {
		tb.Fatal("no answer")
	}
	if err := token.Error(); err != nil {
		tb.Fatal(err)
	}
}

func TestPaho3KeepsTheOrderAtEveryQoS(t *testing.T) {
	onEach(t, func(t *testing.T, address string) {
		for _, version := range []uint{3, 4} {
			for qos := range byte(3) {
				topic := fmt.Sprintf("order/%d/%d", version, qos)
				var box inbox
				sub := MustPaho3(t, address, version, func(o *paho.ClientOptions) { o.SetClientID(fmt.Sprintf("sub%d%d", version, qos)) })
				settle(t, sub.Subscribe(topic, qos, func(_ paho.Client, m paho.Message) { box.add(string(m.Payload())) }))
				pub := MustPaho3(t, address, version, func(o *paho.ClientOptions) { o.SetClientID(fmt.Sprintf("pub%d%d", version, qos)) })
				for batch := range slices.Chunk(numbers(200), 20) { // mosquitto takes no more at once
					var tokens []paho.Token
					for _, n := range batch {
						tokens = append(tokens, pub.Publish(topic, qos, false, n))
					}
					for _, token := range tokens {
						settle(t, token)
					}
				}
				box.expect(t, numbers(200)...)
			}
		}
	})
}

func TestPaho3ResumesItsSession(t *testing.T) {
	onEach(t, func(t *testing.T, address string) {
		var box inbox
		durable := func(o *paho.ClientOptions) {
			o.SetClientID("durable").SetCleanSession(false)
			o.SetDefaultPublishHandler(func(_ paho.Client, m paho.Message) {
				box.add(fmt.Sprintf("%s q%d %s", m.Topic(), m.Qos(), m.Payload()))
			})
		}
		first := MustPaho3(t, address, 4, durable)
		settle(t, first.Subscribe("s/#", 2, nil))
		settle(t, first.Subscribe("gone/#", 2, nil))
		settle(t, first.Unsubscribe("gone/#"))
		first.Disconnect(50)
		pub := MustPaho3(t, address, 4, nil)
		for i, topic := range []string{"s/1", "gone/1", "s/2", "s/3"} {
			settle(t, pub.Publish(topic, byte(1+i%2), false, "x"))
		}
		MustPaho3(t, address, 4, durable)
		box.expect(t, "s/1 q1 x", "s/2 q1 x", "s/3 q2 x")
	})
}

func TestPaho3IsTakenOver(t *testing.T) {
	onEach(t, func(t *testing.T, address string) {
		lost := make(chan struct{})
		MustPaho3(t, address, 4, func(o *paho.ClientOptions) {
			o.SetClientID("same").SetConnectionLostHandler(func(paho.Client, error) { close(lost) })
		})
		second := MustPaho3(t, address, 4, func(o *paho.ClientOptions) { o.SetClientID("same") })
		Eventually(t, "the first connection ends", func() bool {
			select {
			case <-lost:
				return true
			default:
				return false
			}
		})
		settle(t, second.Publish("x", 1, false, "still here"))
	})
}
