package memory_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/gateway/memory"
)

// disk is a store that keeps rows, and fails when it is told to.
type disk struct {
	mu     sync.Mutex // guards everything that follows
	rows   map[string]gateway.StoredLearned
	writes int
	broken bool
}

func newDisk() *disk { return &disk{rows: map[string]gateway.StoredLearned{}} }

func (d *disk) LearnedDevices(context.Context) (rows []gateway.StoredLearned, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, row := range d.rows {
		rows = append(rows, row)
	}
	return rows, nil
}

func (d *disk) PutLearned(_ context.Context, row gateway.StoredLearned) error {
	return d.write(func() { d.rows[row.Device] = row })
}

func (d *disk) RemoveLearned(_ context.Context, device string) error {
	return d.write(func() { delete(d.rows, device) })
}

func (d *disk) write(change func()) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.broken {
		return errors.New("no space left on device")
	}
	d.writes++
	change()
	return nil
}

func (d *disk) set(broken bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.broken = broken
}

func mustOpen(t *testing.T, d *disk) (m *memory.Memory, stop func()) {
	t.Helper()
	m, err := memory.Open(t.Context(), d, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := m.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	return m, func() {
		cancel()
		running.Wait()
	}
}

// pass lets fake time go by.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

var (
	bus   = gateway.Connection{ID: "bus", URL: "rtu:///dev/ttyUSB0?baud=9600"}
	meter = gateway.Device{ID: "meter", Connection: "bus", Unit: 3}
	holes = gateway.Learned{Tables: []gateway.LearnedTable{{Table: "holding", Holes: []gateway.LearnedHole{{From: 5, To: 9}}, Cuts: []int{40}}}}
)

// What was learned is there again after a restart, also when the disk was full meanwhile; some changes in a row are one write.
func TestWhatWasLearnedSurvivesARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDisk()
		m, stop := mustOpen(t, d)
		for range 3 {
			m.Remember(bus, meter, holes)
		}
		pass(time.Minute)
		if d.writes != 1 {
			t.Errorf("%d writes", d.writes)
		}
		d.set(true)
		second := meter
		second.ID = "second"
		m.Remember(bus, second, holes)
		pass(time.Minute)
		d.set(false)
		stop()
		m, stop = mustOpen(t, d)
		defer stop()
		for _, device := range []gateway.Device{meter, second} {
			if diff := cmp.Diff(holes, m.Recall(bus, device)); diff != "" {
				t.Error(device.ID, diff)
			}
		}
	})
}

// What was learned holds for the device at its address, with its profile and its habits.
func TestAnotherDeviceIsUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, stop := mustOpen(t, newDisk())
		defer stop()
		m.Remember(bus, meter, holes)
		moved, replaced, told, named := meter, meter, meter, meter
		moved.Unit, replaced.Profile, told.Quirks.MaxRegisters, named.Name = 4, gateway.ProfileRef{ID: "sdm"}, 20, "Meter 3"
		elsewhere := bus
		elsewhere.URL = "rtu:///dev/ttyUSB1?baud=9600"
		for name, got := range map[string]gateway.Learned{
			"unit": m.Recall(bus, moved), "profile": m.Recall(bus, replaced), "quirks": m.Recall(bus, told), "wire": m.Recall(elsewhere, meter),
		} {
			if !got.Empty() {
				t.Errorf("%s: %+v", name, got)
			}
		}
		if m.Recall(bus, named).Empty() {
			t.Error("a new name is no other device")
		}
	})
}

// A person may have a device forgotten.
func TestForgetting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDisk()
		m, stop := mustOpen(t, d)
		defer stop()
		m.Remember(bus, meter, holes)
		pass(time.Minute)
		if err := m.Forget(t.Context(), "meter"); err != nil || len(d.rows) != 0 || !m.Recall(bus, meter).Empty() {
			t.Errorf("%v, %+v", err, d.rows)
		}
		d.set(true)
		if err := m.Forget(t.Context(), "meter"); err == nil {
			t.Error("the disk is full, and nobody is told")
		}
	})
}
