package alarms

import (
	"context"
	"errors"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

const (
	// settling is how long after the start nothing is noted: until then not all that holds is known.
	settling = 10 * time.Second
	// pace is how often it is looked: a shorter alarm may be missed.
	pace = 2 * time.Second
	// retryPause is how long a store that fails is left alone.
	retryPause = time.Minute
	// writeLimit is how long noting may take.
	writeLimit = 10 * time.Second
)

// Run notes what becomes of alarms until ctx ends. What cannot be written is tried again; the log says so once.
func (j *Journal) Run(ctx context.Context) error {
	timer := time.NewTimer(settling)
	defer timer.Stop()
	failing := false
	for {
		select {
		case <-timer.C:
		case <-ctx.Done():
			return nil
		}
		err := j.look(ctx)
		if err != nil && !failing {
			j.Logger.WarnContext(ctx, "alarms cannot be noted yet", "error", err)
		}
		failing = err != nil
		if failing {
			timer.Reset(retryPause)
		} else {
			timer.Reset(pace)
		}
	}
}

// look compares what holds with what is known, and writes the difference.
func (j *Journal) look(ctx context.Context) error {
	j.writing.Lock()
	defer j.writing.Unlock()
	events := j.compare(j.Holding())
	if len(events) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeoutCause(ctx, writeLimit, errors.New("the disk is too slow"))
	defer cancel()
	if err := j.Store.PutAlarms(ctx, events); err != nil {
		return err
	}
	j.settle(events)
	return nil
}

// compare brings the table up to date and gives what is to be written.
func (j *Journal) compare(now []gateway.Alarm) (events []gateway.AlarmEvent) {
	j.mu.Lock()
	defer j.mu.Unlock()
	holds := map[gateway.AlarmKey]bool{}
	for i := range now {
		key := now[i].Key()
		holds[key] = true
		j.noteLocked(key, now[i])
	}
	ended := time.Now().UTC().Truncate(time.Millisecond)
	for key, event := range j.held {
		if !holds[key] && event.Ended == nil {
			event.Ended = &ended
			j.held[key], j.changed[key] = event, true
		}
	}
	for key := range j.changed {
		events = append(events, j.held[key])
	}
	return inOrder(events)
}

// noteLocked takes an alarm that is new, is there again, or became worse.
func (j *Journal) noteLocked(key gateway.AlarmKey, alarm gateway.Alarm) {
	event, known := j.held[key]
	switch {
	case !known || event.Ended != nil:
		event = gateway.AlarmEvent{Alarm: alarm}
	case alarm.Severity == gateway.SeverityError && event.Severity != gateway.SeverityError:
		event.Severity, event.Detail = alarm.Severity, alarm.Detail
	default:
		return
	}
	j.held[key], j.changed[key] = event, true
}

// settle is for what was written: what has ended is the store's alone.
func (j *Journal) settle(events []gateway.AlarmEvent) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for i := range events {
		key := events[i].Key()
		delete(j.changed, key)
		if events[i].Ended != nil {
			delete(j.held, key)
		}
	}
}
