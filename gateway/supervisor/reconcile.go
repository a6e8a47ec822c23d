package supervisor

import (
	"context"
	"reflect"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// reconcile makes what runs equal to the configuration. The caller holds the turn. Nothing in here can fail; all stops
// come before all starts, since a port may change hands.
func (s *Supervisor) reconcile(config gateway.Config, opened map[string]ListenerRunner) {
	connections := wantedConnections(config)
	bridges := wantedBridges(config)
	s.stopListeners(func(running gateway.Listener) bool {
		wanted, there := config.Listener(running.ID)
		return !there || !reflect.DeepEqual(planListener(wanted), running)
	})
	s.stopConnections(func(id string, running connectionPlan) bool {
		wanted, there := connections[id]
		return !there || !reflect.DeepEqual(wanted, running)
	})
	s.stopBridges(func(id string, running bridgePlan) bool {
		wanted, there := bridges[id]
		return !there || !reflect.DeepEqual(wanted, running)
	})
	s.removeSessions(config)
	s.clearRetained(config)
	s.mu.Lock()
	s.config = config
	s.noteDisabledLocked(config, time.Now())
	s.mu.Unlock()
	for _, b := range config.Bridges {
		if plan, wanted := bridges[b.ID]; wanted {
			s.startBridge(config, b, plan)
		}
	}
	for _, c := range config.Connections {
		if plan, wanted := connections[c.ID]; wanted {
			s.startConnection(config, c, plan)
		}
	}
	s.options.Configured(config)
	s.startListeners(config, opened)
}

func wantedConnections(config gateway.Config) map[string]connectionPlan {
	wanted := map[string]connectionPlan{}
	for _, c := range config.Connections {
		if !c.Disabled {
			wanted[c.ID] = planConnection(config, c, enabledDevices(config, c.ID))
		}
	}
	return wanted
}

func wantedBridges(config gateway.Config) map[string]bridgePlan {
	wanted := map[string]bridgePlan{}
	for _, b := range config.Bridges {
		if !b.Disabled {
			wanted[b.ID] = planBridge(config, b)
		}
	}
	return wanted
}

func (s *Supervisor) stopConnections(which func(id string, running connectionPlan) bool) {
	var tasks []*task
	stopped := map[string]*connection{}
	for id, c := range s.active.connections {
		if which(id, c.plan) {
			tasks = append(tasks, c.task)
			stopped[id] = c
		}
	}
	stopTogether(tasks)
	var readings uint64
	for _, c := range stopped {
		readings += c.readings()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.active.readings += readings
	for id := range stopped {
		delete(s.active.connections, id)
	}
}

func (s *Supervisor) stopBridges(which func(id string, running bridgePlan) bool) {
	var tasks []*task
	var stopped []string
	for id, b := range s.active.bridges {
		if which(id, b.plan) {
			tasks = append(tasks, b.task)
			stopped = append(stopped, id)
		}
	}
	stopTogether(tasks)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range stopped {
		delete(s.active.bridges, id)
	}
}

// removeSessions deletes the sessions of bridges that are gone from the configuration, in the background: it is tried
// until it succeeds. A bridge of the same name that comes back meanwhile ends the attempts.
func (s *Supervisor) removeSessions(next gateway.Config) {
	for _, old := range s.config.Bridges {
		if _, kept := next.Bridge(old.ID); kept || s.active.removals[old.ID] != nil {
			continue
		}
		logger := s.options.Logger.With("bridge", old.ID)
		s.active.removals[old.ID] = startTask(s.running, func(ctx context.Context) {
			backoff := gateway.Backoff{Min: leastRestart, Max: mostRestart}
			for ctx.Err() == nil {
				err := s.options.RemoveBridge(ctx, old.ID)
				if err == nil {
					return
				}
				logger.Warn("the session of a deleted bridge cannot be deleted yet", "error", err)
				pause(ctx, backoff.Next())
			}
		})
	}
	for id, removal := range s.active.removals {
		if _, back := next.Bridge(id); back {
			removal.stop()
		}
		select {
		case <-removal.done:
			delete(s.active.removals, id)
		default:
		}
	}
}

func (s *Supervisor) startConnection(config gateway.Config, c gateway.Connection, plan connectionPlan) {
	if _, runs := s.active.connections[c.ID]; runs {
		return
	}
	logger := s.options.Logger.With("connection", c.ID)
	started := startConnection(s.running, logger, plan, func() ConnectionRunner {
		return s.options.NewConnection(config, c, enabledDevices(config, c.ID))
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.active.connections[c.ID] = started
}

func (s *Supervisor) startBridge(config gateway.Config, b gateway.Bridge, plan bridgePlan) {
	if _, runs := s.active.bridges[b.ID]; runs {
		return
	}
	logger := s.options.Logger.With("bridge", b.ID)
	started := startBridge(s.running, logger, plan, func(ctx context.Context) (BridgeRunner, error) {
		return s.options.NewBridge(ctx, config, b)
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.active.bridges[b.ID] = started
}

// stopAll ends everything in the reverse order of the data: listeners, connections, bridges, and what still waits for the disk.
func (s *Supervisor) stopAll() {
	s.stopListeners(func(gateway.Listener) bool { return true })
	s.stopConnections(func(string, connectionPlan) bool { return true })
	s.stopBridges(func(string, bridgePlan) bool { return true })
	for id, removal := range s.active.removals {
		removal.stop()
		delete(s.active.removals, id)
	}
	s.active.clearing.stop()
}
