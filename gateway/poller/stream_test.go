package poller_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/gateway/live"
	"github.com/tidegate/tidegate/gateway/poller"
)

// talker is a device that speaks by itself: what is sent to lines comes out as a reading of point x.
type talker struct {
	lines   chan gateway.Value
	gone    chan error
	panics  bool
	streams int
}

func (d *talker) Poll(context.Context, gateway.Device, []gateway.Point) ([]gateway.Reading, error) {
	return nil, gateway.Errorf(gateway.Invalid, "cannot be asked")
}

func (d *talker) Write(context.Context, gateway.Device, gateway.Point, gateway.Value) (gateway.Reading, error) {
	return gateway.Reading{}, gateway.Errorf(gateway.Invalid, "cannot be written")
}

func (d *talker) Close() error { return nil }

func (d *talker) Stream(ctx context.Context, devices []gateway.Device, emit func([]gateway.Reading)) error {
	d.streams++
	if d.panics {
		d.panics = false
		panic("a driver went mad")
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-d.gone:
			return err
		case v := <-d.lines:
			emit([]gateway.Reading{{
				Point: gateway.PointKey{Device: devices[0].ID, Point: "x"}, Value: v, Quality: gateway.Good, Time: time.Now(),
			}})
		}
	}
}

func startTalker(t *testing.T, d *talker) *rig {
	t.Helper()
	r := &rig{sink: &sink{}, live: live.New(1)}
	r.poller = poller.New(poller.Options{
		Connection: gateway.Connection{ID: "wire", URL: "line:///dev/x"}, Devices: []gateway.Device{device("scale", point("x"))},
		Interval: func(gateway.Device, gateway.Point) time.Duration { return time.Second }, GatewayName: "gw", Run: 1,
		Open:      func(context.Context, gateway.Connection) (gateway.Driver, error) { return d, nil },
		Publisher: r.sink, Live: r.live, Logger: slog.New(slog.DiscardHandler),
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = r.poller.Run(ctx)
	}()
	r.stop = func() { cancel(); <-done }
	return r
}

func newTalker() *talker {
	return &talker{lines: make(chan gateway.Value), gone: make(chan error)}
}

func TestAStreamIsPublishedAndGoesStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newTalker()
		r := startTalker(t, d)
		defer r.stop()
		for i := range 20 { // a burst within one interval: nothing is lost
			d.lines <- gateway.IntValue(int64(i))
		}
		synctest.Wait()
		if got := r.sink.of(t, "gw/scale/x"); len(got) != 20 {
			t.Errorf("%d of 20 telegrams are published", len(got))
		}
		if s := r.poller.Status(); s.State != gateway.StateUp {
			t.Errorf("status %+v", s)
		}
		pass(t, 9*time.Second)
		if q := r.live.Snapshot()[0].Quality; q != gateway.Good {
			t.Errorf("after 9 s the value is %s", q)
		}
		pass(t, time.Minute)
		got := r.sink.of(t, "gw/scale/x")
		if len(got) != 21 || got[20].Q != "bad" || !got[20].V.IsNull() {
			t.Errorf("after a minute of silence: %+v", got[20:])
		}
		if s := r.poller.Status(); s.State != gateway.StateDown || s.Devices[0].Reason != "nothing received for 10s" {
			t.Errorf("status %+v", s)
		}
		d.lines <- gateway.IntValue(1)
		synctest.Wait()
		if s := r.poller.Status(); s.State != gateway.StateUp {
			t.Errorf("status after it spoke again %+v", s)
		}
	})
}

func TestAStreamGoesOnAfterATestAndAfterAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newTalker()
		d.panics = true // the first stream
		r := startTalker(t, d)
		defer r.stop()
		pass(t, 2*time.Second)
		time.AfterFunc(time.Second, func() { d.lines <- gateway.IntValue(42) })
		readings, err := r.poller.Test(t.Context(), device("scale", point("x")))
		if err != nil || len(readings) != 1 || readings[0].Value != gateway.IntValue(42) {
			t.Errorf("test of a stream: %v, %v", readings, err)
		}
		if readings, err = r.poller.Test(t.Context(), device("scale", point("x"))); err != nil || readings[0].Quality != gateway.Bad {
			t.Errorf("test of a device that says nothing: %v, %v", readings, err)
		}
		d.gone <- errors.New("unplugged")
		synctest.Wait()
		if s := r.poller.Status(); s.State != gateway.StateDown || s.Reason != "unplugged" {
			t.Errorf("status %+v", s)
		}
		pass(t, 2*time.Second)
		d.lines <- gateway.IntValue(43)
		synctest.Wait()
		if v := r.live.Snapshot()[0].Value; v != gateway.IntValue(43) {
			t.Errorf("live value %s", v)
		}
	})
}
