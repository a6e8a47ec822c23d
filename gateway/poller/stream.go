package poller

import (
	"context"
	"fmt"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// stream is the life of an open wire whose devices speak by themselves. The stream is ended for each request and begun
// again, since the driver is used by one at a time.
func (p *Poller) stream(ctx context.Context, driver gateway.Streamer) error {
	for _, pt := range p.points {
		pt.seen = time.Now()
		pt.group.limit = streamLimit
	}
	for ctx.Err() == nil {
		r, asked, err := p.listen(ctx, driver)
		if err != nil {
			return err
		}
		if !asked {
			continue
		}
		if err := p.serve(ctx, driver, r); err != nil {
			return err
		}
	}
	return nil
}

// listen takes telegrams until there is a request, or the wire is gone.
func (p *Poller) listen(ctx context.Context, driver gateway.Streamer) (request, bool, error) {
	streaming, cancel := context.WithCancel(ctx)
	telegrams := make(chan []gateway.Reading)
	ended := make(chan error, 1)
	go func() {
		ended <- p.safeStream(streaming, driver, func(readings []gateway.Reading) {
			select {
			case telegrams <- readings:
			case <-streaming.Done():
			}
		})
	}()
	defer cancel()
	stale := time.NewTicker(p.staleCheck())
	defer stale.Stop()
	for {
		select {
		case readings := <-telegrams:
			p.telegram(readings)
			p.countDamage(driver)
		case now := <-stale.C:
			p.markStale(now)
			p.countDamage(driver)
		case r := <-p.requests:
			cancel()
			if err := <-ended; err != nil {
				r.refuse(gateway.Errorf(gateway.Unavailable, "connection %s is down: %s", p.options.Connection.ID, err.Error()))
				return request{}, false, err
			}
			return r, true, nil
		case err := <-ended:
			return request{}, false, p.streamEnded(ctx, err)
		}
	}
}

// safeStream turns a panic of the driver into an error: it would not be recovered on another goroutine.
func (p *Poller) safeStream(ctx context.Context, driver gateway.Streamer, emit func([]gateway.Reading)) (err error) {
	defer p.recovered(&err)
	return driver.Stream(ctx, p.options.Devices, emit)
}

func (p *Poller) streamEnded(ctx context.Context, err error) error {
	if err == nil && ctx.Err() == nil {
		return fmt.Errorf("the stream of connection %s ended by itself", p.options.Connection.ID)
	}
	return err
}

func (p *Poller) staleCheck() time.Duration {
	shortest := time.Minute
	for _, pt := range p.points {
		shortest = min(shortest, pt.interval)
	}
	return shortest
}

// telegram takes the readings of one telegram; they may be of several devices.
func (p *Poller) telegram(raw []gateway.Reading) {
	now := time.Now()
	p.backoff.Reset()
	byGroup := map[*group][]gateway.Reading{}
	for _, r := range raw {
		pt, known := p.points[r.Point]
		if !known {
			continue
		}
		if r.Quality != gateway.Bad {
			pt.seen = now
		}
		byGroup[pt.group] = append(byGroup[pt.group], p.engineering(pt, r, now))
	}
	for g, readings := range byGroup {
		p.status.polled(g.device.ID, 0, false, readings)
		p.take(g, readings)
		p.showDevice(g.device)
	}
}

// markStale makes points bad that nothing was received of for too long. A device of which nothing is known is down.
func (p *Poller) markStale(now time.Time) {
	for _, d := range p.devices {
		fresh := 0
		for _, pt := range d.points {
			limit := p.freshFor(pt.interval, silentTelegrams)
			if now.Sub(pt.seen) < limit {
				fresh++
				continue
			}
			p.take(pt.group, []gateway.Reading{{
				Point: pt.key, Quality: gateway.Bad, Reason: fmt.Sprintf("nothing received for %s", limit), Time: now.UTC(),
			}})
		}
		switch {
		case fresh == 0 && len(d.points) > 0:
			p.setDeviceState(d, gateway.StateDown, d.points[0].reason)
			p.showConnection()
		case fresh < len(d.points):
			p.showDevice(d)
		}
	}
}
