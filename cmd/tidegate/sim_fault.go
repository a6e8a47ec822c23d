package main

import (
	"context"
	"fmt"
	"hash/fnv"

	"github.com/tidegate/tidegate/drivers/sim"
	"github.com/tidegate/tidegate/gateway"
)

// simSocket is the control socket of the simulated device at a URL.
func simSocket(url string) string {
	sum := fnv.New64a()
	_, _ = sum.Write([]byte(url)) // never fails
	return fmt.Sprintf("sim-%x.sock", sum.Sum64())
}

// faulty is a line or a unit whose faults can be switched.
type faulty interface{ Set(next sim.Faults) }

// simOrder switches faults, of one unit or (negative) of the whole line.
type simOrder struct {
	Unit   int
	Faults sim.Faults
}

func handleFaults(s *controlSocket, line faulty, units map[byte]*sim.Unit) {
	handle(s, "fault", func(_ context.Context, in simOrder) (struct{}, error) {
		what := line
		if in.Unit >= 0 {
			unit, known := units[byte(in.Unit)]
			if !known || in.Unit > 0xFF {
				return struct{}{}, gateway.Errorf(gateway.NotFound, "there is no unit %d here", in.Unit)
			}
			what = unit
		}
		what.Set(in.Faults)
		return struct{}{}, nil
	})
}

type simFaultCommand struct {
	URL     string    `arg:"" help:"The device, as tidegate sim printed it."`
	Unit    int       `help:"Only this unit; those of the whole device come first." default:"-1"`
	Runtime string    `help:"Directory of the control socket." env:"TIDEGATE_RUNTIME" type:"path"`
	Faults  simFaults `embed:""`
}

// Run takes the place of all faults that were on.
func (c simFaultCommand) Run(ctx context.Context) error {
	order := simOrder{Unit: c.Unit, Faults: c.Faults.faults()}
	if _, err := callControl[simOrder, struct{}](ctx, runtimeDirectory(c.Runtime), simSocket(c.URL), "fault", order); err != nil {
		return fmt.Errorf("switch faults of %s: %w", c.URL, err)
	}
	return nil
}
