package supervisor

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// ListenerRunner is a listener that is open.
type ListenerRunner interface {
	// Run serves until ctx ends and closes the listener with its connections.
	Run(ctx context.Context) error
	// Close closes a listener that never ran.
	Close() error
}

// listener is a configured listener at work. Its runner is missing while it cannot be opened.
type listener struct {
	plan   gateway.Listener
	task   *task
	create func(context.Context) (ListenerRunner, error)

	mu     sync.Mutex // guards everything that follows
	runner ListenerRunner
	state  gateway.State
	reason string
	since  time.Time
}

// openListeners opens what next has and nobody listens on yet: an address that is taken refuses the change. One that
// stays at its address is opened when the former has let go of it.
func (s *Supervisor) openListeners(ctx context.Context, next gateway.Config) (opened map[string]ListenerRunner, err error) {
	opened = map[string]ListenerRunner{}
	held := map[string]bool{}
	for _, l := range s.active.listeners {
		held[l.plan.Address] = true
	}
	for i, l := range next.Listeners {
		if l.Disabled || held[l.Address] {
			continue
		}
		runner, err := s.options.OpenListener(ctx, l)
		if err != nil {
			closeListeners(s.options.Logger, opened)
			return nil, gateway.FieldErrorf(fmt.Sprintf("listeners[%d].address", i), "%w", err)
		}
		opened[l.ID] = runner
	}
	return opened, nil
}

func closeListeners(logger *slog.Logger, opened map[string]ListenerRunner) {
	for id, runner := range opened {
		if err := runner.Close(); err != nil {
			logger.Warn("a listener cannot be closed", "listener", id, "error", err)
		}
	}
}

func (s *Supervisor) stopListeners(which func(running gateway.Listener) bool) {
	var tasks []*task
	var stopped []string
	for id, l := range s.active.listeners {
		if which(l.plan) {
			tasks = append(tasks, l.task)
			stopped = append(stopped, id)
		}
	}
	stopTogether(tasks)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range stopped {
		delete(s.active.listeners, id)
	}
}

// startListeners runs what does not run yet; opened has what is open already.
func (s *Supervisor) startListeners(config gateway.Config, opened map[string]ListenerRunner) {
	for _, plan := range config.Listeners {
		if _, runs := s.active.listeners[plan.ID]; runs || plan.Disabled {
			continue
		}
		logger := s.options.Logger.With("listener", plan.ID)
		started := startListener(s.running, logger, plan, opened[plan.ID], func(ctx context.Context) (ListenerRunner, error) {
			return s.options.OpenListener(ctx, plan)
		})
		s.mu.Lock()
		s.active.listeners[plan.ID] = started
		s.mu.Unlock()
	}
}

func startListener(
	ctx context.Context, logger *slog.Logger, plan gateway.Listener, opened ListenerRunner,
	create func(context.Context) (ListenerRunner, error),
) *listener {
	l := &listener{plan: planListener(plan), create: create}
	if opened != nil {
		l.set(opened, nil)
	} else if err := guarded(ctx, logger, l.open); err != nil {
		logger.Warn("a listener cannot be opened yet", "error", err)
	}
	l.task = startTask(ctx, func(ctx context.Context) {
		keep(ctx, logger, l.run)
		l.closeUnused(logger)
	})
	return l
}

func (l *listener) run(ctx context.Context) error {
	if l.current() == nil {
		if err := l.open(ctx); err != nil {
			return err
		}
	}
	runner := l.current()
	err := runner.Run(ctx)
	l.set(nil, err)
	return err
}

// closeUnused closes a listener whose task was ended before it ran.
func (l *listener) closeUnused(logger *slog.Logger) {
	if runner := l.current(); runner != nil {
		closeListeners(logger, map[string]ListenerRunner{l.plan.ID: runner})
	}
}

func (l *listener) open(ctx context.Context) error {
	runner, err := l.create(ctx)
	l.set(runner, err)
	return err
}

func (l *listener) current() ListenerRunner {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.runner
}

func (l *listener) set(runner ListenerRunner, err error) {
	state, reason := gateway.StateUp, ""
	if runner == nil {
		state, reason = gateway.StateDown, "the listener ended and is opened again"
	}
	if err != nil {
		reason = err.Error()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state != state {
		l.state, l.since = state, time.Now()
	}
	l.runner, l.reason = runner, reason
}

// Listeners is how each configured listener is doing, in the order of the configuration.
func (s *Supervisor) Listeners() []gateway.ListenerStatus {
	v := s.view()
	list := make([]gateway.ListenerStatus, 0, len(v.config.Listeners))
	for _, l := range v.config.Listeners {
		state, reason, since := v.idle("listener/"+l.ID, l.Disabled)
		if running, runs := v.listeners[l.ID]; runs {
			running.mu.Lock()
			state, reason, since = running.state, running.reason, running.since
			running.mu.Unlock()
		}
		list = append(list, gateway.ListenerStatus{
			ID: l.ID, State: state, Reason: reason, Since: since, Address: l.Address, Exposed: l.Exposed(), Anonymous: l.Anonymous,
		})
	}
	return list
}
