package storage

import (
	"errors"
	"fmt"
	"io/fs"
)

// NewerSchemaError is a file that a newer version of the program has written. It is never changed or set aside.
type NewerSchemaError struct {
	Path         string
	Found, Known int64
}

// Error says what to do.
func (e *NewerSchemaError) Error() string {
	return fmt.Sprintf("database %s has schema %d, this version knows up to %d: install the newer version again, "+
		"or restore a backup", e.Path, e.Found, e.Known)
}

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
	if known := int64(len(scripts)); version > known {
		return &NewerSchemaError{Path: path, Found: version, Known: known}
	}
	for i := version; i < int64(len(scripts)); i++ {
		err := conn.script(fmt.Sprintf("BEGIN IMMEDIATE; %s\n; PRAGMA user_version = %d; COMMIT", scripts[i], i+1))
		if err != nil {
			if conn.inTransaction() {
				err = errors.Join(err, conn.script("ROLLBACK"))
			}
			return fmt.Errorf("migration %04d: %w", i+1, err)
		}
	}
	return nil
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
