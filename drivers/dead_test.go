package drivers_test

import (
	"context"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/drivers"
	"github.com/tidegate/tidegate/drivers/sim"
	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/gateway/live"
	"github.com/tidegate/tidegate/gateway/poller"
	"github.com/tidegate/tidegate/mqtt"
)

// counter counts good readings by device.
type counter struct {
	mu   sync.Mutex // guards good
	good map[string]int
}

func (c *counter) Publish(_ context.Context, m *mqtt.Message, _ mqtt.Origin, settle mqtt.Settle) error {
	if parts := strings.Split(m.Topic, "/"); len(parts) == 3 && strings.Contains(string(m.Payload), `"q":"good"`) {
		c.mu.Lock()
		c.good[parts[1]]++
		c.mu.Unlock()
	}
	settle(nil)
	return nil
}

func (c *counter) Release(_ mqtt.Origin, done mqtt.Settle) { done(nil) }

// count is how many good readings of a device there were.
func (c *counter) count(device string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.good[device]
}

// Three dead slaves of ten on a line of 19200 baud, a pseudo terminal at its pace: the living keep their rate, the probes are a
// small part of the wire's time, and one that comes back is read again. TIDEGATE_DEAD_SECONDS is how long it is looked at; the
// usual second leaves room for a busy machine and does not wait for the return.
func TestThreeDeadOfTenOnALine(t *testing.T) {
	seconds, least, probes := 1, 0.6, 0.25
	timeout, interval := 100*time.Millisecond, 200*time.Millisecond
	if asked, err := strconv.Atoi(os.Getenv("TIDEGATE_DEAD_SECONDS")); err == nil {
		seconds, least, probes, timeout, interval = asked, 0.95, 0.05, time.Second, time.Second
	}
	units := map[byte]*sim.Unit{}
	var devices []gateway.Device
	for n := 1; n <= 10; n++ {
		units[byte(n)] = sim.NewAddresses()
		units[byte(n)].Set(sim.Faults{Silent: n > 7})
		devices = append(devices, register(n, n))
	}
	slave, err := sim.OpenRTU(19200, units)
	if err != nil {
		t.Fatal(err)
	}
	got := &counter{good: map[string]int{}}
	p := poller.New(poller.Options{
		Connection: gateway.Connection{
			ID: "wire", URL: "rtu://" + slave.Path() + "?baud=19200", Timeout: gateway.Duration(timeout),
		},
		Devices: devices, GatewayName: "gw",
		Interval: func(gateway.Device, gateway.Point) time.Duration { return interval },
		Open:     drivers.Open, Publisher: got, Live: live.New(1), Logger: slog.New(slog.DiscardHandler),
	})
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = slave.Run(ctx) })
	running.Go(func() { _ = p.Run(ctx) })
	defer running.Wait()
	defer cancel()
	mustBecome(t, "all dead ones known", 30*time.Second, func() bool {
		down := 0
		for _, d := range p.Status().Devices {
			if d.State == gateway.StateDown {
				down++
			}
		}
		return down == 3
	})
	before, polledBefore, begin := map[string]int{}, p.Status().Wire.Polling, time.Now()
	for _, d := range devices {
		before[d.ID] = got.count(d.ID)
	}
	<-time.After(time.Duration(seconds) * time.Second)
	took := time.Since(begin)
	// What is left of the time of all polls, without those of the living, was spent on the dead.
	status := p.Status()
	probing := status.Wire.Polling - polledBefore
	for i, d := range devices[:7] {
		probing -= time.Duration(float64(got.count(d.ID)-before[d.ID]) * status.Devices[i].LastMs * float64(time.Millisecond))
		if n, want := got.count(d.ID)-before[d.ID], least*float64(took)/float64(interval); float64(n) < want-1 {
			t.Errorf("%d readings of %s in %s, want %.1f", n, d.ID, took, want)
		}
	}
	share := float64(probing) / float64(took)
	t.Logf("in %s: probes take %.1f %% of the wire; %d readings of %s", took, 100*share, got.count("unit1")-before["unit1"], "unit1")
	if share > probes {
		t.Errorf("the probes of the dead take %.1f %% of the wire", 100*share)
	}
	if os.Getenv("TIDEGATE_DEAD_SECONDS") == "" {
		return
	}
	units[9].Set(sim.Faults{})
	// All dead ones share one part in thirty of the wire, and most of them are asked with a short timeout: each has its turn
	// within the longest back-off.
	back := mustBecome(t, "read again", time.Minute, func() bool { return got.count("unit9") > 0 })
	t.Logf("back after %s", back)
}
