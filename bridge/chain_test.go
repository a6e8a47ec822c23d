package bridge_test

import (
	"fmt"
	"testing"

	"github.com/tidegate/tidegate/bridge"
	"github.com/tidegate/tidegate/gateway"
)

// toNext is a bridge from one Tidegate to the next one.
func toNext(address, filter string, qos int) gateway.Bridge {
	return gateway.Bridge{URL: "mqtt://" + address, Routes: []gateway.Route{{Direction: gateway.Out, Filter: filter, QoS: qos}}}
}

// TestAChainOfThree carries everything from the first to the last Tidegate, each once and in order, although both links
// break again and again.
func TestAChainOfThree(t *testing.T) {
	t.Parallel()
	const count = 300
	first, middle, last := newPlant(t), newPlant(t), newPlant(t)
	seen := listen(t, last.serve(), "line/#")
	links := []*cutter{{left: 10, low: 500, high: 4000}, {left: 10, low: 500, high: 4000}}
	one, _ := first.run(toNext(middle.serve(), "line/#", 2), bridge.Options{Dial: links[0].dial})
	two, _ := middle.run(toNext(last.serve(), "line/#", 2), bridge.Options{Dial: links[1].dial})
	first.publish("line/a", 2, 1, count)
	eventually(t, "all arrive", func() bool { return len(seen.messages()) >= count })
	eventually(t, "nothing waits", func() bool { return first.empty() && middle.empty() })
	checkNumbers(t, seen.messages(), count)
	for i, b := range []*bridge.Bridge{one, two} {
		if links[i].count() == 0 {
			t.Errorf("link %d was never cut", i+1)
		}
		if s := b.Status(); s.Forwarded != count || s.Refused+s.PossiblyTwice != 0 {
			t.Errorf("bridge %d: %+v", i+1, s)
		}
	}
}

// TestARingOfThreeComesToRest: each Tidegate sends everything on to the next one. After eight bridges a message ends.
func TestARingOfThreeComesToRest(t *testing.T) {
	t.Parallel()
	const count, most = 5, 8
	plants := []*plant{newPlant(t), newPlant(t), newPlant(t)}
	var addresses []string
	for _, p := range plants {
		addresses = append(addresses, p.serve())
	}
	var bridges []*bridge.Bridge
	for i, p := range plants {
		b, _ := p.run(toNext(addresses[(i+1)%len(plants)], "ring/#", 1), bridge.Options{})
		eventually(t, fmt.Sprintf("bridge %d is up", i+1), isUp(b))
		bridges = append(bridges, b)
	}
	plants[0].publish("ring/a", 1, 1, count)
	sum := func() (forwarded, refused uint64) {
		for _, b := range bridges {
			s := b.Status()
			forwarded, refused = forwarded+uint64(s.Forwarded), refused+uint64(s.Refused)
		}
		return forwarded, refused
	}
	eventually(t, "all have ended", func() bool { _, refused := sum(); return refused >= count })
	for _, p := range plants {
		eventually(t, "nothing waits", p.empty)
	}
	if forwarded, refused := sum(); forwarded != count*most || refused != count {
		t.Errorf("%d were sent on and %d ended, want %d and %d", forwarded, refused, count*most, count)
	}
}
