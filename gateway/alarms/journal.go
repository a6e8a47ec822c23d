// Package alarms keeps what became of alarms: when they began and ended, and who has seen them. It does not decide about them:
// it asks which ones hold, and notes what is different from before. What is noted outlives a restart: an alarm that still holds
// afterwards is the same one, if its beginning is.
package alarms

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// Store keeps alarms; see storage/config.
type Store interface {
	// HeldAlarms gives those whose end is not noted.
	HeldAlarms(ctx context.Context) ([]gateway.AlarmEvent, error)
	// PutAlarms keeps alarms, each in the place of what was kept under its key before, all of them or none.
	PutAlarms(ctx context.Context, events []gateway.AlarmEvent) error
	// PastAlarms gives those that came, newest first.
	PastAlarms(ctx context.Context, q gateway.AlarmQuery) ([]gateway.AlarmEvent, error)
}

// Options of a journal.
type Options struct {
	Store Store
	// Holding are the alarms of now.
	Holding func() []gateway.Alarm
	Logger  *slog.Logger
}

// Journal is what is known of the alarms that hold. Its size is theirs.
type Journal struct {
	Options
	// writing is held while the store is written: a row is always written as a whole.
	writing sync.Mutex

	mu      sync.Mutex // guards everything that follows
	held    map[gateway.AlarmKey]gateway.AlarmEvent
	changed map[gateway.AlarmKey]bool // those whose row in the store is not that of held
}

var _ gateway.Alarms = (*Journal)(nil)

// Open reads which alarms held at last; Run notes what becomes of them.
func Open(ctx context.Context, options Options) (*Journal, error) {
	events, err := options.Store.HeldAlarms(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the alarms of before: %w", err)
	}
	j := &Journal{Options: options, held: map[gateway.AlarmKey]gateway.AlarmEvent{}, changed: map[gateway.AlarmKey]bool{}}
	for _, event := range events {
		j.held[event.Key()] = event
	}
	return j, nil
}

// Held gives the alarms whose end is not noted, in no order; after Open those of before the start.
func (j *Journal) Held() (alarms []gateway.Alarm) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, event := range j.held {
		alarms = append(alarms, event.Alarm)
	}
	return alarms
}

// Mark gives alarms of now as they are known here: with who has seen them, and with a beginning that is the key's.
func (j *Journal) Mark(alarms []gateway.Alarm) []gateway.Alarm {
	j.mu.Lock()
	defer j.mu.Unlock()
	marked := slices.Clone(alarms)
	for i := range marked {
		key := marked[i].Key()
		marked[i].Since, marked[i].Acknowledged = key.Since, j.held[key].Acknowledged
	}
	return marked
}

// AcknowledgeAlarm implements gateway.Alarms.
func (j *Journal) AcknowledgeAlarm(ctx context.Context, key gateway.AlarmKey, by string) error {
	j.writing.Lock()
	defer j.writing.Unlock()
	key = key.Rounded()
	event, holds := j.find(key)
	if !holds {
		return gateway.Errorf(gateway.NotFound, "this alarm does not hold any more: see what happened before")
	}
	if event.Acknowledged != nil {
		return nil
	}
	event.Acknowledged = &gateway.Acknowledgement{By: by, At: time.Now().UTC().Truncate(time.Millisecond)}
	if err := j.Store.PutAlarms(ctx, []gateway.AlarmEvent{event}); err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.held[key] = event
	delete(j.changed, key)
	return nil
}

// find gives an alarm of now, also one that began after the last look.
func (j *Journal) find(key gateway.AlarmKey) (event gateway.AlarmEvent, holds bool) {
	now := j.Holding()
	i := slices.IndexFunc(now, func(a gateway.Alarm) bool { return a.Key() == key })
	if i < 0 {
		return event, false
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	event, known := j.held[key]
	if !known || event.Ended != nil {
		event = gateway.AlarmEvent{Alarm: now[i]}
	}
	return event, true
}

// PastAlarms implements gateway.Alarms.
func (j *Journal) PastAlarms(ctx context.Context, q gateway.AlarmQuery) ([]gateway.AlarmEvent, error) {
	return j.Store.PastAlarms(ctx, q)
}

// inOrder sorts events by their beginning, so that their numbers are in its order.
func inOrder(events []gateway.AlarmEvent) []gateway.AlarmEvent {
	slices.SortFunc(events, func(a, b gateway.AlarmEvent) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Subject, b.Subject))
	})
	return events
}
