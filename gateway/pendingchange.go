package gateway

import (
	"context"
	"time"
)

// KeepWithin is how long a change that can lock its author out waits to be kept.
const KeepWithin = 60 * time.Second

// PendingKind says what a pending change is about.
type PendingKind string

// The kinds: a person's own account, and the certificate of the page.
const (
	PendingUser        PendingKind = "user"
	PendingCertificate PendingKind = "certificate"
)

// PendingChange is in force, and undoes itself unless somebody keeps it.
type PendingChange struct {
	ID   string      `json:"id"`
	Kind PendingKind `json:"kind" enum:"user,certificate"`
	// Subject is the name of the user, or the ID of the certificate.
	Subject string `json:"subject"`
	// Author may keep it, and so may every administrator.
	Author string `json:"author"`
	// SecondsLeft until it undoes itself.
	SecondsLeft int `json:"secondsLeft"`
	// Made is when it came into force.
	Made time.Time `json:"-"`
}

// Former is what a change put something else in place of; nil where nothing was.
type Former struct {
	Account     *Account
	Certificate *StoredCertificate
}

// StoredPending is a pending change as it is stored, with the way back.
type StoredPending struct {
	PendingChange
	Former Former
}

// Pending makes changes that undo themselves; see gateway/pending. What is pending when the gateway ends is undone at its
// next start.
type Pending interface {
	// PendingChanges are those that nobody has kept yet, the oldest first.
	PendingChanges() []PendingChange
	// Try makes a change, which undoes itself after KeepWithin. Conflict: one of the same subject is pending.
	Try(ctx context.Context, change PendingChange, apply func() error) error
	// Free is a Conflict while a change of the subject is pending: another one would be undone with it.
	Free(kind PendingKind, subject string) error
	// Keep makes a change last. NotFound: it was kept or undone meanwhile.
	Keep(ctx context.Context, id string) error
	// Undo takes it back now. NotFound: it was kept or undone meanwhile.
	Undo(ctx context.Context, id string) error
}
