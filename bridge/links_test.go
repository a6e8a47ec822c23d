package bridge_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/bridge"
	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
)

// linkFault is something that happens to a link, again and again while messages flow.
type linkFault struct {
	name string
	// begin makes the wire bad from the start; it may be nil.
	begin func(*cable)
	// again happens every so often; it may be nil.
	again func(*cable)
	every time.Duration
	// least is how many faults a run must have had.
	least int
	// dead: nothing gets through any more, which the bridge has to notice.
	dead bool
	// part of the messages go over a long wire, where each window takes its time.
	part int
	// narrow: Mosquitto as it comes takes 20 at once. 2.0.11 has new messages overtake those that wait for a receiver whose
	// window is full, the observer's here, so the order is not looked at.
	narrow bool
}

var linkFaults = []linkFault{
	{name: "reset, 20 at once", again: (*cable).reset, every: 20 * time.Millisecond, least: 5, narrow: true},
	{name: "reset with MQTT 5", again: (*cable).reset, every: 20 * time.Millisecond, least: 5},
	{name: "half-closed", again: (*cable).halfClose, every: 20 * time.Millisecond, least: 5},
	{name: "cut going up", begin: func(w *cable) { w.upBudget = random(40, 6000) }, least: 5},
	{name: "cut coming down", begin: func(w *cable) { w.downBudget = random(4, 400) }, least: 5},
	{name: "disconnects after every n-th acknowledgement", begin: func(w *cable) { w.downBudget = func() int { return 4 + 4*40 } }, least: 5},
	{name: "100 ms long", begin: func(w *cable) { w.up, w.down = 50*time.Millisecond, 50*time.Millisecond }, part: 5},
	{name: "acknowledged late", begin: func(w *cable) { w.down = 300 * time.Millisecond }, part: 10},
	{name: "flapping", again: flap, every: 30 * time.Millisecond, least: 5},
	{name: "acknowledges nothing", begin: func(w *cable) { w.mute = true }, least: 2, dead: true},
	{name: "stalled and half-open", again: (*cable).stall, every: 50 * time.Millisecond, least: 1, dead: true},
}

func random(low, high int) func() int { return func() int { return low + rand.IntN(high-low) } }

// flap lets nobody in and throws everybody out, every second time.
func flap(w *cable) {
	w.mu.Lock()
	w.refuse = !w.refuse
	refuse := w.refuse
	w.mu.Unlock()
	if refuse {
		w.reset()
	}
}

// linkMessages is how many messages of each quality go over each bad link.
func linkMessages(tb testing.TB) int {
	tb.Helper()
	text := os.Getenv("TIDEGATE_LINK_MESSAGES")
	if text == "" {
		return 600
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

// TestBadLinks: whatever the link does, everything that was acknowledged here is there, at QoS 2 once, in order by topic.
func TestBadLinks(t *testing.T) {
	t.Parallel()
	for i, fault := range linkFaults {
		t.Run(fault.name, func(t *testing.T) {
			t.Parallel()
			badLink(t, fault, 4+i%2)
		})
	}
}

func badLink(t *testing.T, fault linkFault, version int) {
	t.Helper()
	config := anonymous
	if !fault.narrow {
		config += "\nmax_inflight_messages 5000"
	}
	m := MustMosquitto(t, config)
	w := newCable(t, m.address)
	arrived := listen(t, m.address, "line/#")
	p := newPlant(t)
	settings := gateway.Bridge{
		URL: "mqtt://" + w.address, Version: version, KeepAlive: gateway.Duration(time.Second), Window: 40,
		Routes: []gateway.Route{{Direction: gateway.Out, Filter: "line/#", QoS: 2}},
	}
	b, _ := p.run(settings, bridge.Options{})
	eventually(t, "the bridge is up", isUp(b))
	count := linkMessages(t) / max(1, fault.part)
	if fault.begin != nil {
		fault.begin(w)
		w.reset() // connections that were there before know nothing of it
	}
	over := make(chan struct{})
	var parts sync.WaitGroup
	parts.Go(func() { trouble(w, fault, over) })
	for qos := 1; qos <= 2; qos++ {
		parts.Go(func() {
			for first := 1; first <= count; first += 100 {
				p.publish(fmt.Sprintf("line/%d", qos), mqtt.QoS(qos), first, min(first+99, count))
			}
		})
	}
	eventually(t, "half of it is through, or the link is dead", func() bool {
		return int(b.Status().Forwarded) >= count || fault.dead && w.counted() > 0
	})
	if fault.least > 0 {
		eventually(t, "the link was bad often enough", func() bool { return w.counted() >= fault.least })
	}
	close(over)
	if fault.dead {
		eventually(t, "it is noticed", func() bool { return b.Status().State != gateway.StateUp })
	}
	parts.Wait()
	w.heal()
	eventually(t, "nothing waits", p.empty)
	compareArrivals(t, fault, w.counted(), count, arrived, b)
}

// trouble repeats what happens to the link until over is closed.
func trouble(w *cable, fault linkFault, over <-chan struct{}) {
	if fault.again == nil {
		<-over
		return
	}
	ticker := time.NewTicker(fault.every)
	defer ticker.Stop()
	for {
		select {
		case <-over:
			return
		case <-ticker.C:
			fault.again(w)
		}
	}
}

// compareArrivals holds what came against what was sent: the row of a table of faults.
func compareArrivals(t *testing.T, fault linkFault, faults, count int, arrived *listener, b *bridge.Bridge) {
	t.Helper()
	var lost, twice, reordered int
	eventually(t, "all arrive", func() bool {
		lost1, _, _ := compare(arrived.messages(), "line/1", count)
		lost2, _, _ := compare(arrived.messages(), "line/2", count)
		lost = lost1 + lost2
		return lost == 0
	})
	_, again, reordered1 := compare(arrived.messages(), "line/1", count)
	_, twice, reordered = compare(arrived.messages(), "line/2", count)
	reordered += reordered1
	t.Logf("%-46s %4d faults, %6d messages: %d lost, %d twice at QoS 2, %d reordered (%d again at QoS 1, possibly twice by the bridge's count %d)",
		fault.name, faults, 2*count, lost, twice, reordered, again, b.Status().PossiblyTwice)
	if fault.narrow {
		reordered = 0
	}
	if twice > 0 || reordered > 0 {
		t.Errorf("%d twice at QoS 2, %d out of order", twice, reordered)
	}
	if s := b.Status(); s.Refused > 0 || s.PossiblyTwice > 0 {
		t.Errorf("status %+v", s)
	}
}

// compare finds what is missing of the numbers 1 to count, what came again, and what came behind a later one for the
// first time.
func compare(messages []*mqtt.Message, topic string, count int) (lost, twice, reordered int) {
	seen := map[int]bool{}
	highest := 0
	for _, m := range messages {
		if m.Topic != topic {
			continue
		}
		n, err := strconv.Atoi(string(m.Payload))
		switch {
		case err != nil || n < 1 || n > count:
			reordered++ // nothing that was sent
		case seen[n]:
			twice++
		case n < highest:
			reordered++
		}
		seen[n] = true
		highest = max(highest, n)
	}
	return count - len(seen), twice, reordered
}
