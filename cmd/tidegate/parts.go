package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// parts runs the parts of the program. They are started in the direction of the data and ended in reverse, each one only
// when those after it have ended.
type parts struct {
	running []*part
	failed  chan error // capacity 1: the first failure ends the program, later ones have no reader
}

type part struct {
	name   string
	cancel context.CancelFunc
	done   chan struct{}
	err    error
}

func newParts() *parts { return &parts{failed: make(chan error, 1)} }

// Go starts a part. Its context does not end with the program's: Close ends it in its turn.
func (p *parts) Go(name string, run func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	started := &part{name: name, cancel: cancel, done: make(chan struct{})}
	p.running = append(p.running, started)
	go func() {
		defer close(started.done)
		err := run(ctx)
		if err != nil && !errors.Is(err, context.Canceled) {
			started.err = fmt.Errorf("%s: %w", name, err)
		}
		if ctx.Err() == nil {
			p.fail(errors.Join(errors.New(name+" ended by itself"), started.err))
		}
	}()
}

func (p *parts) fail(err error) {
	select {
	case p.failed <- err:
	default:
	}
}

// Wait returns nil when ctx ends, or the failure of the first part that ended by itself.
func (p *parts) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-p.failed:
		return err
	}
}

// Close ends all parts, the last started first.
func (p *parts) Close() error {
	var failures []error
	for _, part := range slices.Backward(p.running) {
		part.cancel()
		<-part.done
		failures = append(failures, part.err)
	}
	return errors.Join(failures...)
}
