package main_test

import (
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/tidegate/tidegate/cmd/tidegate/programtest"
	"github.com/tidegate/tidegate/mqtt"
)

const (
	// dayShort is how many messages the outage has in make test.
	dayShort = 4_000
	// dayFew is the backlog that the memory with all of it is held against.
	dayFew = 10_000
	// dayBatch is published at once, at one quality.
	dayBatch = 2_000
	// dayCuts is how often the link breaks while the backlog is sent.
	dayCuts = 3
	// dayMemory is what the gateway may take with everything queued.
	dayMemory = 80 << 20
)

// TestOutageOfADay in fast motion: as many messages as TIDEGATE_DAY_MESSAGES says, half of them at QoS 2, are acknowledged
// while the link is down; in the middle of it the gateway is killed. Then the link comes back and breaks some more times
// while the backlog is sent. In the end the cloud has all of them in order, those at QoS 2 once; the memory of the gateway
// is that of a short outage.
func TestOutageOfADay(t *testing.T) {
	t.Parallel()
	messages := dayShort
	if text := os.Getenv("TIDEGATE_DAY_MESSAGES"); text != "" {
		var err error
		if messages, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	// Without a bound on what is in flight: else Mosquitto 2.0.11 lets new messages overtake those that wait for the ledger.
	cloud := startMosquitto(t, "max_inflight_messages 0")
	d := &dayOutage{t: t, messages: messages, dir: programtest.ShortDir(t), link: startLongLink(t, cloud, 0)}
	d.ledger = startLedger(t, cloud, mqtt.ExactlyOnce)
	d.gate = startService(t, d.dir)
	d.gate.addBridge(t, setUpPage(t, d.gate), d.link, 0)

	began := time.Now()
	few := d.queue()
	filled := time.Since(began)
	full := resident(t, d.gate.Command.Process.Pid)
	if waits := d.backlog(); waits != int64(messages) {
		t.Errorf("%d messages wait, %d were acknowledged", waits, messages)
	}
	began = time.Now()
	most := d.drain()
	drained := time.Since(began)

	d.ledger.check(t)
	one, two := d.ledger.balance(1), d.ledger.balance(2)
	t.Logf("an outage with %d messages at QoS 1 and %d at QoS 2, a kill, %d cuts: %d lost, %d twice at QoS 2, %d reordered (%d again at QoS 1)",
		one.messages, two.messages, dayCuts, one.lost+two.lost, two.repeated, one.reordered+two.reordered, one.repeated)
	t.Logf("acknowledged %.0f/s, sent %.0f/s; %d MB with all queued, at most %d MB while it was sent",
		float64(messages)/filled.Seconds(), float64(messages)/drained.Seconds(), full>>20, most>>20)
	if few > 0 && (full > few*5/4 || full > dayMemory) {
		t.Errorf("%d MB of memory with %d messages queued, %d MB with %d", full>>20, messages, few>>20, dayFew)
	}
}

// dayOutage is a gateway behind a link that is down.
type dayOutage struct {
	t        *testing.T
	messages int
	dir      string
	link     *longLink
	ledger   *cloudLedger
	gate     service
}

func (d *dayOutage) backlog() int64 { return d.gate.status(d.t).Bridges[0].Backlog.Messages }

// queue publishes everything, and kills the gateway in the middle of it. few is the memory with dayFew messages; 0 when there
// are not that many.
func (d *dayOutage) queue() (few int) {
	d.t.Helper()
	killed := false
	for sent := 0; sent < d.messages; sent += dayBatch {
		qos := mqtt.AtLeastOnce + mqtt.QoS(sent/dayBatch%2)
		d.ledger.publish(d.t, d.gate.port, qos, min(dayBatch, d.messages-sent), speedPayload)
		if sent+dayBatch == dayFew {
			few = resident(d.t, d.gate.Command.Process.Pid)
		}
		if !killed && sent >= d.messages/2-dayBatch {
			killed = true
			d.gate.Kill()
			d.gate = startService(d.t, d.dir)
		}
	}
	return few
}

// drain has the link up, with cuts, until the cloud has everything and nothing waits any more. most is the largest memory.
func (d *dayOutage) drain() (most int) {
	d.t.Helper()
	for cut := 1; cut <= dayCuts; cut++ {
		d.link.set(true)
		part := int64(d.messages * cut / (dayCuts + 1))
		programtest.Eventually(d.t, time.Hour, "a part of it is sent", func() bool { return d.ledger.came.Load() > part })
		most = max(most, resident(d.t, d.gate.Command.Process.Pid))
		d.link.set(false)
	}
	d.link.set(true)
	programtest.Eventually(d.t, time.Hour, "everything is in the cloud", d.ledger.complete)
	programtest.Eventually(d.t, 20*time.Second, "nothing waits", func() bool { return d.backlog() == 0 })
	return most
}
