package bridge_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/tidegate/tidegate/bridge"
	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
)

var lateMark = mqtt.UserProperty{Name: "historical", Value: "true"}

// newLivePlant is a plant whose bridge has a share for live data.
func newLivePlant(tb testing.TB, share int) *plant {
	tb.Helper()
	p := newPlant(tb)
	p.bridged = p.session("$bridge/cloud", broker.SessionOptions{Class: mqtt.Now, LiveShare: share})
	return p
}

// streamsOf sorts what arrived: numbers that were marked as historical, and the others.
func streamsOf(tb testing.TB, got []*mqtt.Message) (historical, live []int) {
	tb.Helper()
	for _, m := range got {
		var n int
		if _, err := fmt.Sscan(string(m.Payload), &n); err != nil {
			tb.Fatal(err)
		}
		if slices.Contains(m.Properties.User, lateMark) {
			historical = append(historical, n)
		} else {
			live = append(live, n)
		}
	}
	return historical, live
}

// TestLiveDataDoesNotWaitForTheBacklog: during a drain that a cap slows down, what is new arrives at once, and the rest is marked.
func TestLiveDataDoesNotWaitForTheBacklog(t *testing.T) {
	t.Parallel()
	p, other := newLivePlant(t, 50), newPlant(t)
	address := other.serve()
	far := listen(t, address, "line/#")
	network := &cutter{down: true}
	config := outOf(address)
	config.Pace = gateway.BridgePace{MessagesPerSecond: 1500, LiveShare: 50}
	b, _ := p.run(config, bridge.Options{Dial: network.dial})
	p.publish("line/a", 2, 1, 2000)
	network.set(false)
	eventually(t, "the drain begins", func() bool { return len(far.messages()) > 10 })
	p.publish("line/a", 2, 2001, 2030)
	eventually(t, "all is sent", p.empty)
	eventually(t, "all arrive", func() bool { return len(far.messages()) >= 2030 })
	historical, live := streamsOf(t, far.messages())
	if len(historical) != 2000 || !slices.IsSorted(historical) || len(live) != 30 || !slices.IsSorted(live) {
		t.Errorf("%d historical, %d live; in order: %v, %v", len(historical), len(live), slices.IsSorted(historical), slices.IsSorted(live))
	}
	last := slices.IndexFunc(far.messages(), func(m *mqtt.Message) bool { return string(m.Payload) == "2030" })
	if after := 2029 - last; after < 100 {
		t.Errorf("the live ones arrived when %d of the backlog were left", after)
	}
	if s := b.Status(); s.Forwarded != 2030 || s.Historical != 2000 {
		t.Errorf("%+v", s)
	}
}

// TestTwoStreamsOverABadLink: the link is cut at any byte while both are sent. Nothing is missing, nothing comes twice, each
// stream is in order on each connection.
func TestTwoStreamsOverABadLink(t *testing.T) {
	t.Parallel()
	p, other := newLivePlant(t, 30), newPlant(t)
	address := other.serve()
	far := listen(t, address, "line/#")
	network := &cutter{left: 60, low: 200, high: 6000}
	p.run(outOf(address), bridge.Options{Dial: network.dial})
	for i := range 60 {
		p.publish("line/a", 2, 1+i*20, 20+i*20)
	}
	eventually(t, "all is sent", p.empty)
	eventually(t, "all arrive", func() bool { return len(far.messages()) >= 1200 })
	historical, live := streamsOf(t, far.messages())
	all := slices.Sorted(slices.Values(append(slices.Clone(historical), live...)))
	if len(all) != 1200 || len(slices.Compact(all)) != 1200 {
		t.Errorf("%d arrived of 1200, %d different ones", len(far.messages()), len(slices.Compact(all)))
	}
	t.Logf("%d historical, %d live, %d cuts", len(historical), len(live), network.count())
}

// TestBatchesDoNotMixTheStreams: the mark is that of all messages in a batch.
func TestBatchesDoNotMixTheStreams(t *testing.T) {
	t.Parallel()
	p, other := newLivePlant(t, 50), newPlant(t)
	address := other.serve()
	far := listen(t, address, "line/#")
	network := &cutter{down: true}
	config := outOf(address)
	config.Routes[0].QoS = 1
	config.Routes[0].Batch = gateway.RouteBatch{Messages: 10, Delay: gateway.Duration(10e6), Format: gateway.BatchLines}
	p.run(config, bridge.Options{Dial: network.dial})
	p.publish("line/a", 1, 1, 100)
	network.set(false)
	eventually(t, "the drain begins", func() bool { return len(far.messages()) > 0 })
	p.publish("line/a", 1, 1001, 1050)
	eventually(t, "all is sent", p.empty)
	for _, m := range far.messages() {
		marked := slices.Contains(m.Properties.User, lateMark)
		first, _, _ := bytes.Cut(m.Payload, []byte("\n"))
		if live := len(first) == 4; live == marked {
			t.Errorf("%q: marked %v", m.Payload, marked)
		}
	}
}
