package modbus_test

import (
	"testing"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

var framings = []string{"tcp", "rtu", "ascii"}

func TestPollReadsAllTables(t *testing.T) {
	for _, framing := range framings {
		t.Run(framing, func(t *testing.T) {
			d := mustOpen(t, mustStart(t, newSlave(framing)), time.Second)
			readings := mustPoll(t, d, 7,
				point("holding:100", gateway.Uint16), point("holding:101", gateway.Uint32), point("input:5", gateway.Int16),
				point("coil:9", gateway.Bool), point("coil:10", gateway.Bool), point("discrete:300", gateway.Bool),
				point("holding:65535", gateway.Uint16), point("holding:6.1", gateway.Bool), point("holding:6.0", gateway.Bool))
			want := []gateway.Value{
				gateway.UintValue(100), gateway.UintValue(101<<16 | 102), gateway.IntValue(1005),
				gateway.BoolValue(true), gateway.BoolValue(false), gateway.BoolValue(true),
				gateway.UintValue(65535), gateway.BoolValue(true), gateway.BoolValue(false),
			}
			for i, r := range readings {
				if r.Value != want[i] || r.Quality != gateway.Good || r.Poll == 0 || time.Since(r.Time) > time.Minute {
					t.Errorf("%d: %+v, want %s", i, r, want[i])
				}
			}
			if readings[0].Poll != readings[1].Poll || readings[0].Poll == readings[2].Poll {
				t.Errorf("poll ids %d %d %d: the same only within one answer", readings[0].Poll, readings[1].Poll, readings[2].Poll)
			}
		})
	}
}
