package gateway

import "time"

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
}
