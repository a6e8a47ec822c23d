package gateway

import (
	"context"
	"time"
)

// AlarmCode names a health problem; the page has its title and what to do about it.
type AlarmCode string

// The alarms.
const (
	// AlarmDatabaseReplaced: a database was damaged or not ours, was set aside at the start, and another took its place.
	AlarmDatabaseReplaced AlarmCode = "database_replaced"
	// AlarmDatabaseSetAside: a database that was set aside at an earlier start still lies in the data directory.
	AlarmDatabaseSetAside AlarmCode = "database_set_aside"
	// AlarmQueueRestored: messages of a restored queue are queued, which were perhaps delivered after the backup was made.
	AlarmQueueRestored AlarmCode = "queue_restored"
	// AlarmBacklogFilling: half of what a bridge may queue is used, 80 % or 95 %. The subject is the bridge.
	AlarmBacklogFilling AlarmCode = "backlog_filling"
	// AlarmBacklogDropping: the backlog of a bridge is full and gives up messages. The subject is the bridge.
	AlarmBacklogDropping AlarmCode = "backlog_dropping"
	// AlarmBridgeCirculation: messages of a bridge seem to go round. The subject is the bridge.
	AlarmBridgeCirculation AlarmCode = "bridge_circulation"
	// AlarmBridgeParked: the other broker refused messages of a bridge for good, which are kept. The subject is the bridge.
	AlarmBridgeParked AlarmCode = "bridge_parked"
	// AlarmCertificateExpires: a certificate ends within 30 days, 7 days or, as an error, one day. The subject is the ID of an
	// uploaded one or of a bridge, or else its own subject.
	AlarmCertificateExpires AlarmCode = "certificate_expires"
	// AlarmCertificateExpired: a certificate has ended.
	AlarmCertificateExpired AlarmCode = "certificate_expired"
)

// Severity of an alarm.
type Severity string

// An error is about something that is lost or does not work; a warning about something that somebody should look at.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
)

// Alarm is a health problem of the gateway itself; those of connections and bridges are states with reasons.
type Alarm struct {
	Code     AlarmCode `json:"code"     enum:"database_replaced,database_set_aside,queue_restored,backlog_filling,backlog_dropping,bridge_circulation,bridge_parked,certificate_expires,certificate_expired"`
	Severity Severity  `json:"severity" enum:"error,warning"`
	Since    time.Time `json:"since"`
	// Subject is what the alarm is about: the name of a database.
	Subject string `json:"subject"`
	// Detail is for those who want to know more: reason, file names, contents.
	Detail string `json:"detail"`
	// Acknowledged is who has seen it; nil as long as nobody said so.
	Acknowledged *Acknowledgement `json:"acknowledged,omitempty"`
}

// Key tells an alarm from all others.
func (a *Alarm) Key() AlarmKey {
	return AlarmKey{a.Code, a.Subject, a.Since}.Rounded()
}

// AlarmKey is one alarm from its beginning to its end: one that ends and comes again is another.
type AlarmKey struct {
	Code    AlarmCode `json:"code"    maxLength:"64"`
	Subject string    `json:"subject" maxLength:"1000"`
	Since   time.Time `json:"since"`
}

// Rounded has the time in UTC, to milliseconds, as it is stored and compared.
func (k AlarmKey) Rounded() AlarmKey {
	k.Since = k.Since.UTC().Truncate(time.Millisecond)
	return k
}

// Acknowledgement is who has seen an alarm, and when it was said.
type Acknowledgement struct {
	By string    `json:"by"`
	At time.Time `json:"at"`
}

// AlarmEvent is an alarm that came, and perhaps went.
type AlarmEvent struct {
	// Number counts alarms in the order in which they were noted; it is given by the store.
	Number int64 `json:"number"`
	// Alarm is as it was when it began, or when it became an error.
	Alarm
	// Ended is when it had gone; nil while it holds.
	Ended *time.Time `json:"ended,omitempty"`
}

// AlarmQuery asks for alarms of the past.
type AlarmQuery struct {
	// Before is the number of the event before which to look; 0 begins with the newest.
	Before int64
	// Limit is the largest number of events.
	Limit int
	// Code and Subject choose; empty is any. Subject is a part, in any case.
	Code    AlarmCode
	Subject string
}

// Alarms is what became of alarms; see gateway/alarms.
type Alarms interface {
	// AcknowledgeAlarm notes that somebody has seen an alarm; it is on disk when the method returns. Who said so first stays.
	// An alarm that does not hold is NotFound.
	AcknowledgeAlarm(ctx context.Context, key AlarmKey, by string) error
	// PastAlarms gives those that came, newest first, with those that still hold.
	PastAlarms(ctx context.Context, q AlarmQuery) ([]AlarmEvent, error)
}
