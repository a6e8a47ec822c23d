package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// schema is the version of a file, kept in PRAGMA user_version as oldest<<16 | number.
type schema struct {
	// number is how many migrations the file has seen.
	number int64
	// oldest is the schema that a program must know to be allowed to open the file: that of the newest migration which did
	// more than add. A program that knows it leaves alone what later ones added.
	oldest int64
}

const schemaShift = 16

func schemaOf(userVersion int64) schema {
	return schema{number: userVersion & (1<<schemaShift - 1), oldest: userVersion >> schemaShift}
}

func (s schema) userVersion() int64 { return s.oldest<<schemaShift | s.number }

// NewerSchemaError is a file that a newer version of the program has written. It is never changed or set aside.
type NewerSchemaError struct {
	Path string
	// Needed is the oldest schema that a program must know to open the file; Known is the newest that this one knows.
	Needed, Known int64
}

// Error says what to do.
func (e *NewerSchemaError) Error() string {
	return fmt.Sprintf("database %s needs a program that knows schema %d, this version knows up to %d: install the newer "+
		"version again, or restore a backup", e.Path, e.Needed, e.Known)
}

// additive is the first line of a migration that only adds: new tables, new indexes, new columns with defaults. Programs
// that do not know it may open the file all the same.
const additive = "-- additive\n"

// migrate runs the numbered scripts that the file has not seen, each in a transaction with its number.
func migrate(conn *Conn, path string, options Options) error {
	scripts, err := readMigrations(options.Migrations)
	if err != nil {
		return err
	}
	version, _, err := conn.Int("PRAGMA user_version")
	if err != nil {
		return err
	}
	found, known := schemaOf(version), int64(len(scripts))
	if found.oldest > known {
		return &NewerSchemaError{Path: path, Needed: found.oldest, Known: known}
	}
	for found.number < known {
		script := scripts[found.number]
		found.number++
		if !strings.HasPrefix(script, additive) {
			found.oldest = found.number
		}
		if err := step(conn, path, script, found); err != nil {
			return fmt.Errorf("migration %04d: %w", found.number, err)
		}
		point("migration.after", path)
	}
	return nil
}

func step(conn *Conn, path, script string, after schema) error {
	err := conn.script(fmt.Sprintf("BEGIN IMMEDIATE; %s\n; PRAGMA user_version = %d", script, after.userVersion()))
	if err == nil {
		point("migration.inside", path)
		err = conn.script("COMMIT")
	}
	if err != nil && conn.inTransaction() {
		err = errors.Join(err, conn.script("ROLLBACK"))
	}
	return err
}

func readMigrations(folder fs.FS) ([]string, error) {
	var scripts []string
	for {
		name := fmt.Sprintf("%04d.sql", len(scripts)+1)
		script, err := fs.ReadFile(folder, name)
		if errors.Is(err, fs.ErrNotExist) {
			return scripts, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read migration %s: %w", name, err)
		}
		scripts = append(scripts, string(script))
	}
}
