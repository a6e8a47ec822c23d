package poller_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/gateway/poller"
)

// The wall clock is set while the gateway polls, by an hour, a year, or from 1970. The next poll is a running time away
// that depends on the wall clock for its place within the interval only: it is neither skipped nor repeated in a burst,
// and when it is due is measured on the monotonic clock.
func TestAClockStepMovesNoPoll(t *testing.T) {
	for _, interval := range []time.Duration{time.Millisecond, 200 * time.Millisecond, time.Second, time.Minute, 24 * time.Hour} {
		now := time.Now()
		for _, wall := range []time.Time{
			now, now.Add(time.Hour), now.Add(-time.Hour), now.AddDate(10, 0, 0), time.Unix(0, 0), time.Unix(0, 1), time.Unix(-3600, 0),
		} {
			wait := poller.Wait("wire", "device", interval, wall)
			if wait < interval/2 || wait > interval+interval/2 {
				t.Errorf("interval %s at %s: the next poll is %s away", interval, wall, wait)
			}
		}
	}
	// A time that prints its monotonic reading is compared by it.
	if due := poller.Due(time.Second, time.Now()); !strings.Contains(due.String(), " m=+") {
		t.Errorf("%s is a wall time", due)
	}
}
