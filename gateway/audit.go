package gateway

import (
	"context"
	"time"
)

// AuditEntry is one change that somebody made.
type AuditEntry struct {
	// Number counts entries; it is given by the store.
	Number int64     `json:"number"`
	Time   time.Time `json:"time"`
	// Author is a person, token:NAME, or who used a command on the machine.
	Author string `json:"author"`
	// Address is where the author was; empty on the machine itself.
	Address string `json:"address,omitempty"`
	// Action is the name of the operation in the API, or of the command.
	Action string `json:"action"`
	// Subject is what it was about: an identifier or a name.
	Subject string `json:"subject,omitempty"`
	// Revision is the one that the change made; absent for changes that are no part of the configuration.
	Revision int64 `json:"revision,omitempty"`
	// Fields are what it changed, where no revision says so. Secrets are redacted.
	Fields []FieldChange `json:"fields,omitempty"`
}

// Audit keeps who changed what; see storage/config.
type Audit interface {
	// Record adds an entry, with the time of now; the oldest go when there are more than 10,000. It is on disk when the
	// method returns.
	Record(ctx context.Context, entry AuditEntry) error
	// Entries gives the newest entries before one of that number, newest first, at most limit; 0 begins with the newest.
	Entries(ctx context.Context, before int64, limit int) ([]AuditEntry, error)
}
