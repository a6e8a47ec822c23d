package broker_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// TestRoutingAgreesWithMatch compares the tree, live and retained, with the definition of a match, while subscriptions
// come and go.
func TestRoutingAgreesWithMatch(t *testing.T) {
	p := newPlant(t, broker.Options{})
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		level := rapid.SampledFrom([]string{"a", "b", "", "$c", "a1"})
		part := rapid.SampledFrom([]string{"a", "b", "", "+", "+", "$c", "a1"})
		filters := rapid.SliceOfNDistinct(rapid.Custom(func(rt *rapid.T) string {
			f := strings.Join(rapid.SliceOfN(part, 1, 4).Draw(rt, "levels"), "/")
			if rapid.Bool().Draw(rt, "hash") {
				f += "/#"
			}
			if f == "" || f == "/#" && rapid.Bool().Draw(rt, "alone") {
				f = "#"
			}
			return f
		}), 1, 8, rapid.ID[string]).Draw(rt, "filters")
		s, err := p.Session(t.Context(), fmt.Sprintf("$s%d", run), broker.SessionOptions{Transient: true})
		if err != nil {
			rt.Fatal(err)
		}
		link := s.Attach()
		defer func() { _ = p.RemoveSession(t.Context(), fmt.Sprintf("$s%d", run)) }()
		for i, f := range filters {
			if err := s.Subscribe(t.Context(), mqtt.Subscription{Filter: f, Identifier: uint32(i + 1), RetainHandling: mqtt.NoRetained}); err != nil {
				rt.Fatal(err)
			}
		}
		cut := rapid.IntRange(0, len(filters)-1).Draw(rt, "unsubscribed")
		if err := s.Unsubscribe(t.Context(), filters[:cut]...); cut > 0 && err != nil {
			rt.Fatal(err)
		}
		for range 10 {
			topic := strings.Join(rapid.SliceOfN(level, 1, 5).Draw(rt, "topic"), "/")
			if topic == "" {
				continue
			}
			var want []uint32
			for i, f := range filters[cut:] {
				if mqtt.Match(f, topic) {
					want = append(want, uint32(cut+i+1))
				}
			}
			got := route(t, rt, s, link, topic)
			slices.Sort(got)
			if !slices.Equal(got, want) {
				rt.Fatalf("%q matched %v of %q, want %v", topic, got, filters, want)
			}
		}
	})
	if n := p.Status().Subscriptions; n != 0 {
		t.Errorf("%d subscriptions left", n)
	}
}

// route publishes and gives the identifiers of the subscriptions that matched. A second message tells when the first did
// not come.
func route(t *testing.T, rt *rapid.T, s mqtt.Session, link mqtt.Link, topic string) []uint32 {
	if err := s.Subscribe(t.Context(), mqtt.Subscription{Filter: "end/of/it", RetainHandling: mqtt.NoRetained}); err != nil {
		rt.Fatal(err)
	}
	for _, topic := range []string{topic, "end/of/it"} {
		if err := s.Publish(t.Context(), &mqtt.Message{Topic: topic}, mqtt.Origin{}, nil); err != nil {
			rt.Fatal(err)
		}
	}
	var identifiers []uint32
	for {
		d, err := link.Receive(t.Context())
		if err != nil {
			rt.Fatal(err)
		}
		if d.Message().Topic == "end/of/it" {
			break
		}
		identifiers = append(identifiers, d.Subscriptions()...)
	}
	if err := s.Unsubscribe(t.Context(), "end/of/it"); err != nil {
		rt.Fatal(err)
	}
	return identifiers
}

func TestRetainedAgreesWithMatch(t *testing.T) {
	p := newPlant(t, broker.Options{})
	topics := []string{"a", "a/b", "a/b/c", "/", "//", "a/", "/a", "b", "$x/a", "a/$x", "b/b/b"}
	s, err := p.Session(t.Context(), "$s", broker.SessionOptions{Transient: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, topic := range topics {
		done := make(chan error, 1)
		m := &mqtt.Message{Topic: topic, Payload: []byte("x"), Retain: true}
		if err := s.Publish(t.Context(), m, mqtt.Origin{}, func(err error) { done <- err }); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	p.restart()
	for _, filter := range []string{"#", "+", "+/+", "a/#", "+/#", "a/b", "/#", "+/", "//", "$x/#", "$x/+", "+/a", "b/#", "a/b/c/#", "zz"} {
		var want []string
		for _, topic := range topics {
			if mqtt.Match(filter, topic) {
				want = append(want, topic)
			}
		}
		c := p.v5("c", 0)
		c.subscribe(mqtt.Subscription{Filter: filter})
		var got []string
		for len(got) < len(want) {
			got = append(got, expect[*packet.Publish](c).Topic)
		}
		c.ping()
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%q gave %q, want %q", filter, got, want)
		}
	}
}
