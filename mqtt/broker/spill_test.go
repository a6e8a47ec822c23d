package broker_test

import (
	"testing"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
)

// TestBacklogMeetsTheNewestAcrossAGap: after a restart the newest rows on disk may be gone, acknowledged, while older
// ones wait. What comes behind that gap, before the receiver is back, must not wait for rows that do not exist.
func TestBacklogMeetsTheNewestAcrossAGap(t *testing.T) {
	p := newPlant(t, broker.Options{})
	driver := p.open("$driver", broker.SessionOptions{Transient: true})
	s := p.open("$bridge/a", broker.SessionOptions{})
	subscribe(t, s, mqtt.Subscription{Filter: "#", QoS: 2})
	link := s.Attach()
	for _, payload := range []string{"old", "gone"} {
		put(t, driver, text("t", payload, 2), mqtt.Origin{})
	}
	receive(t, link, "old", mqtt.DeliveryNew)
	receive(t, link, "gone", mqtt.DeliveryNew).Settle(nil)

	p.restart()
	driver = p.open("$driver", broker.SessionOptions{Transient: true})
	s = p.open("$bridge/a", broker.SessionOptions{})
	for _, payload := range []string{"first", "second"} {
		put(t, driver, text("t", payload, 2), mqtt.Origin{})
	}
	link = s.Attach()
	receive(t, link, "old", mqtt.DeliverySent)
	receive(t, link, "first", mqtt.DeliveryNew)
	receive(t, link, "second", mqtt.DeliveryNew)
}
