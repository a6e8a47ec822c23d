package storage

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// contentsTime bounds how long a start may look into a file that was set aside.
const contentsTime = 2 * time.Second

// TableRows says what was in a table of a file that was set aside.
type TableRows struct {
	Table string
	// Rows that could be counted; they need not be whole.
	Rows int64
	// Err is why not all were counted; nil in the good case.
	Err error
}

// contentsMark is between the name of a database and the rest of the name of a folder that contents makes.
const contentsMark = ".contents-"

// contents counts the rows of a file of the database that was set aside, as far as it can be read. SQLite may remove or
// begin other parts of a file that it opens, so it gets other names for them: what was set aside stays as it was found.
func (db *DB) contents(path string) (tables []TableRows, failed error) {
	folder, err := os.MkdirTemp(filepath.Dir(db.path), filepath.Base(db.path)+contentsMark+"*")
	if err != nil {
		return nil, err
	}
	defer func() { failed = errors.Join(failed, os.RemoveAll(folder)) }()
	linked := filepath.Join(folder, filepath.Base(path))
	for i, part := range parts(path)[:2] {
		if err := os.Link(part, parts(linked)[i]); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
	}
	return countTables(linked)
}

// removeContents removes what contents has left when it was killed.
func (db *DB) removeContents() error {
	entries, err := os.ReadDir(filepath.Dir(db.path))
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), filepath.Base(db.path)+contentsMark) {
			err = errors.Join(err, os.RemoveAll(filepath.Join(filepath.Dir(db.path), entry.Name())))
		}
	}
	return err
}

func countTables(path string) (tables []TableRows, failed error) {
	ctx, cancel := context.WithTimeout(context.Background(), contentsTime)
	defer cancel()
	conn, err := connect(dsn(path, url.Values{"mode": {"ro"}}))
	if err != nil {
		return nil, err
	}
	defer func() { failed = errors.Join(failed, conn.close()) }()
	err = conn.Query(func(row Row) error {
		tables = append(tables, TableRows{Table: row.Text(0)})
		return nil
	}, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name")
	for i := range tables {
		tables[i].Rows, tables[i].Err = conn.countRows(ctx, tables[i].Table)
	}
	return tables, err
}
