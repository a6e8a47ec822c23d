package main_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidegate/tidegate/cmd/tidegate/programtest"
	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/client"
)

// ledgerTopics is over how many topics the numbers of a ledger are spread, at each quality.
const ledgerTopics = 10

// cloudLedger compares what was acknowledged with what came to the cloud, message by message: the numbers of each topic
// have to come one after the other. As long as they do it takes the same memory for any number of messages.
type cloudLedger struct {
	*rigClient

	came atomic.Int64 // messages, and when the last of them did
	last atomic.Int64

	mu     sync.Mutex // guards everything that follows
	topics map[string]*ledgerPage
}

// ledgerPage is what is known of a topic. Its name says at which quality it is published.
type ledgerPage struct {
	// acked is the last number that the gateway has acknowledged, or was given; next has to come next.
	acked, next int
	// missing numbers were passed over.
	missing map[int]bool
	// repeated numbers had come before, reordered ones had been passed over.
	repeated, reordered int
}

func (l *cloudLedger) pageLocked(topic string) *ledgerPage {
	p := l.topics[topic]
	if p == nil {
		p = &ledgerPage{next: 1, missing: map[int]bool{}}
		l.topics[topic] = p
	}
	return p
}

// startLedger subscribes at a cloud.
func startLedger(t *testing.T, port string, qos mqtt.QoS) *cloudLedger {
	t.Helper()
	l := &cloudLedger{topics: map[string]*ledgerPage{}}
	c, err := client.Connect(t.Context(), client.Options{
		URL: "mqtt://127.0.0.1:" + port, ClientID: "ledger", Version: 5, SessionExpiry: mqtt.NeverExpires, ReceiveMaximum: 65535,
		Receive: func(_ context.Context, m *mqtt.Message, _ uint16, settle mqtt.Settle) error {
			l.enter(t, m)
			settle(nil)
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	l.rigClient = running(t.Context(), c)
	t.Cleanup(l.end)
	if _, err := c.Subscribe(t.Context(), mqtt.Subscription{Filter: "line/#", QoS: qos}); err != nil {
		t.Fatal(err)
	}
	return l
}

// enter takes down what came.
func (l *cloudLedger) enter(t *testing.T, m *mqtt.Message) {
	digits, _, _ := strings.Cut(string(m.Payload), " ")
	number, err := strconv.Atoi(digits)
	if err != nil {
		t.Errorf("%s has %.20q", m.Topic, m.Payload)
		return
	}
	l.mu.Lock()
	l.pageLocked(m.Topic).enter(number)
	l.mu.Unlock()
	l.last.Store(time.Now().UnixNano())
	l.came.Add(1)
}

func (p *ledgerPage) enter(number int) {
	switch {
	case number >= p.next:
		for ; p.next < number; p.next++ {
			p.missing[p.next] = true
		}
		p.next++
	case p.missing[number]:
		delete(p.missing, number)
		p.reordered++
	default:
		p.repeated++
	}
}

// publish sends count messages of size bytes to a gateway and returns when it has acknowledged all of them.
func (l *cloudLedger) publish(t *testing.T, port string, qos mqtt.QoS, count, size int) {
	t.Helper()
	c, err := client.Connect(t.Context(), client.Options{URL: "mqtt://127.0.0.1:" + port, ClientID: "plant", CleanStart: true, Version: 5})
	if err != nil {
		t.Fatal(err)
	}
	rc := running(t.Context(), c)
	defer rc.end()
	var settled, refused atomic.Int64
	for i := range count {
		topic := fmt.Sprintf("line/%d/%d", qos, i%ledgerTopics)
		l.mu.Lock()
		page := l.pageLocked(topic)
		page.acked++
		number := page.acked
		l.mu.Unlock()
		m := &mqtt.Message{Topic: topic, QoS: qos, Payload: fmt.Appendf(nil, "%-*d", size, number)}
		err := c.Publish(t.Context(), m, func(err error) {
			if err != nil {
				refused.Add(1)
			}
			settled.Add(1)
		})
		if err != nil {
			t.Fatalf("publish message %d of %d: %v", i+1, count, err)
		}
	}
	programtest.Eventually(t, time.Minute, "all are acknowledged", func() bool { return settled.Load() == int64(count) })
	if n := refused.Load(); n > 0 {
		t.Fatalf("%d of %d messages were not acknowledged", n, count)
	}
}

// complete reports whether the last number of each topic has come.
func (l *cloudLedger) complete() bool {
	return l.balance(0).lost+l.balance(1).lost+l.balance(2).lost == 0
}

// balance is what is wrong with what came.
type balance struct{ messages, lost, repeated, reordered int }

// balance of the topics of a quality.
func (l *cloudLedger) balance(qos mqtt.QoS) (b balance) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for topic, p := range l.topics {
		if strings.HasPrefix(topic, fmt.Sprintf("line/%d/", qos)) {
			b.messages += p.acked
			b.lost += len(p.missing) + p.acked - (p.next - 1)
			b.repeated += p.repeated
			b.reordered += p.reordered
		}
	}
	return b
}

// check fails when anything is lost or out of order, or twice at QoS 2.
func (l *cloudLedger) check(t *testing.T) {
	t.Helper()
	for qos := mqtt.AtLeastOnce; qos <= mqtt.ExactlyOnce; qos++ {
		b := l.balance(qos)
		if b.lost+b.reordered > 0 || qos == mqtt.ExactlyOnce && b.repeated > 0 {
			t.Errorf("QoS %d: of %d messages %d are lost, %d came again, %d out of order", qos, b.messages, b.lost, b.repeated, b.reordered)
		}
	}
}
