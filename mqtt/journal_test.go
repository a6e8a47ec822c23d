package mqtt_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tidegate/tidegate/mqtt"
)

func TestElideBeforeTheGroupNeedsNoRow(t *testing.T) {
	q := &mqtt.Queued{QoS: mqtt.AtLeastOnce}
	if !q.Elide() {
		t.Error("not elided")
	}
	for range 2 {
		if q.ClaimWrite() {
			t.Error("written although elided")
		}
	}
	if q.Elide() {
		t.Error("elided twice: it would be counted twice")
	}
}

func TestElideAfterTheGroupHasToRemoveTheRow(t *testing.T) {
	q := &mqtt.Queued{QoS: mqtt.AtLeastOnce}
	for range 2 {
		if !q.ClaimWrite() {
			t.Error("not written")
		}
	}
	if q.Elide() {
		t.Error("elided although written")
	}
}

func TestQoS2IsNeverElided(t *testing.T) {
	q := &mqtt.Queued{QoS: mqtt.ExactlyOnce}
	if q.Elide() || !q.ClaimWrite() {
		t.Error("elided")
	}
}

func TestDeliveriesFromDiskAreNotElided(t *testing.T) {
	q := &mqtt.Queued{QoS: mqtt.AtLeastOnce}
	q.MarkWritten()
	if q.Elide() || !q.ClaimWrite() {
		t.Error("elided")
	}
}

// TestElideAndClaimWriteAgree races the broker with the store: exactly one of them gets the delivery.
func TestElideAndClaimWriteAgree(t *testing.T) {
	for range 2000 {
		q := &mqtt.Queued{QoS: mqtt.AtLeastOnce}
		var elided, written atomic.Int32
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				if q.Elide() {
					elided.Add(1)
				}
			})
			both.Go(func() {
				if q.ClaimWrite() {
					written.Add(1)
				}
			})
		}
		both.Wait()
		if e, w := elided.Load(), written.Load(); (e != 1 || w != 0) && (e != 0 || w != 2) {
			t.Fatalf("elided %d times, written %d times", e, w)
		}
	}
}
