package drivers_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tidegate/tidegate/drivers"
	"github.com/tidegate/tidegate/drivers/sim"
	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/gateway/live"
	"github.com/tidegate/tidegate/gateway/poller"
	"github.com/tidegate/tidegate/mqtt"
)

// nowhere takes messages and settles them.
type nowhere struct{}

func (nowhere) Publish(_ context.Context, _ *mqtt.Message, _ mqtt.Origin, settle mqtt.Settle) error {
	settle(nil)
	return nil
}

func (nowhere) Release(_ mqtt.Origin, done mqtt.Settle) { done(nil) }

// running is a poller at work on real wires.
type running struct {
	*poller.Poller
	live *live.Hub
}

func mustRun(t *testing.T, url string, interval time.Duration, devices ...gateway.Device) *running {
	t.Helper()
	hub := live.New(1)
	r := &running{live: hub, Poller: poller.New(poller.Options{
		Connection: gateway.Connection{ID: "wire", URL: url, Timeout: gateway.Duration(300 * time.Millisecond)},
		Devices:    devices,
		Interval:   func(gateway.Device, gateway.Point) time.Duration { return interval },
		Open:       drivers.Open, Publisher: nowhere{}, Live: hub, Logger: slog.New(slog.DiscardHandler),
	})}
	ctx, cancel := context.WithCancel(context.Background())
	var polling sync.WaitGroup
	polling.Go(func() {
		if err := r.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() {
		cancel()
		polling.Wait()
	})
	return r
}

// quality is that of all points together: good when all are.
func (r *running) quality() gateway.Quality {
	all := r.live.Snapshot()
	for _, reading := range all {
		if reading.Quality != gateway.Good {
			return reading.Quality
		}
	}
	if len(all) == 0 {
		return ""
	}
	return gateway.Good
}

// mustBecome waits for a condition and gives how long it took.
func mustBecome(t *testing.T, what string, within time.Duration, is func() bool) time.Duration {
	t.Helper()
	begin := time.Now()
	for !is() {
		if time.Since(begin) > within {
			t.Fatalf("not %s within %s", what, within)
		}
		<-time.After(2 * time.Millisecond)
	}
	return time.Since(begin)
}

func register(unit, n int) gateway.Device {
	return gateway.Device{ID: fmt.Sprintf("unit%d", unit), Connection: "wire", Unit: unit, ScanClass: "normal", Points: []gateway.Point{
		{ID: fmt.Sprintf("r%d", n), Address: fmt.Sprintf("holding:%d", n), Type: gateway.Uint16, Writable: true},
	}}
}

// mustPlug makes a simulated line behind a link; stop unplugs it.
func mustPlug(t *testing.T, link string, units map[byte]*sim.Unit) (stop func()) {
	t.Helper()
	slave, err := sim.OpenRTU(0, units)
	if err != nil {
		t.Fatal(err)
	}
	if err := slave.Link(link); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() { _ = slave.Run(ctx) }) // its error is the plug that was pulled
	stop = sync.OnceFunc(func() {
		cancel()
		serving.Wait()
	})
	t.Cleanup(stop)
	return stop
}

// The adapter is pulled while nothing happens, while a request is on the wire, while an answer is awaited, and comes back
// under another name of the kernel behind the same link: bad, and good again within two seconds, with no goroutine and
// little work left over.
func TestUnplugAndReplug(t *testing.T) {
	for phase, c := range map[string]struct {
		interval time.Duration
		faults   sim.Faults
	}{
		"idle":    {interval: 100 * time.Millisecond},
		"writing": {interval: time.Millisecond},
		"reading": {interval: time.Millisecond, faults: sim.Faults{Delay: 100 * time.Millisecond}},
	} {
		t.Run(phase, func(t *testing.T) {
			t.Parallel()
			link := filepath.Join(t.TempDir(), "by-id")
			unit := sim.NewAddresses()
			unplug := mustPlug(t, link, map[byte]*sim.Unit{1: unit})
			name, err := os.Readlink(link)
			if err != nil {
				t.Fatal(err)
			}
			r := mustRun(t, "rtu://"+link+"?baud=115200", c.interval, register(1, 5))
			mustBecome(t, "good", 10*time.Second, func() bool { return r.quality() == gateway.Good })
			unit.Set(c.faults)
			unplug()
			mustBecome(t, "bad", c.interval+3*time.Second, func() bool { return r.quality() == gateway.Bad })
			if err := os.Remove(link); err != nil {
				t.Fatal(err)
			}
			if s := r.Status(); s.State != gateway.StateDown {
				t.Errorf("%+v", s)
			}
			mustBeElsewhere(t, name)
			<-time.After(1200 * time.Millisecond) // so that the attempts are as rare as they get
			unit.Set(sim.Faults{})
			mustPlug(t, link, map[byte]*sim.Unit{1: unit})
			// Two seconds between attempts and the first poll; and room for a busy machine.
			mustBecome(t, "good again", 6*time.Second, func() bool { return r.quality() == gateway.Good })
		})
	}
}

// mustBeElsewhere takes the freed number of a pseudo terminal, so that the next one gets another name.
func mustBeElsewhere(t *testing.T, name string) {
	t.Helper()
	for range 50 {
		slave, err := sim.OpenRTU(0, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = slave.Close() })
		if slave.Path() == name {
			return
		}
	}
}

// While a port is away, looking for it costs next to nothing, and nothing is left behind.
func TestAnAbsentPortCostsLittle(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("absent", func(t *testing.T) {
		r := mustRun(t, "rtu://"+filepath.Join(t.TempDir(), "by-id")+"?baud=9600", time.Millisecond, register(1, 5))
		mustBecome(t, "bad", 5*time.Second, func() bool { return r.quality() == gateway.Bad })
		used := cpu(t)
		<-time.After(time.Second)
		if spent := cpu(t) - used; spent > 50*time.Millisecond {
			t.Errorf("%s of CPU in a second of waiting", spent)
		}
	})
	mustBecome(t, "without goroutines left over", 5*time.Second, func() bool { return runtime.NumGoroutine() <= before })
}

func cpu(t testing.TB) time.Duration {
	t.Helper()
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// Many ask at once for many units of one line: reads now, writes, looks, beside the polling. Each gets its own answer. A
// slave that sees a frame mixed with another would not answer, and a value of another unit or register would be wrong.
func TestEverybodyAtOnce(t *testing.T) {
	t.Parallel()
	units := map[byte]*sim.Unit{}
	var devices []gateway.Device
	for unit := 1; unit <= 8; unit++ {
		units[byte(unit)] = sim.NewUnit(64, 64, 64, 64)
		units[byte(unit)].Holdings[unit] = uint16(1000 * unit)
		devices = append(devices, register(unit, unit))
	}
	link := filepath.Join(t.TempDir(), "rtu")
	mustPlug(t, link, units)
	r := mustRun(t, "rtu://"+link+"?baud=115200", 50*time.Millisecond, devices...)
	mustBecome(t, "good", 10*time.Second, func() bool { return r.quality() == gateway.Good })
	var asking sync.WaitGroup
	for _, d := range devices {
		asking.Go(func() { askOften(t, r, d) })
	}
	asking.Wait()
	if s := r.Status(); s.State != gateway.StateUp || s.Failed != 0 {
		t.Errorf("%+v", s)
	}
}

// askOften writes and reads a register that nobody else writes.
func askOften(t *testing.T, r *running, d gateway.Device) {
	t.Helper()
	key := gateway.PointKey{Device: d.ID, Point: d.Points[0].ID}
	held := uint64(1000 * d.Unit)
	for range operations(t) {
		if rand.IntN(2) == 0 {
			held = uint64(1000*d.Unit + rand.IntN(1000))
			if got, err := r.Write(t.Context(), key, gateway.UintValue(held)); err != nil || got.Value != gateway.UintValue(held) {
				t.Errorf("%s: wrote %d: %+v, %v", key, held, got, err)
			}
			continue
		}
		got, err := r.Test(t.Context(), d)
		if err != nil || got[0].Value != gateway.UintValue(held) {
			t.Errorf("%s holds %d: %+v, %v", key, held, got, err)
		}
	}
}

// operations is how often each of eight asks; TIDEGATE_BAD_WIRE is the long form.
func operations(t *testing.T) int {
	t.Helper()
	if _, long := os.LookupEnv("TIDEGATE_BAD_WIRE"); long {
		return 2000
	}
	return 25
}

// A device that takes one connection only and goes away without a word: it is noticed, the old connection is closed before
// the new one, and there are never two.
func TestOneConnectionAtATime(t *testing.T) {
	t.Parallel()
	slave, err := sim.ListenTCP(t.Context(), "127.0.0.1:0", map[byte]*sim.Unit{1: sim.NewAddresses()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() { _ = slave.Run(ctx) })
	p := mustListen(t, slave.Addr())
	t.Cleanup(func() {
		p.close()
		cancel()
		serving.Wait()
	})
	r := mustRun(t, "tcp://"+p.listener.Addr().String(), 20*time.Millisecond, register(1, 5))
	mustBecome(t, "good", 20*time.Second, func() bool { return r.quality() == gateway.Good })
	p.swallow(true) // no FIN, no RST
	mustBecome(t, "bad", 20*time.Second, func() bool { return r.quality() == gateway.Bad })
	mustBecome(t, "opened again", 20*time.Second, func() bool { return p.since() > 0 })
	p.swallow(false)
	mustBecome(t, "good", 40*time.Second, func() bool { return r.quality() == gateway.Good })
	if most := p.most(); most != 1 {
		t.Errorf("%d connections at once", most)
	}
}

// proxy stands before a device. When it swallows, it takes connections and forwards nothing.
type proxy struct {
	listener net.Listener
	target   string
	working  sync.WaitGroup

	mu         sync.Mutex // guards everything that follows
	swallowing bool
	open, peak int
	opened     int // since swallowing began
}

func mustListen(t *testing.T, target string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: listener, target: target}
	p.working.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			p.working.Go(func() { p.forward(conn) })
		}
	})
	return p
}

func (p *proxy) close() { _ = p.listener.Close() }

func (p *proxy) swallow(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.swallowing, p.opened = on, 0
}

func (p *proxy) since() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.opened
}

func (p *proxy) most() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.peak
}

func (p *proxy) count(by int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open += by
	p.peak = max(p.peak, p.open)
	p.opened += max(by, 0)
}

func (p *proxy) forward(conn net.Conn) {
	defer conn.Close()
	p.count(1)
	device, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	defer device.Close()
	p.working.Go(func() { p.copy(conn, device) })
	p.copy(device, conn)
	p.count(-1)
}

func (p *proxy) copy(to, from net.Conn) {
	buffer := make([]byte, 512)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		p.mu.Lock()
		swallowing := p.swallowing
		p.mu.Unlock()
		if !swallowing {
			_, _ = to.Write(buffer[:n])
		}
	}
}
