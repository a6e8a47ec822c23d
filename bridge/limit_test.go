package bridge_test

import (
	"math"
	"testing"
	"time"

	"github.com/tidegate/tidegate/bridge"
	"github.com/tidegate/tidegate/gateway"
)

func TestLimitIsTheNearestBound(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	hourAgo := now.Add(-time.Hour)
	all := bridge.Bounds{Bytes: 3_600_000, Messages: 100_000, Age: 72 * time.Hour, FreeBytes: 1 << 40}
	in := gateway.Rate{Messages: 1, Bytes: 100}
	for _, test := range []struct {
		name         string
		backlog      gateway.Backlog
		bounds       bridge.Bounds
		in           gateway.Rate
		known        bool
		by           string
		lasts, whole float64 // hours; 0: not known
		used         float64
	}{
		{"nothing known", gateway.Backlog{}, all, gateway.Rate{}, false, "", 0, 0, 0},
		{"nothing comes", gateway.Backlog{Messages: 1, Bytes: 1_800_000}, all, gateway.Rate{}, true, "", 0, 0, 0.5},
		{"bytes", gateway.Backlog{}, all, in, true, "bytes", 10, 10, 0},
		{"bytes, half full", gateway.Backlog{Messages: 1, Bytes: 1_800_000}, all, in, true, "bytes", 5, 10, 0.5},
		{"over", gateway.Backlog{Messages: 1, Bytes: 7_200_000}, all, in, true, "bytes", 0.0001, 10, 2},
		{"messages", gateway.Backlog{Messages: 95_000}, all, gateway.Rate{Messages: 10, Bytes: 1}, true, "messages", 5. / 36, 2.78, 0.95},
		{"age", gateway.Backlog{Messages: 1, Oldest: &hourAgo}, bridge.Bounds{Bytes: 1 << 40, Age: 10 * time.Hour, FreeBytes: 1 << 40}, in, true, "age", 9, 10, 0.1},
		{
			"disk",
			gateway.Backlog{},
			bridge.Bounds{Bytes: 1 << 40, FreeBytes: 3600 * (100 + bridge.DiskOverhead)},
			in, true,
			"disk", 1, 1, 0,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := bridge.Limit(test.backlog, test.bounds, now, test.in, test.known)
			hours := func(seconds *float64) float64 {
				if seconds == nil {
					return 0
				}
				return *seconds / 3600
			}
			if l.By != test.by || math.Abs(hours(l.LastsSeconds)-test.lasts) > 0.01 || math.Abs(hours(l.WholeSeconds)-test.whole) > 0.01 ||
				math.Abs(l.Used-test.used) > 0.001 || (l.LastsSeconds == nil) != (test.lasts == 0) {
				t.Errorf("%+v: lasts %f h, whole %f h", l, hours(l.LastsSeconds), hours(l.WholeSeconds))
			}
		})
	}
}
