package broker_test

import (
	"fmt"
	"testing"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
)

// parks is a session that keeps so many refused messages.
func (p *plant) parks(messages int64) (driver, s mqtt.Session) {
	p.t.Helper()
	options := broker.SessionOptions{Parking: broker.Parking{Messages: messages, Bytes: 1 << 20}}
	return p.open("$driver", broker.SessionOptions{Transient: true}), p.open("$bridge/a", options)
}

func (p *plant) parked(s mqtt.Session, want int64) {
	p.t.Helper()
	eventually(p.t, fmt.Sprintf("%d messages are parked", want), func() bool { return s.Queue().Parked == want })
}

var refused = &mqtt.Refusal{Reason: mqtt.PayloadFormatInvalid}

// TestWhatIsRefusedIsParkedAndSentAgain at both qualities, over restarts, and holds nobody up.
func TestWhatIsRefusedIsParkedAndSentAgain(t *testing.T) {
	t.Parallel()
	for qos := mqtt.AtLeastOnce; qos <= mqtt.ExactlyOnce; qos++ {
		t.Run(fmt.Sprintf("QoS %d", qos), func(t *testing.T) {
			p := newPlant(t, broker.Options{Limits: broker.Limits{Window: 4}})
			driver, s := p.parks(100)
			subscribe(t, s, mqtt.Subscription{Filter: "#", QoS: 2})
			putMany(t, driver, "t", qos, 0, 10)
			link := s.Attach()
			ids := map[uint16]bool{}
			for i := range 10 {
				d := receive(t, link, fmt.Sprint(i), mqtt.DeliveryNew)
				ids[d.PacketID()] = true
				if i%2 == 0 {
					d.Settle(refused)
				} else {
					d.Settle(nil)
				}
			}
			p.parked(s, 5)
			if q := s.Queue(); q.Messages != 0 || q.GivenUp.Total() != 0 {
				t.Errorf("%+v", q)
			}
			p.restart()
			driver, s = p.parks(100)
			p.parked(s, 5)
			putMany(t, driver, "t", qos, 10, 11)
			rows, err := p.store.Backlog(t.Context(), "$bridge/a", mqtt.ParkedLane, 0, 100, 1<<20)
			if err != nil || len(rows) != 5 {
				t.Fatalf("%d rows, %v", len(rows), err)
			}
			if n, err := p.SendParked(t.Context(), "$bridge/a", []uint64{rows[1].Position}); n != 1 || err != nil {
				t.Errorf("%d sent, %v", n, err)
			}
			if n, err := p.SendParked(t.Context(), "$bridge/a", nil); n != 4 || err != nil {
				t.Errorf("%d sent, %v", n, err)
			}
			p.parked(s, 0)
			link = s.Attach()
			for _, payload := range []string{"10", "2", "0", "4", "6", "8"} {
				d := receive(t, link, payload, mqtt.DeliveryNew)
				if ids[d.PacketID()] {
					t.Errorf("%s has an identifier that was used", payload)
				}
				d.Settle(nil)
			}
			p.restart()
			_, s = p.parks(100)
			if q := s.Queue(); q.Parked != 0 || q.Messages != 0 {
				t.Errorf("%+v", q)
			}
		})
	}
}

// TestWhatIsParkedIsBounded: the oldest is given up and counted; what somebody throws away is counted as that.
func TestWhatIsParkedIsBounded(t *testing.T) {
	t.Parallel()
	p := newPlant(t, broker.Options{})
	driver, s := p.parks(10)
	subscribe(t, s, mqtt.Subscription{Filter: "#", QoS: 2})
	putMany(t, driver, "t", 1, 0, 25)
	link := s.Attach()
	for i := range 25 {
		receive(t, link, fmt.Sprint(i), mqtt.DeliveryNew).Settle(refused)
	}
	p.parked(s, 10)
	rows, err := p.store.Backlog(t.Context(), "$bridge/a", mqtt.ParkedLane, 0, 100, 1<<20)
	if err != nil || len(rows) != 10 || string(rows[0].Message.Payload) != "15" {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if n, err := p.DiscardParked(t.Context(), "$bridge/a", []uint64{rows[3].Position, rows[4].Position}); n != 2 || err != nil {
		t.Errorf("%d discarded, %v", n, err)
	}
	if n, err := p.DiscardParked(t.Context(), "$bridge/a", nil); n != 8 || err != nil {
		t.Errorf("%d discarded, %v", n, err)
	}
	if q := s.Queue(); q.Parked != 0 || q.ParkedBytes != 0 || q.GivenUp[mqtt.Refused] != 15 || q.GivenUp[mqtt.Purged] != 10 {
		t.Errorf("%+v", q)
	}
	if n := p.audited("$bridge/a", mqtt.Refused); n != 15 {
		t.Errorf("the audit has %d", n)
	}
	if _, err := p.SendParked(t.Context(), "$driver", nil); err == nil {
		t.Error("a session that parks nothing sends it again")
	}
}

// TestAFailedParkingIsALoss that is counted, and holds nobody up.
func TestAFailedParkingIsALoss(t *testing.T) {
	t.Parallel()
	p := newPlant(t, broker.Options{})
	driver, s := p.parks(10)
	subscribe(t, s, mqtt.Subscription{Filter: "#", QoS: 2})
	putMany(t, driver, "t", 1, 0, 1)
	d := receive(t, s.Attach(), "0", mqtt.DeliveryNew)
	p.store.Fail(mqtt.QuotaExceeded)
	d.Settle(refused)
	eventually(t, "it is counted", func() bool { return s.Queue().GivenUp[mqtt.Refused] == 1 })
	p.store.Fail(nil)
	if q := s.Queue(); q.Parked != 0 || q.Messages != 0 {
		t.Errorf("%+v", q)
	}
}
