package modbus_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/tidegate/tidegate/drivers/line"
	"github.com/tidegate/tidegate/drivers/modbus"
	"github.com/tidegate/tidegate/gateway"
)

// maps are the points of devices whose cycles are known; those of the SDM630 are as in volkszaehler/mbmd, meters/rs485/sdm.go.
var maps = map[string]func() []gateway.Point{
	"20 in 200":  func() []gateway.Point { return scattered(20, 200) },
	"20 in 1000": func() []gateway.Point { return scattered(20, 1000) },
	"clusters": func() (points []gateway.Point) {
		for i := range 20 {
			points = append(points, point(fmt.Sprintf("holding:%d", i/5*200+i%5*2), gateway.Float32))
		}
		return points
	},
	"sdm630": func() (points []gateway.Point) {
		for _, at := range sdm630 {
			points = append(points, point(fmt.Sprintf("holding:%d", at), gateway.Float32))
		}
		return points
	},
	"125 contiguous": func() []gateway.Point {
		numbers := make([]int, 125)
		for i := range numbers {
			numbers[i] = i
		}
		return registers(numbers...)
	},
}

var sdm630 = []int{
	0x00, 0x02, 0x04, 0x06, 0x08, 0x0A, 0x0C, 0x0E, 0x10, 0x12, 0x14, 0x16, 0x18, 0x1A, 0x1C, 0x1E, 0x20, 0x22, 0x2A, 0x2E, 0x30,
	0x34, 0x38, 0x3C, 0x3E, 0x46, 0x48, 0x4A, 0x4C, 0x4E, 0xC8, 0xCA, 0xCC, 0xCE, 0xEA, 0xEC, 0xEE, 0xF0, 0xF8,
	0x15A, 0x15C, 0x15E, 0x160, 0x162, 0x164, 0x166, 0x168, 0x16A, 0x16C, 0x16E, 0x170, 0x172,
}

// scattered are so many registers anywhere in a range, the same ones each time.
func scattered(n, within int) []gateway.Point {
	numbers := rand.New(rand.NewPCG(1, 2)).Perm(within)[:n]
	slices.Sort(numbers)
	return registers(numbers...)
}

// predicted is how long a poll of points takes by the plan that people see before they save.
func predicted(tb testing.TB, baud int, points []gateway.Point) (cycle time.Duration) {
	tb.Helper()
	address, err := line.Parse(fmt.Sprintf("rtu:///dev/ttyS0?baud=%d&data=8&parity=N", baud))
	if err != nil {
		tb.Fatal(err)
	}
	class := gateway.ScanClass{ID: "all", Interval: gateway.Duration(time.Second)}
	d := device(1)
	d.Points = points
	for _, r := range modbus.Preview(address, d, gateway.Learned{}, func(gateway.Point) gateway.ScanClass { return class }).Requests {
		cycle += time.Duration(r.Milliseconds * float64(time.Millisecond))
	}
	return cycle
}

// The cycle of a device takes what its plan says. The machine's own late wake-ups do not decide: the fastest cycle counts.
func TestCycleTakesWhatThePlanSays(t *testing.T) {
	points := maps["20 in 200"]()
	got, want := mustCycle(t, 115200, points, 25), predicted(t, 115200, points)
	if share := float64(got.fastest) / float64(want); share < 0.9 || share > 1.25 {
		t.Errorf("%s, the plan says %s", got.fastest, want)
	}
}

// BenchmarkCycle is how long the polls of maps take, in percent of their plans: 97 to 103 are aimed at.
func BenchmarkCycle(b *testing.B) {
	for _, baud := range []int{9600, 115200} {
		for name, points := range maps {
			b.Run(fmt.Sprintf("%d/%s", baud, name), func(b *testing.B) {
				got, want := mustCycle(b, baud, points(), max(3, b.N)), predicted(b, baud, points())
				b.ReportMetric(100*float64(got.mean)/float64(want), "%plan")
				b.ReportMetric(100*float64(got.fastest)/float64(want), "%fastest")
				b.ReportMetric(float64(want.Microseconds())/1000, "ms-planned")
			})
		}
	}
}
