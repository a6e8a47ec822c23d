package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/tidegate/tidegate/bridge"
	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
)

// watchedBacklog is what is known of one backlog beside its size.
type watchedBacklog struct {
	meter *bridge.Meter

	mu sync.Mutex // guards everything that follows
	// held: the disk has less free than the bridge wants.
	held   bool
	alarms []gateway.Alarm
	// earlier are those of before the start; one that still holds is the same.
	earlier []gateway.Alarm
	dropped uint64
	// lossAt is when something was given up last.
	lossAt time.Time
	// circles is how many messages had gone round at circlesSince, circleAt when they were too many last.
	circles                uint64
	circlesSince, circleAt time.Time
}

// circlesForAlarm is how many messages must go round within a minute.
const circlesForAlarm = 20

// bounds are those in force for a bridge.
func (b *backlogs) bounds(id string, w *watchedBacklog) bridge.Bounds {
	config := b.supervisor.Config()
	own, _ := config.Bridge(id)
	space := b.queue.Stats().Space
	w.mu.Lock()
	held := w.held
	w.mu.Unlock()
	bounds := bridge.Bounds{
		Bytes:    min(cmp.Or(own.Storage.MaxBytes, b.limits.QueueBytes), b.limits.TotalBytes),
		Messages: min(b.limits.QueueMessages, b.limits.TotalMessages),
		Age:      b.limits.QueueAge, Held: held,
		FreeBytes: max(0, space.Free-max(space.Floor, own.Storage.FreeDisk)),
	}
	if age := time.Duration(own.Storage.MaxAge); age > 0 {
		bounds.Age = min(bounds.Age, age)
	}
	return bounds
}

// protectDisk keeps the backlog from growing while the disk has less free than the bridge wants. It takes a tenth more to
// let it grow again.
func (b *backlogs) protectDisk(id string, w *watchedBacklog, q mqtt.Queue) {
	config := b.supervisor.Config()
	own, _ := config.Bridge(id)
	want, free := own.Storage.FreeDisk, b.queue.Stats().Space.Free
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case want > 0 && free < want && !w.held:
		w.held = true
		b.logger.Warn("the disk is too full for the backlog to grow", "bridge", id, "free", free, "wanted", want)
		b.broker.HoldQueue(bridgeSession(id), max(1, q.Bytes))
	case w.held && (want == 0 || free >= want+want/10):
		w.held = false
		b.broker.HoldQueue(bridgeSession(id), 0)
	}
}

// The shares of a bound at which there is an alarm.
const (
	halfFull = 0.5
	// lessFull ends it: a backlog that stays about half full is one alarm, not many.
	lessFull   = 0.45
	mostlyFull = 0.8
	almostFull = 0.95
)

// alarm decides about the alarms of a backlog.
func (w *watchedBacklog) alarm(status gateway.BridgeStatus, b gateway.Backlog, q mqtt.Queue, now time.Time) {
	id := status.ID
	w.mu.Lock()
	defer w.mu.Unlock()
	dropped := byBounds(q.GivenUp)
	if dropped > w.dropped {
		w.lossAt = now
	}
	w.dropped = dropped
	if status.Circles >= w.circles+circlesForAlarm {
		w.circleAt = now
	}
	if now.Sub(w.circlesSince) >= mqtt.QuietTime || status.Circles < w.circles {
		w.circles, w.circlesSince = status.Circles, now
	}
	before := append(w.alarms, w.earlier...)
	w.alarms, w.earlier = nil, nil
	if !w.circleAt.IsZero() && now.Sub(w.circleAt) < 5*mqtt.QuietTime {
		w.raise(before, gateway.Alarm{
			Code: gateway.AlarmBridgeCirculation, Severity: gateway.SeverityError, Since: now, Subject: id,
			Detail: fmt.Sprintf("%d messages were sent, came back and were sent again", status.Circles),
		})
	}
	if !w.lossAt.IsZero() && now.Sub(w.lossAt) < mqtt.QuietTime {
		w.raise(before, gateway.Alarm{
			Code: gateway.AlarmBacklogDropping, Severity: gateway.SeverityError, Since: now, Subject: id,
			Detail: fmt.Sprintf("%d messages were given up since the start; the bound is %s", dropped, boundText(b.Limit)),
		})
	}
	if q.Parked > 0 {
		w.raise(before, gateway.Alarm{
			Code: gateway.AlarmBridgeParked, Severity: gateway.SeverityWarning, Since: now, Subject: id,
			Detail: fmt.Sprintf("messages kept: %d, at most %d and %d MB", q.Parked, gateway.ParkedMessages, gateway.ParkedBytes>>20),
		})
	}
	share := filled(b.Limit.Used)
	if share >= halfFull || share > 0 && holds(before, gateway.AlarmBacklogFilling) {
		severity := gateway.SeverityWarning
		if share == almostFull {
			severity = gateway.SeverityError
		}
		w.raise(before, gateway.Alarm{
			Code: gateway.AlarmBacklogFilling, Severity: severity, Since: now, Subject: id,
			Detail: fmt.Sprintf("more than %.0f %% of what may wait are used%s", share*100, lastsText(b.Limit)),
		})
	}
}

// filled is the highest of the shares that are used; 0 for none.
func filled(used float64) float64 {
	for _, share := range []float64{almostFull, mostlyFull, halfFull, lessFull} {
		if used >= share {
			return share
		}
	}
	return 0
}

// byBounds counts what the bounds of a queue gave up; what nobody wanted to keep, such as QoS 0 in an outage, is no alarm.
func byBounds(losses mqtt.Losses) (sum uint64) {
	for _, reason := range []mqtt.Reason{
		mqtt.QueueMessages, mqtt.QueueBytes, mqtt.QueueAge, mqtt.TotalFull, mqtt.LowPriority, mqtt.ThinnedOut, mqtt.FreeDisk, mqtt.DiskFull,
	} {
		sum += losses[reason]
	}
	return sum
}

func holds(alarms []gateway.Alarm, code gateway.AlarmCode) bool {
	return slices.ContainsFunc(alarms, func(a gateway.Alarm) bool { return a.Code == code })
}

// raise keeps the time since which an alarm holds.
func (w *watchedBacklog) raise(before []gateway.Alarm, alarm gateway.Alarm) {
	for _, a := range before {
		if a.Code == alarm.Code {
			alarm.Since = a.Since
		}
	}
	w.alarms = append(w.alarms, alarm)
}

func boundText(l gateway.BacklogLimit) string {
	return fmt.Sprintf("%d bytes, %d messages, %s", l.MaxBytes, l.MaxMessages, time.Duration(l.MaxAgeSeconds)*time.Second)
}

func lastsText(l gateway.BacklogLimit) string {
	if l.LastsSeconds == nil {
		return ""
	}
	return fmt.Sprintf("; at the present rate the bound of %s is reached in %s", l.By, time.Duration(*l.LastsSeconds)*time.Second)
}

// alarms are those of all backlogs.
func (b *backlogs) alarms() (all []gateway.Alarm) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(b.watched)) {
		w := b.watched[id]
		w.mu.Lock()
		all = append(all, w.alarms...)
		w.mu.Unlock()
	}
	return all
}
