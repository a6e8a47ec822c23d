package storage

import (
	"fmt"
	"io/fs"
	"log/slog"
)

// Durability is what a commit survives.
type Durability string

// The levels. Full is the default.
const (
	// Full survives a power cut: one sync of the log per group.
	Full Durability = "full"
	// Normal survives a kill of the process; a power cut may cost what was committed in the last second.
	Normal Durability = "normal"
	// Memory survives nothing: the database lies in a memory file system and ends with the process.
	Memory Durability = "memory"
)

// synchronous is the word and the number of the pragma. Memory needs no sync, since nothing outlives the process.
func (d Durability) synchronous() (word string, number int64, err error) {
	switch d {
	case Full, "":
		return "FULL", 2, nil
	case Normal:
		return "NORMAL", 1, nil
	case Memory:
		return "OFF", 0, nil
	}
	return "", 0, fmt.Errorf("unknown durability %q: use full, normal or memory", string(d))
}

// Options say what kind of file a database is.
type Options struct {
	// ApplicationID tells our files from foreign ones; it must not be 0.
	ApplicationID int32
	// Migrations holds NNNN.sql files, numbered from 0001 without gaps; they are never edited after release.
	Migrations fs.FS
	Durability Durability
	// PageSize is fixed when the file is made; 0 means 4096 bytes, which is also the most that the ballast is made for.
	PageSize int
	// CheckWhole reads the whole file at opening to find damage. For small files only: 100 MB take about a second.
	CheckWhole bool
	// Snapshots are copies made by DB.Backup, newest first: the first good one replaces a damaged file.
	Snapshots []string
	// Readers bounds the connections that read at the same time; 0 means 2.
	Readers int
	// Space, which may be nil, watches the file system that the file lies on. Several databases share one.
	Space  *Space
	Logger *slog.Logger
}

func (o Options) withDefaults() Options {
	if o.PageSize == 0 {
		o.PageSize = defaultPageSize
	}
	if o.Readers == 0 {
		o.Readers = 2
	}
	if o.Durability == "" {
		o.Durability = Full
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

const (
	// minSQLite is the first version without the WAL-reset bug (3.7.0 to 3.51.2).
	minSQLite = 3051003
	// busyTimeout in milliseconds covers recovery and clean-up, the only times when a lone process meets a lock.
	busyTimeout = 5000
	// cacheSize in KiB (negative, as the pragma wants it) is fixed, so that memory does not follow the file.
	cacheSize = -4096
	// journalLimit in bytes: a log that grew beyond is cut when it starts again.
	journalLimit = 16 << 20
	// autoCheckpoint in pages is the bound for the log when the checkpointer cannot keep up: then the committing
	// goroutine does the work itself. The ballast is made for it.
	autoCheckpoint  = 2048
	defaultPageSize = 4096
)
