package storage

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/mattn/go-sqlite3"
)

// Conn is one connection with its prepared statements. It is used by one goroutine at a time, straight through the
// driver: database/sql costs more than the statements of a queue do.
type Conn struct {
	raw        *sqlite3.SQLiteConn
	statements map[string]*sqlite3.SQLiteStmt
	args       []driver.NamedValue
}

func connect(dsn string) (*Conn, error) {
	opened, err := new(sqlite3.SQLiteDriver).Open(dsn)
	if err != nil {
		return nil, err
	}
	raw, isSQLite := opened.(*sqlite3.SQLiteConn)
	if !isSQLite {
		return nil, errors.Join(fmt.Errorf("driver gave a %T", opened), opened.Close())
	}
	return &Conn{raw: raw, statements: map[string]*sqlite3.SQLiteStmt{}}, nil
}

func (c *Conn) close() error {
	var failed error
	for _, statement := range c.statements {
		failed = errors.Join(failed, statement.Close())
	}
	clear(c.statements)
	return errors.Join(failed, c.raw.Close())
}

// inTransaction is false when SQLite has rolled back by itself, as it does after some errors.
func (c *Conn) inTransaction() bool { return !c.raw.AutoCommit() }

// statement is prepared once per text and connection, so texts must be constants.
func (c *Conn) statement(query string) (*sqlite3.SQLiteStmt, error) {
	if statement, known := c.statements[query]; known {
		return statement, nil
	}
	prepared, err := c.raw.Prepare(query)
	if err != nil {
		return nil, fmt.Errorf("prepare %q: %w", query, err)
	}
	statement, isSQLite := prepared.(*sqlite3.SQLiteStmt)
	if !isSQLite {
		return nil, errors.Join(fmt.Errorf("driver prepared a %T", prepared), prepared.Close())
	}
	c.statements[query] = statement
	return statement, nil
}

// Do executes a statement that gives no rows. The text must be constant: its prepared form is kept. Arguments are
// int64, float64, string, []byte, bool or nil, and are not kept.
func (c *Conn) Do(query string, args ...driver.Value) error {
	statement, err := c.statement(query)
	if err != nil {
		return err
	}
	// The driver's way for queries binds and steps in one call into C; its way for statements takes one call per
	// argument.
	rows, err := statement.QueryContext(context.Background(), c.named(args))
	if err != nil {
		return err
	}
	return rows.Close()
}

// Exec is Do for callers who need the number of rows that changed.
func (c *Conn) Exec(query string, args ...driver.Value) (int64, error) {
	statement, err := c.statement(query)
	if err != nil {
		return 0, err
	}
	result, err := statement.ExecContext(context.Background(), c.named(args))
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// ErrStop ends Query early without being an error.
var ErrStop = errors.New("stop reading rows")

// Query calls each for every row; an error from it ends the query. The row is valid until each returns, but the strings
// and byte slices in it may be kept.
func (c *Conn) Query(each func(Row) error, query string, args ...driver.Value) (failed error) {
	statement, err := c.statement(query)
	if err != nil {
		return err
	}
	rows, err := statement.QueryContext(context.Background(), c.named(args))
	if err != nil {
		return err
	}
	defer func() { failed = errors.Join(failed, rows.Close()) }()
	row := make([]driver.Value, len(rows.Columns()))
	for {
		switch err := rows.Next(row); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if err := each(Row(row)); errors.Is(err, ErrStop) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// Int gives the one number that a query is about; found is false when there is no row.
func (c *Conn) Int(query string, args ...driver.Value) (number int64, found bool, err error) {
	err = c.Query(func(row Row) error {
		number, found = row.Int(0), true
		return ErrStop
	}, query, args...)
	return number, found, err
}

// countRows reads a whole table, so it ends with ctx. The name is of this database, and quoted.
func (c *Conn) countRows(ctx context.Context, table string) (n int64, failed error) {
	rows, err := c.raw.QueryContext(ctx, `SELECT 1 FROM "`+strings.ReplaceAll(table, `"`, `""`)+`"`, nil)
	if err != nil {
		return 0, err
	}
	defer func() { failed = errors.Join(failed, rows.Close()) }()
	row := make([]driver.Value, 1)
	for {
		switch err := rows.Next(row); {
		case errors.Is(err, io.EOF):
			return n, nil
		case err != nil:
			return n, err
		}
		n++
	}
}

// script executes statements that are not worth keeping.
func (c *Conn) script(text string) error {
	_, err := c.raw.ExecContext(context.Background(), text, nil)
	return err
}

func (c *Conn) text(query string) (text string, err error) {
	err = c.Query(func(row Row) error {
		text = fmt.Sprint(row[0])
		return ErrStop
	}, query)
	return text, err
}

func (c *Conn) named(args []driver.Value) []driver.NamedValue {
	c.args = c.args[:0]
	for i, value := range args {
		c.args = append(c.args, driver.NamedValue{Ordinal: i + 1, Value: value})
	}
	return c.args
}

// Row is one row of a query.
type Row []driver.Value

// Int is column i as a whole number; 0 for NULL.
func (r Row) Int(i int) int64 {
	number, _ := r[i].(int64)
	return number
}

// Text is column i as text; empty for NULL.
func (r Row) Text(i int) string {
	text, _ := r[i].(string)
	return text
}

// Bytes is column i as bytes; nil for NULL.
func (r Row) Bytes(i int) []byte {
	data, _ := r[i].([]byte)
	return data
}

// Float is column i as a floating point number; 0 for NULL.
func (r Row) Float(i int) float64 {
	number, _ := r[i].(float64)
	return number
}
