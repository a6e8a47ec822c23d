package gateway

import (
	"context"
	"io"
	"time"
)

// BackupParts are what a backup can have beside configuration, users and certificates, or what is taken from one.
type BackupParts struct {
	// Queue is what is queued. Restored, it may be delivered twice.
	Queue bool `json:"queue" doc:"Also what is queued; restored, it may be delivered twice"`
	// History is the readings of the past.
	History bool `json:"history" doc:"Also the readings of the past"`
}

// BackupInfo says what a backup is and what is in it.
type BackupInfo struct {
	// Version of the product and name of the gateway that made it.
	Version string      `json:"version"`
	Gateway string      `json:"gateway"`
	Created time.Time   `json:"created"`
	Has     BackupParts `json:"has"`
	// Bytes is what its files have together.
	Bytes int64 `json:"bytes"`
}

// RestorePlan is what a restore would do, for whoever has to confirm it.
type RestorePlan struct {
	// ID names the plan when it is confirmed or forgotten. A later plan takes its place.
	ID     string     `json:"id"`
	Backup BackupInfo `json:"backup"`
	// Revision is that of the configuration in the backup, and the numbers count what is in it.
	Revision    int64    `json:"revision"`
	Users       []string `json:"users"`
	Connections int      `json:"connections"`
	Devices     int      `json:"devices"`
	Bridges     int      `json:"bridges"`
	// Restores are the parts that take the place of those of now; the others stay as they are.
	Restores BackupParts `json:"restores"`
	// Generation is that of the queue in the backup, empty when the queue stays; restored, it gets another one.
	Generation string `json:"generation,omitempty"`
	// PossiblyTwice counts the messages of a queue that is restored.
	PossiblyTwice int64 `json:"possiblyTwice"`
	// LostBridges exist now and not in the backup: nobody sends what is queued for them.
	LostBridges []string `json:"lostBridges"`
}

// Backups makes and restores backups, one at a time; while one goes on, the others are refused as Conflict.
type Backups interface {
	// Backup copies everything that is asked for while the gateway runs. The copy takes room in the data directory until
	// the caller closes it.
	Backup(ctx context.Context, passphrase string, parts BackupParts) (Backup, error)
	// Stage reads a backup to its last byte and says what its restore would do; nothing is changed. It blocks while
	// content comes. The plan waits at most half an hour for Restore or Discard.
	Stage(ctx context.Context, content io.Reader, passphrase string, parts BackupParts) (RestorePlan, error)
	// Restore makes a staged restore certain. Then the gateway ends and begins anew by itself.
	Restore(id string) error
	// Discard forgets a staged restore; there need not be one.
	Discard(id string) error
}

// Backup is a copy that is ready to be written as a file.
type Backup interface {
	// Name is what a file with this backup is called.
	Name() string
	// Write writes the encrypted file, with a bounded piece of it in memory.
	Write(w io.Writer) error
	// Close removes the copy.
	Close() error
}
