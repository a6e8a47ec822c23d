package supervisor_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

func (p *plant) clearedTopics() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.cleared)
}

func retaining(c *gateway.Config) { c.Devices[0].Points[0].Mapping.Retain = true }

func TestRetainedMessagesGoWithTheirPoints(t *testing.T) {
	changes := map[string]struct {
		change func(*gateway.Config)
		want   []string
	}{
		"another address":     {func(c *gateway.Config) { c.Devices[0].Points[0].Address = "holding:9" }, nil},
		"another identifier":  {func(c *gateway.Config) { c.Devices[0].Points[0].ID = "y" }, []string{"gw/d1/x"}},
		"a point deleted":     {func(c *gateway.Config) { c.Devices[0].Points = nil }, []string{"gw/d1/x"}},
		"not retained before": {func(c *gateway.Config) { c.Devices[1].Points = nil }, nil},
		"a device deleted":    {func(c *gateway.Config) { c.Devices = c.Devices[1:] }, []string{"gw/d1/state", "gw/d1/x"}},
	}
	for name, test := range changes {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				before := config()
				retaining(&before)
				r := start(t, &plant{config: before})
				defer r.stop()
				r.mustApply(t, test.change)
				want(t, r.plant.clearedTopics(), test.want...)
			})
		})
	}
}

// TestRetainedMessagesWaitForTheDisk, and a topic that is used again meanwhile is left alone.
func TestRetainedMessagesWaitForTheDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := config()
		retaining(&before)
		p := &plant{config: before, clearErrs: 2}
		r := start(t, p)
		defer r.stop()
		r.mustApply(t, func(c *gateway.Config) { c.Devices[0].Points[0].ID = "y" })
		want(t, p.clearedTopics())
		r.mustApply(t, func(c *gateway.Config) { c.Devices[1].Points = nil })
		time.Sleep(time.Minute)
		synctest.Wait()
		want(t, p.clearedTopics(), "gw/d1/x")

		p.mu.Lock()
		p.clearErrs = 1
		p.mu.Unlock()
		r.mustApply(t, func(c *gateway.Config) { c.Devices[0].Points[0].ID = "z" })
		r.mustApply(t, func(c *gateway.Config) { c.Devices[0].Points[0].ID = "y" })
		time.Sleep(time.Minute)
		synctest.Wait()
		want(t, p.clearedTopics(), "gw/d1/x", "gw/d1/z")
	})
}
