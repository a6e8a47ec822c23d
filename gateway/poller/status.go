package poller

import (
	"slices"
	"sync"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// status is what others may ask about the connection while it is polled.
type status struct {
	mu       sync.Mutex // guards everything that follows
	current  gateway.ConnectionStatus
	readings uint64
	// overload is why the intervals cannot be kept; empty when they can.
	overload string
}

func newStatus(id string, devices []gateway.Device) *status {
	now := time.Now()
	s := &status{current: gateway.ConnectionStatus{ID: id, State: gateway.StateStarting, Since: now}}
	for _, d := range devices {
		s.current.Devices = append(s.current.Devices, gateway.DeviceStatus{
			ID: d.ID, State: gateway.StateStarting, Reason: "not read yet", Since: now,
		})
	}
	s.current.Reason = "the wire is being opened"
	return s
}

// Status is how the connection and its devices are doing.
func (p *Poller) Status() gateway.ConnectionStatus {
	p.status.mu.Lock()
	defer p.status.mu.Unlock()
	copied := p.status.current
	copied.Devices = slices.Clone(copied.Devices)
	return copied
}

// Readings counts the readings with a value that were taken from the wire.
func (p *Poller) Readings() uint64 {
	p.status.mu.Lock()
	defer p.status.mu.Unlock()
	return p.status.readings
}

// polled counts a poll of a device; silent is one without an answer.
func (s *status) polled(device string, took time.Duration, silent bool, readings []gateway.Reading) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current.Polls++
	s.current.Wire.Polling += took
	s.current.Wire.Busy += took
	good := 0
	for _, r := range readings {
		if r.Quality != gateway.Bad {
			good++
		}
	}
	s.readings += uint64(good)
	switch wire := &s.current.Wire; {
	case good == len(readings):
	case good > 0:
		wire.Partial++
	case silent:
		wire.Silent++
	default:
		wire.Refused++
	}
	if good == 0 {
		s.current.Failed++
	}
	if i := s.deviceLocked(device); i >= 0 {
		s.current.Devices[i].LastMs = milliseconds(took)
	}
}

// used counts time of the wire that no poll took.
func (s *status) used(took time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current.Wire.Busy += took
}

// lost counts a wire that is gone, or did not open.
func (s *status) lost() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current.Wire.Lost++
}

func (s *status) weigh(load float64, overload string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current.Load, s.overload = load, overload
}

func (s *status) drop(messages int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current.Dropped += uint64(messages)
}

func (s *status) deviceLocked(id string) int {
	return slices.IndexFunc(s.current.Devices, func(d gateway.DeviceStatus) bool { return d.ID == id })
}

// setDevice records a state; changed is false when state and reason are as before.
func (s *status) setDevice(id string, state gateway.State, reason string) (before, after gateway.DeviceStatus) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := &s.current.Devices[s.deviceLocked(id)]
	before = *d
	*d = d.With(state, reason, time.Now())
	return before, *d
}

func (s *status) set(state gateway.State, reason string) (before gateway.State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before = s.current.State
	s.current = s.current.With(state, reason, time.Now())
	return before
}

// combined is the state of a connection whose wire is open: that of its devices together.
func (s *status) combined() (gateway.State, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	count := map[gateway.State]int{}
	reason := ""
	for _, d := range s.current.Devices {
		count[d.State]++
		if reason == "" && (d.State == gateway.StateDown || d.State == gateway.StateDegraded) {
			reason = d.ID + ": " + d.Reason
		}
	}
	switch all := len(s.current.Devices); {
	case count[gateway.StateDown] == all && all > 0:
		return gateway.StateDown, "no device answers; " + reason
	case reason != "":
		return gateway.StateDegraded, reason
	case s.overload != "":
		return gateway.StateDegraded, s.overload
	case count[gateway.StateStarting] == all && all > 0:
		return gateway.StateStarting, "no device was read yet"
	}
	return gateway.StateUp, ""
}

// setDeviceState records the state of a device; a change is published, and logged if it is more than a new reason.
func (p *Poller) setDeviceState(d *device, state gateway.State, reason string) {
	before, after := p.status.setDevice(d.ID, state, reason)
	if before.State == state && before.Reason == reason {
		return
	}
	p.outbox.setState(d.ID, after.Message(p.options.GatewayName))
	if before.State != state {
		p.logger.Info("device state changed", "device", d.ID, "state", string(state), "reason", reason)
	}
}

// setConnectionState records the state of the connection and reports whether it is another one than before.
func (p *Poller) setConnectionState(state gateway.State, reason string) bool {
	return p.status.set(state, reason) != state
}

// showConnection derives the state of a connection whose wire is open.
func (p *Poller) showConnection() {
	state, reason := p.status.combined()
	if p.doubt != "" && (state == gateway.StateUp || state == gateway.StateDegraded) {
		state, reason = gateway.StateDegraded, p.doubt
	}
	if p.setConnectionState(state, reason) {
		p.logger.Info("connection state changed", "state", string(state), "reason", reason)
	}
}
