package poller

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"runtime/debug"
	"sync"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
)

// Options is what a poller needs; all fields without a remark are required.
type Options struct {
	Connection gateway.Connection
	// Devices are the enabled devices of the connection.
	Devices []gateway.Device
	// Interval is the poll interval of a point; it is called by New only.
	Interval    func(gateway.Device, gateway.Point) time.Duration
	GatewayName string
	// Run counts the starts of the gateway; it goes out with each message.
	Run uint64
	// Numbers continue over the pollers of one run, so that run and n name a message for ever. nil starts at 1.
	Numbers   *Numbers
	Open      gateway.OpenDriver
	Publisher mqtt.Publisher
	Live      Live
	// Memory has what drivers have learned about the devices; nil keeps it as long as the wire is open.
	Memory gateway.Memory
	Logger *slog.Logger
	// Settling is how long a healthy disk may take to settle a message: the linger of the queue and a commit. Zero means
	// 5 s. A group of points has at most two cycles and this time unsettled.
	Settling time.Duration
}

// Live takes the latest readings; see gateway/live. It never blocks for long.
type Live interface {
	Put(readings []gateway.Reading)
	// Refresh takes newer values of points between two of their polls: they are shown and that is all.
	Refresh(readings []gateway.Reading)
	Remove(points []gateway.PointKey)
}

const (
	openLimit     = 10 * time.Second
	defaultSettle = 5 * time.Second
	leastReopen   = 200 * time.Millisecond
	mostReopen    = 30 * time.Second
	// mostReplug is for a port of this machine: trying one that is not there costs nothing and disturbs nobody.
	mostReplug = 2 * time.Second
)

// Poller is one connection at work. Fields below the blank line belong to the goroutine of Run.
type Poller struct {
	options  Options
	timeout  time.Duration
	logger   *slog.Logger
	requests chan request
	ended    chan struct{} // closed when Run returns
	status   *status
	outbox   *outbox

	devices  []*device
	schedule *schedule
	points   map[gateway.PointKey]*point
	backoff  gateway.Backoff
	wire     wireBudget
	// load is the part of the wire's time that the polls need; see load.go.
	load float64
	// proven says that the open wire gave values, last time something was asked over it.
	proven bool
	// doubt is what the driver finds wrong with the wire as a whole; see gateway.Doubter.
	doubt string
	// discoveries is what the open wire's driver counted when it was asked last; see memory.go.
	discoveries uint64
	// damaged is what it counted of damaged frames; see damage.go.
	damaged uint64
}

// New prepares a poller; Run starts it.
func New(options Options) *Poller {
	timeout := time.Duration(options.Connection.Timeout)
	if timeout == 0 {
		timeout = time.Duration(gateway.DefaultTimeout)
	}
	if options.Settling == 0 {
		options.Settling = defaultSettle
	}
	if options.Numbers == nil {
		options.Numbers = NewNumbers()
	}
	p := &Poller{
		options:  options,
		timeout:  timeout,
		logger:   options.Logger.With("connection", options.Connection.ID),
		requests: make(chan request),
		ended:    make(chan struct{}),
		status:   newStatus(options.Connection.ID, options.Devices),
		points:   map[gateway.PointKey]*point{},
		backoff:  gateway.Backoff{Min: leastReopen, Max: reopenLimit(options.Connection.URL)},
	}
	p.addDevices()
	p.outbox = newOutbox(options.Publisher, p.logger, p.status, p.schedule.groups)
	return p
}

// reopenLimit is the longest wait before a wire is tried again.
func reopenLimit(address string) time.Duration {
	if u, err := url.Parse(address); err == nil && u.Host == "" {
		return mostReplug
	}
	return mostReopen
}

// Run polls until ctx ends, and then returns nil. Nothing else ends it: what fails is a status and is tried again. It is
// called once.
func (p *Poller) Run(ctx context.Context) error {
	// The outbox outlives the polling, so that the last readings and states still find their way.
	sending, stopSending := context.WithCancel(context.WithoutCancel(ctx))
	defer stopSending()
	var sender sync.WaitGroup
	sender.Go(func() { p.outbox.run(sending) })
	defer func() {
		close(p.ended)
		p.stopped()
		p.outbox.finish()
		defer time.AfterFunc(finishLimit, stopSending).Stop()
		sender.Wait()
	}()
	p.schedule.start(time.Now())
	for ctx.Err() == nil {
		err := p.session(ctx)
		if ctx.Err() != nil {
			break
		}
		if err == nil {
			err = errors.New("the driver gave the wire up")
		}
		// Devices close a connection that was idle, or after each answer. Nothing is lost when it opens again at once.
		if p.proven {
			p.logger.Debug("connection opened again", "error", err)
			continue
		}
		p.wireLost(err)
		p.waitToReopen(ctx, err)
	}
	return nil
}

// session opens the wire and uses it until it is gone or ctx ends. A panic of a driver ends the session only.
func (p *Poller) session(ctx context.Context) (err error) {
	defer p.recovered(&err)
	p.proven, p.doubt, p.damaged = false, "", 0
	driver, err := p.open(ctx)
	if err != nil {
		return err
	}
	// The end of ctx closes the wire at once, whatever the driver waits for.
	stop := context.AfterFunc(ctx, func() { p.closeWire(driver) })
	defer func() {
		if stop() {
			p.closeWire(driver)
		}
	}()
	if streamer, streams := driver.(gateway.Streamer); streams {
		return p.stream(ctx, streamer)
	}
	p.recall(driver)
	return p.poll(ctx, driver)
}

// recovered is deferred: it makes a panic an error.
func (p *Poller) recovered(err *error) {
	if broken := recover(); broken != nil {
		p.logger.Error("the driver panicked", "panic", fmt.Sprint(broken), "stack", string(debug.Stack()))
		*err = errors.New("internal error in the driver; see the log")
	}
}

func (p *Poller) open(ctx context.Context) (gateway.Driver, error) {
	ctx, cancel := context.WithTimeout(ctx, openLimit)
	defer cancel()
	return p.options.Open(ctx, p.options.Connection)
}

func (p *Poller) closeWire(driver gateway.Driver) {
	if err := driver.Close(); err != nil {
		p.logger.Debug("the wire did not close cleanly", "error", err)
	}
}

// poll is the life of an open wire whose devices are asked: requests first, then what is due, then wait.
func (p *Poller) poll(ctx context.Context, driver gateway.Driver) error {
	p.schedule.refresh(time.Now())
	if len(p.devices) == 0 {
		p.setConnectionState(gateway.StateUp, "")
	}
	inARow := 0
	for ctx.Err() == nil {
		p.missed(time.Now())
		task := p.nextTask(time.Now())
		wait := time.Until(task.due)
		if inARow >= requestsInARow && wait <= 0 {
			inARow = 0
			if err := p.runTask(ctx, driver, task); err != nil {
				return err
			}
			continue
		}
		r, asked := p.awaitRequest(ctx, wait)
		switch {
		case asked:
			inARow++
			if err := p.serve(ctx, driver, r); err != nil {
				return err
			}
		case ctx.Err() == nil:
			inARow = 0
			if err := p.runTask(ctx, driver, task); err != nil {
				return err
			}
		}
	}
	return nil
}

// awaitRequest waits for a request, but no longer than wait; a request that is there already always comes first.
func (p *Poller) awaitRequest(ctx context.Context, wait time.Duration) (request, bool) {
	select {
	case r := <-p.requests:
		return r, true
	default:
	}
	if wait <= 0 {
		return request{}, false
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case r := <-p.requests:
		return r, true
	case <-timer.C:
	case <-ctx.Done():
	}
	return request{}, false
}

// waitToReopen waits for the next attempt. Somebody who asks for a device makes it come at once, but not more often than
// once in a second.
func (p *Poller) waitToReopen(ctx context.Context, reason error) {
	until := time.Now().Add(p.backoff.Next())
	early := time.Now().Add(time.Second)
	for ctx.Err() == nil {
		r, asked := p.awaitRequest(ctx, time.Until(until))
		if !asked {
			return
		}
		r.refuse(gateway.Errorf(gateway.Unavailable, "connection %s is down: %s", p.options.Connection.ID, reason.Error()))
		if until.After(early) {
			until = early
		}
	}
}

// wireLost makes all points bad and the state down.
func (p *Poller) wireLost(err error) {
	p.status.lost()
	reason := err.Error()
	if p.setConnectionState(gateway.StateDown, reason) {
		p.logger.Warn("connection lost", "error", err)
	}
	for _, d := range p.devices {
		p.setDeviceState(d, gateway.StateDown, "the connection is down: "+reason)
		p.deviceBad(d, "the connection is down: "+reason)
	}
}

// stopped says that nobody reads the devices any more.
func (p *Poller) stopped() {
	const reason = "not polled: the gateway or the connection was stopped or changed"
	keys := make([]gateway.PointKey, 0, len(p.points))
	for _, d := range p.devices {
		p.setDeviceState(d, gateway.StateDown, reason)
	}
	for key := range p.points {
		keys = append(keys, key)
	}
	p.options.Live.Remove(keys)
}
