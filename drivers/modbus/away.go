package modbus

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/tidegate/tidegate/drivers/line"
)

// connect opens the line again that was given up after the last poll. Everybody who is about to use it calls it first.
func (d *Driver) connect(ctx context.Context) error {
	if !d.isAway() {
		return nil
	}
	opened, err := d.bus.address.Open(ctx)
	if err != nil {
		return fmt.Errorf("connect for the next poll: %w", err)
	}
	if !d.comeBack(opened) {
		return errors.Join(fmt.Errorf("connect for the next poll: %w", net.ErrClosed), opened.Close())
	}
	if wait := time.Duration(d.habits.PauseAfterConnect); wait > 0 {
		pause(ctx, wait)
	}
	return nil
}

func (d *Driver) isAway() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.away
}

// comeBack takes a new line, unless the driver was closed meanwhile.
func (d *Driver) comeBack(opened line.Line) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return false
	}
	d.bus.line, d.bus.rest, d.away = opened, nil, false
	return true
}

// giveUp closes the line of a device that wants to be left alone between two polls.
func (d *Driver) giveUp() error {
	if !d.habits.CloseAfterPoll || d.bus.address.Serial() {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed || d.away {
		return nil
	}
	d.away = true
	return d.bus.line.Close()
}
