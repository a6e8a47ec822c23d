package storage

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
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

// contents counts the rows of a file that was set aside, as far as it can be read. SQLite may remove or begin other parts
// of a file that it opens, so it gets other names for them: what was set aside stays as it was found.
func contents(path string) (tables []TableRows, failed error) {
	folder, err := os.MkdirTemp(filepath.Dir(path), "contents-*")
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
