package gateway

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tidegate/tidegate/mqtt"
)

// BridgeLink says how a bridge gets to the other broker, and when. The zero value: directly, and always.
type BridgeLink struct {
	// Backup is the address of a second broker that is used while the first one cannot be reached. Each has a session of its
	// own: what was in flight at a change may arrive at both.
	Backup string `json:"backup,omitempty"`
	// ReturnAfter is how long the bridge stays with the backup before it tries the first address again, 10 s to 7 days; 0
	// means 10 min.
	ReturnAfter Duration `json:"returnAfter,omitempty"`
	// Interface is the name of a network interface (eth0, wwan0) or an address of this machine from which it connects.
	Interface string `json:"interface,omitempty"`
	// RetryMax is the longest pause between two attempts, 1 s to 1 h; 0 means 30 s. Pauses grow up to it, and are random
	// between half of it and all of it.
	RetryMax Duration `json:"retryMax,omitempty"`
	// AckTimeout is how long the other broker may acknowledge nothing while messages are in flight, 1 s to 1 h; 0 means
	// twice the keep alive.
	AckTimeout Duration `json:"ackTimeout,omitempty"`
	// ProbeTopic is a topic of the other broker to which the bridge publishes and subscribes to see that both work; empty for
	// none.
	ProbeTopic string `json:"probeTopic,omitempty"`
	// ProbeEvery is the distance of two probes, 5 s to 1 h; 0 means 60 s.
	ProbeEvery Duration `json:"probeEvery,omitempty"`
	// Start says when it connects; empty means always.
	Start BridgeStart `json:"start,omitempty" enum:"always,on-demand,schedule"`
	// IdleAfter is how long nothing must be waiting before a bridge on demand disconnects, 1 s to 1 h; 0 means 30 s.
	IdleAfter Duration `json:"idleAfter,omitempty"`
	// Hours are the times of a schedule.
	Hours []BridgeHours `json:"hours,omitempty"`
}

// BridgeStart says when a bridge connects.
type BridgeStart string

// The ways to start.
const (
	StartAlways BridgeStart = "always"
	// StartOnDemand connects when something waits, and disconnects when nothing does. What comes from the other broker
	// arrives only then.
	StartOnDemand BridgeStart = "on-demand"
	// StartSchedule connects at certain hours.
	StartSchedule BridgeStart = "schedule"
)

// BridgeHours is a time of the day, in the time zone of the site. One that ends before it begins goes over midnight.
type BridgeHours struct {
	// From and To are HH:MM; equal ones mean the whole day.
	From string `json:"from"`
	To   string `json:"to"`
	// Days on which it begins: mon, tue, wed, thu, fri, sat, sun; none means every day.
	Days []string `json:"days,omitempty"`
}

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// at is the time from HH:MM of that day.
func clockOf(day time.Time, text string) (time.Time, error) {
	t, err := time.Parse("15:04", text)
	if err != nil {
		return t, fmt.Errorf("%q is not a time like 22:30", text)
	}
	return time.Date(day.Year(), day.Month(), day.Day(), t.Hour(), t.Minute(), 0, 0, day.Location()), nil
}

// begins reports whether it begins on this day, and then from when to when it lasts.
func (h BridgeHours) begins(day time.Time) (from, to time.Time, begins bool) {
	if len(h.Days) > 0 && !slices.Contains(h.Days, weekdays[day.Weekday()]) {
		return from, to, false
	}
	from, err1 := clockOf(day, h.From)
	to, err2 := clockOf(day, h.To)
	if err1 != nil || err2 != nil {
		return from, to, false
	}
	if !to.After(from) {
		next := day.AddDate(0, 0, 1)
		to, _ = clockOf(next, h.To)
	}
	return twin(from, -time.Hour), twin(to, time.Hour), true
}

// twin is the same time of the day an hour before or after, when the clock is put back between them. So what begins or
// ends in the hour that comes twice has all of it.
func twin(t time.Time, distance time.Duration) time.Time {
	other := t.Add(distance)
	if other.Hour() == t.Hour() {
		return other
	}
	return t
}

// Open reports whether one of the hours is now; change is when that is different, at most a week from now.
func (l *BridgeLink) Open(now time.Time) (open bool, change time.Time) {
	change = now.AddDate(0, 0, 7)
	for offset := -1; offset <= 7; offset++ {
		day := now.AddDate(0, 0, offset)
		for _, h := range l.Hours {
			from, to, begins := h.begins(day)
			switch {
			case !begins:
			case !now.Before(from) && now.Before(to):
				if !open || to.After(change) {
					change = to
				}
				open = true
			case !open && now.Before(from) && from.Before(change):
				change = from
			}
		}
	}
	return open, change
}

func (b *Bridge) validateLink() error {
	l := &b.Link
	if l.Backup != "" {
		secure, isBroker := bridgeSchemes[scheme(l.Backup)]
		switch own := bridgeSchemes[scheme(b.URL)]; {
		case !isBroker:
			return FieldErrorf("backup", "%q is not the address of a broker: use mqtt://host:1883, mqtts://host:8883, ws://host/mqtt "+
				"or wss://host/mqtt", l.Backup)
		case own && !secure:
			return FieldErrorf("backup", "the first address uses TLS, so the second one must: begin it with mqtts:// or wss://")
		case l.Backup == b.URL:
			return FieldErrorf("backup", "this is the first address again: give another one, or none")
		}
	}
	for _, d := range []struct {
		field       string
		value       Duration
		least, most time.Duration
	}{
		{"returnAfter", l.ReturnAfter, 10 * time.Second, 7 * 24 * time.Hour},
		{"retryMax", l.RetryMax, time.Second, time.Hour},
		{"ackTimeout", l.AckTimeout, time.Second, time.Hour},
		{"probeEvery", l.ProbeEvery, 5 * time.Second, time.Hour},
		{"idleAfter", l.IdleAfter, time.Second, time.Hour},
	} {
		if v := time.Duration(d.value); v != 0 && (v < d.least || v > d.most) {
			return FieldErrorf(d.field, "%s is not between %s and %s", v, d.least, d.most)
		}
	}
	if l.ProbeTopic != "" {
		if err := mqtt.ValidateTopic(l.ProbeTopic); err != nil {
			return FieldErrorf("probeTopic", "%w", err)
		}
	}
	if len(l.Interface) > 64 || strings.ContainsAny(l.Interface, "/ \x00") {
		return FieldErrorf("interface", "%q is not the name of a network interface or an address of this machine", l.Interface)
	}
	return l.validateStart()
}

func (l *BridgeLink) validateStart() error {
	switch l.Start {
	case "", StartAlways, StartOnDemand, StartSchedule:
	default:
		return FieldErrorf("start", "%q is not %s, %s or %s", l.Start, StartAlways, StartOnDemand, StartSchedule)
	}
	if (l.Start == StartSchedule) != (len(l.Hours) > 0) {
		return FieldErrorf("hours", "hours and the start by schedule belong together: give both, or neither")
	}
	if len(l.Hours) > 50 {
		return FieldErrorf("hours", "%d entries are more than 50", len(l.Hours))
	}
	for i, h := range l.Hours {
		field := fmt.Sprintf("hours[%d]", i)
		if _, err := clockOf(time.Time{}, h.From); err != nil {
			return FieldErrorf(field+".from", "%w", err)
		}
		if _, err := clockOf(time.Time{}, h.To); err != nil {
			return FieldErrorf(field+".to", "%w", err)
		}
		for _, day := range h.Days {
			if !slices.Contains(weekdays, day) {
				return FieldErrorf(field+".days", "%q is not one of %s", day, strings.Join(weekdays, ", "))
			}
		}
	}
	return nil
}
