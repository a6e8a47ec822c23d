package sim

import (
	"context"
	"fmt"
	"math"
	"time"
)

// Scale is a serial scale that sends its weight without being asked, in the notation of Mettler Toledo's MT-SICS:
// "S S" when the weight is stable and "S D" when it moves, then value and unit.
type Scale struct {
	*terminal
	interval time.Duration
}

// OpenScale makes the scale on a pseudo terminal of its own.
func OpenScale(interval time.Duration) (*Scale, error) {
	t, err := openTerminal()
	if err != nil {
		return nil, err
	}
	return &Scale{terminal: t, interval: interval}, nil
}

// Run sends lines until ctx ends. As on a real line, what nobody reads is lost.
func (s *Scale) Run(ctx context.Context) error {
	defer func() { _ = s.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = s.Close() })
	defer stop()
	for {
		if err := wait(ctx, s.interval); err != nil {
			return nil
		}
		// Without a reader the terminal's buffer is full after a while; the write must not wait for one.
		_ = s.master.SetWriteDeadline(time.Now().Add(s.interval))
		_, _ = s.master.WriteString(scaleLine(time.Now()))
	}
}

// scaleLine is a bag that is filled for 12 s and stands still for 8 s.
func scaleLine(now time.Time) string {
	phase := math.Mod(float64(now.UnixMilli())/1000, 20)
	state, weight := "S", 25.0
	if phase < 12 {
		state, weight = "D", 25*phase/12
	}
	return fmt.Sprintf("S %s %9.2f kg\r\n", state, weight)
}
