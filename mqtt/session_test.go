package mqtt_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/tidegate/tidegate/mqtt"
)

func TestPacketIDsOfALane(t *testing.T) {
	for _, test := range []struct {
		lane     mqtt.Lane
		position uint64
		want     uint16
	}{
		{0, 0, 1},
		{0, 31_999, 32_000},
		{0, 32_000, 1},
		{0, 1 << 63, uint16(1<<63%32_000) + 1},
		{1, 0, 32_001},
		{1, 31_999, 64_000},
		{1, 32_000, 32_001},
	} {
		if got := test.lane.PacketID(test.position); got != test.want {
			t.Errorf("lane %d, position %d: %d, want %d", test.lane, test.position, got, test.want)
		}
	}
}

func TestPacketIDsWithinAWindowDiffer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lane := mqtt.Lane(rapid.ByteRange(0, 1).Draw(t, "lane"))
		first := rapid.Uint64Range(0, 1<<62).Draw(t, "first")
		apart := rapid.Uint64Range(1, mqtt.LaneSize-1).Draw(t, "apart")
		a, b := lane.PacketID(first), lane.PacketID(first+apart)
		if a == b {
			t.Fatalf("positions %d and %d share %d", first, first+apart, a)
		}
		low := uint16(lane) * mqtt.LaneSize
		if a <= low || a > low+mqtt.LaneSize || a == 0 {
			t.Fatalf("lane %d: %d", lane, a)
		}
		if other := (1 - lane).PacketID(first + apart); other == a {
			t.Fatalf("both lanes use %d", a)
		}
	})
}
