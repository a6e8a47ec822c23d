package poller

import (
	"context"
	"errors"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

const (
	// requestsInARow is how many requests may go before a poll that is due: writes go next, but a storm of them does not
	// stop the polling.
	requestsInARow = 8
	// requestLimit is how long a request may wait and work.
	requestLimit = 10 * time.Second
	// listenLimit is how long a test listens to a device that speaks by itself.
	listenLimit = 8 * time.Second
)

// request is work for the wire, done by the goroutine of Run.
type request struct {
	ctx    context.Context
	do     func(context.Context, gateway.Driver) ([]gateway.Reading, error)
	answer chan answer // has room for one
}

type answer struct {
	readings []gateway.Reading
	err      error
}

func (r request) refuse(err error) { r.answer <- answer{err: err} }

// Test reads all points of a device once, between two polls; nothing is published. The device may be another one than
// those of the connection: an edit that is not saved yet. It waits at most 10 s.
func (p *Poller) Test(ctx context.Context, d gateway.Device) ([]gateway.Reading, error) {
	return p.ask(ctx, func(ctx context.Context, driver gateway.Driver) ([]gateway.Reading, error) {
		// What comes after the deadline of the request would find nobody, so a stream stops listening before.
		ctx, cancel := context.WithTimeout(ctx, listenLimit)
		defer cancel()
		readings, err := gateway.ReadOnce(ctx, driver, d)
		if err == nil {
			p.answered(d, readings)
		}
		return readings, err
	})
}

// Explore looks at the open wire between two polls, whatever devices are behind it. It waits at most 10 s. A driver that
// cannot do it is Invalid.
func (p *Poller) Explore(ctx context.Context, look func(context.Context, gateway.Explorer) error) error {
	_, err := p.ask(ctx, func(ctx context.Context, driver gateway.Driver) ([]gateway.Reading, error) {
		explorer, can := driver.(gateway.Explorer)
		if !can {
			return nil, gateway.Errorf(gateway.Invalid, "devices on connection %s cannot be looked for: they speak by themselves", p.options.Connection.ID)
		}
		return nil, look(ctx, explorer)
	})
	return err
}

// answered makes a dead device due at once when a request shows that it is back.
func (p *Poller) answered(asked gateway.Device, readings []gateway.Reading) {
	for _, d := range p.devices {
		if d.ID == asked.ID && d.Unit == asked.Unit && !allBad(readings) {
			d.revive(time.Now())
		}
	}
}

// Write sets a point in engineering units and gives what was read back, which is published as a reading too. It goes
// before the polls and waits at most 10 s.
func (p *Poller) Write(ctx context.Context, key gateway.PointKey, v gateway.Value) (gateway.Reading, error) {
	pt, known := p.points[key]
	if !known {
		return gateway.Reading{}, gateway.Errorf(gateway.NotFound, "there is no point %s on connection %s", key, p.options.Connection.ID)
	}
	if !pt.Writable {
		return gateway.Reading{}, gateway.Errorf(gateway.Invalid, "point %s is read-only: switch writing on in its settings", key)
	}
	raw, err := pt.RawValue(v)
	if err != nil {
		return gateway.Reading{}, err
	}
	readings, err := p.ask(ctx, func(ctx context.Context, driver gateway.Driver) ([]gateway.Reading, error) {
		r, err := driver.Write(ctx, pt.group.device.Device, *pt.Point, raw)
		if err != nil {
			return nil, err
		}
		back := []gateway.Reading{p.engineering(pt, r, time.Now())}
		if !allBad(back) && r.Point == key {
			pt.seen = time.Now()
			p.take(pt.group, back)
			p.answered(pt.group.device.Device, back)
		}
		return back, nil
	})
	if err != nil {
		return gateway.Reading{}, err
	}
	return readings[0], nil
}

// ask hands a request over and waits for its answer.
func (p *Poller) ask(ctx context.Context, do func(context.Context, gateway.Driver) ([]gateway.Reading, error)) ([]gateway.Reading, error) {
	ctx, cancel := context.WithTimeout(ctx, requestLimit)
	defer cancel()
	r := request{ctx: ctx, do: do, answer: make(chan answer, 1)}
	select {
	case p.requests <- r:
	case <-ctx.Done():
		return nil, gateway.Errorf(gateway.Unavailable, "connection %s did not get to it in time: %w", p.options.Connection.ID, ctx.Err())
	case <-p.ended:
		return nil, gateway.Errorf(gateway.Unavailable, "connection %s was stopped", p.options.Connection.ID)
	}
	// Whoever takes a request answers it, and ctx ends the work on it.
	got := <-r.answer
	return got.readings, got.err
}

// serve does one request. The error means that the wire is gone; what is wrong with the request alone is its answer.
func (p *Poller) serve(ctx context.Context, driver gateway.Driver, r request) (err error) {
	answered := false
	defer func() {
		if !answered { // the driver panicked: session recovers
			r.refuse(errors.New("internal error in the driver"))
		}
	}()
	work, cancel := context.WithCancel(r.ctx)
	defer cancel()
	defer context.AfterFunc(ctx, cancel)()
	begin := time.Now()
	readings, err := r.do(work, driver)
	answered = true
	p.status.used(time.Since(begin))
	if err != nil && work.Err() != nil {
		r.refuse(gateway.Errorf(gateway.Unavailable, "connection %s did not answer in time: %w", p.options.Connection.ID, work.Err()))
		return nil
	}
	r.answer <- answer{readings, err}
	if err != nil && gateway.CodeOf(err) == "" {
		return err
	}
	return nil
}
