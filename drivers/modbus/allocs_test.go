package modbus_test

import (
	"context"
	"testing"
	"time"

	"github.com/tidegate/tidegate/drivers/line"
	"github.com/tidegate/tidegate/drivers/modbus"
	"github.com/tidegate/tidegate/gateway"
)

// mirror is a wire whose device answers each read at once with its registers, and allocates nothing.
type mirror struct {
	line.Line
	reply [300]byte
	n     int
}

func (m *mirror) Write(p []byte, _ time.Time) error {
	count := int(p[11])
	copy(m.reply[:], p[:2])
	m.reply[4], m.reply[5], m.reply[6], m.reply[7], m.reply[8] = 0, byte(3+2*count), p[6], p[7], byte(2*count)
	for i := range count {
		m.reply[10+2*i] = p[9] + byte(i)
	}
	m.n = 9 + 2*count
	return nil
}

func (m *mirror) Read(_ context.Context, p []byte, _ time.Time) (int, error) {
	return copy(p, m.reply[:m.n]), nil
}

func (m *mirror) Close() error { return nil }

// A poll allocates for its requests, not for each of its points: a gateway with ten thousand of them a second spends its time
// elsewhere.
func TestPointsCostNoAllocations(t *testing.T) {
	d := modbus.On(&mirror{}, line.Address{Protocol: line.ModbusTCP}, gateway.Connection{})
	numbers := make([]int, 125)
	for i := range numbers {
		numbers[i] = i
	}
	points := registers(numbers...)
	for i, r := range mustPoll(t, d, 1, points...) {
		if r.Value != gateway.UintValue(uint64(i)) {
			t.Fatalf("%+v", r)
		}
	}
	if n := testing.AllocsPerRun(100, func() { mustPoll(t, d, 1, points...) }); n > 50 {
		t.Errorf("%.0f allocations for a poll of 125 registers", n)
	}
}
