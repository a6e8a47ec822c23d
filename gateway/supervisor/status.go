package supervisor

import (
	"maps"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// view is the configuration with what runs of it, at one time. It is taken under the lock and asked without.
type view struct {
	config      gateway.Config
	connections map[string]*connection
	bridges     map[string]*bridge
	listeners   map[string]*listener
	disabled    map[string]time.Time
	readings    uint64
}

func (s *Supervisor) view() view {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return view{
		config:      s.config,
		connections: maps.Clone(s.active.connections),
		bridges:     maps.Clone(s.active.bridges),
		listeners:   maps.Clone(s.active.listeners),
		disabled:    s.active.disabled, // replaced, never changed
		readings:    s.active.readings,
	}
}

// Connections is how each configured connection is doing, in the order of the configuration.
func (s *Supervisor) Connections() []gateway.ConnectionStatus {
	v := s.view()
	list := make([]gateway.ConnectionStatus, 0, len(v.config.Connections))
	for _, c := range v.config.Connections {
		list = append(list, v.connection(c))
	}
	return list
}

func (v view) connection(c gateway.Connection) gateway.ConnectionStatus {
	state, reason, since := v.idle("connection/"+c.ID, c.Disabled)
	status := gateway.ConnectionStatus{ID: c.ID, State: state, Reason: reason, Since: since}
	if running, runs := v.connections[c.ID]; runs {
		status = running.current().Status()
	}
	polled := status.Devices
	status.Devices = make([]gateway.DeviceStatus, 0, len(polled))
	for _, d := range v.config.Devices {
		if d.Connection == c.ID {
			status.Devices = append(status.Devices, v.device(d, c.Disabled, polled))
		}
	}
	return status
}

func (v view) device(d gateway.Device, off bool, polled []gateway.DeviceStatus) gateway.DeviceStatus {
	for _, status := range polled {
		if status.ID == d.ID {
			return status
		}
	}
	state, reason, since := v.idle("device/"+d.ID, off || d.Disabled)
	return gateway.DeviceStatus{ID: d.ID, State: state, Reason: reason, Since: since}
}

// idle is the state of what does not run.
func (v view) idle(key string, disabled bool) (gateway.State, string, time.Time) {
	if disabled {
		return gateway.StateDisabled, "switched off", v.disabled[key]
	}
	return gateway.StateStarting, "about to start", time.Now()
}

// Bridges is how each configured bridge is doing, in the order of the configuration.
func (s *Supervisor) Bridges() []gateway.BridgeStatus {
	v := s.view()
	list := make([]gateway.BridgeStatus, 0, len(v.config.Bridges))
	for _, b := range v.config.Bridges {
		state, reason, since := v.idle("bridge/"+b.ID, b.Disabled)
		status := gateway.BridgeStatus{ID: b.ID, State: state, Reason: reason, Since: since}
		if running, runs := v.bridges[b.ID]; runs {
			status = running.status()
		}
		list = append(list, status)
	}
	return list
}

// Readings counts readings taken from all wires since the start.
func (s *Supervisor) Readings() uint64 {
	v := s.view()
	total := v.readings
	for _, c := range v.connections {
		total += c.readings()
	}
	return total
}

// noteDisabledLocked remembers since when things are switched off.
func (s *Supervisor) noteDisabledLocked(config gateway.Config, now time.Time) {
	before := s.active.disabled
	s.active.disabled = map[string]time.Time{}
	note := func(key string) {
		s.active.disabled[key] = now
		if since, known := before[key]; known {
			s.active.disabled[key] = since
		}
	}
	off := map[string]bool{}
	for _, c := range config.Connections {
		if off[c.ID] = c.Disabled; c.Disabled {
			note("connection/" + c.ID)
		}
	}
	for _, d := range config.Devices {
		if d.Disabled || off[d.Connection] {
			note("device/" + d.ID)
		}
	}
	for _, b := range config.Bridges {
		if b.Disabled {
			note("bridge/" + b.ID)
		}
	}
	for _, l := range config.Listeners {
		if l.Disabled {
			note("listener/" + l.ID)
		}
	}
}
