// Package memory keeps what drivers have learned about devices, so that a restart does not begin with the mistakes of the last
// time. It is asked by pollers, which wait for nobody, so it answers from a table and writes what has changed some time later.
package memory

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// Store keeps the table; see storage/config.
type Store interface {
	// LearnedDevices gives all of it.
	LearnedDevices(ctx context.Context) ([]gateway.StoredLearned, error)
	PutLearned(ctx context.Context, learned gateway.StoredLearned) error
	// RemoveLearned removes what is kept about a device; nothing to remove is no error.
	RemoveLearned(ctx context.Context, device string) error
}

const (
	// settle is how long changes are collected: a device is taken apart over several polls.
	settle = 10 * time.Second
	// writeLimit is how long the writing of one device may take.
	writeLimit = 10 * time.Second
)

// Memory is the table. Its size is bounded by the devices and by what drivers keep of each.
type Memory struct {
	store  Store
	logger *slog.Logger
	wake   chan struct{} // has room for one

	mu      sync.Mutex // guards everything that follows
	kept    map[string]gateway.StoredLearned
	changed map[string]bool // devices whose row in the store is not that of kept
}

var _ gateway.Memory = (*Memory)(nil)

// Open reads the table from the store; Run writes to it.
func Open(ctx context.Context, store Store, logger *slog.Logger) (*Memory, error) {
	rows, err := store.LearnedDevices(ctx)
	if err != nil {
		return nil, fmt.Errorf("load what was learned of devices: %w", err)
	}
	m := &Memory{
		store: store, logger: logger, wake: make(chan struct{}, 1),
		kept: map[string]gateway.StoredLearned{}, changed: map[string]bool{},
	}
	for _, row := range rows {
		m.kept[row.Device] = row
	}
	return m, nil
}

// Recall implements gateway.Memory.
func (m *Memory) Recall(connection gateway.Connection, device gateway.Device) gateway.Learned {
	m.mu.Lock()
	defer m.mu.Unlock()
	if row := m.kept[device.ID]; row.Subject == gateway.LearnedAbout(connection, device) {
		return row.Learned
	}
	return gateway.Learned{}
}

// Remember implements gateway.Memory.
func (m *Memory) Remember(connection gateway.Connection, device gateway.Device, l gateway.Learned) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.changed[device.ID] = true
	if l.Empty() {
		delete(m.kept, device.ID)
	} else {
		m.kept[device.ID] = gateway.StoredLearned{Device: device.ID, Subject: gateway.LearnedAbout(connection, device), Learned: l}
	}
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// Forget implements gateway.Memory.
func (m *Memory) Forget(ctx context.Context, device string) error {
	m.mu.Lock()
	delete(m.kept, device)
	m.mu.Unlock()
	return m.store.RemoveLearned(ctx, device)
}

// Run writes what has changed until ctx ends, and the rest then.
func (m *Memory) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		select {
		case <-m.wake:
			pause(ctx, settle)
		case <-ctx.Done():
		}
		m.write(context.WithoutCancel(ctx))
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// write brings the rows of all devices that have changed up to date. What fails is written with the next change, or at the
// end: it is nothing that could not be learned again.
func (m *Memory) write(ctx context.Context) {
	for _, device := range m.take() {
		if err := m.writeOne(ctx, device); err != nil {
			m.logger.Warn("what was learned of a device is not on disk", "device", device, "error", err)
			m.mu.Lock()
			m.changed[device] = true
			m.mu.Unlock()
		}
	}
}

// take gives the devices that have changed.
func (m *Memory) take() (devices []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for device := range m.changed {
		devices = append(devices, device)
	}
	clear(m.changed)
	return devices
}

func (m *Memory) writeOne(ctx context.Context, device string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, writeLimit, errors.New("the disk is too slow"))
	defer cancel()
	m.mu.Lock()
	row, known := m.kept[device]
	m.mu.Unlock()
	if !known {
		return m.store.RemoveLearned(ctx, device)
	}
	return m.store.PutLearned(ctx, row)
}
