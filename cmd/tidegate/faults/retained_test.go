package faults_test

import (
	"fmt"
	"strconv"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// checkRetained looks at the retained numbers before anybody publishes again: none may be older than the last one that
// was acknowledged, or newer than the last one that was sent.
func checkRetained(address string, publishers []*publisher, r *report) error {
	found, err := retained(address, len(publishers))
	if err != nil {
		return fmt.Errorf("read retained messages: %w", err)
	}
	for _, p := range publishers {
		series := p.topics[0]
		if number := found[series.topic]; number < series.acked || number > series.sent {
			r.add(&r.stale, 1, "the retained number of %s is %d, acknowledged was %d, sent was %d",
				series.topic, number, series.acked, series.sent)
		}
	}
	return nil
}

// retained reads the numbers until there are enough, or nothing more comes.
func retained(address string, enough int) (map[string]int, error) {
	w, err := dialWith(address, &packet.Connect{Version: packet.V311, ClientID: "retained", CleanStart: true})
	if err != nil {
		return nil, err
	}
	defer w.hangUp()
	subscribe := &packet.Subscribe{PacketID: 1, Subscriptions: []mqtt.Subscription{{Filter: "load/+/a"}}}
	if err := w.sendNow(subscribe); err != nil {
		return nil, err
	}
	found := map[string]int{}
	for len(found) < enough {
		p, err := w.next(quiet)
		if isSilence(err) {
			break
		}
		if err != nil {
			return nil, err
		}
		if publish, isPublish := p.(*packet.Publish); isPublish {
			if found[publish.Topic], err = strconv.Atoi(string(publish.Payload)); err != nil {
				return nil, err
			}
		}
	}
	return found, nil
}
