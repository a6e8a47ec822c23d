package queue

import (
	"database/sql/driver"
	"strings"

	"github.com/tidegate/tidegate/storage"
)

// blockRows go in with one statement; a statement has a price of its own, about a third of a row's.
const blockRows = 16

// insert is a statement for one row, and the same for a block of rows.
type insert struct {
	one, block string
}

func newInsert(head string, columns int, tail string) insert {
	row := "(?" + strings.Repeat(", ?", columns-1) + ")"
	return insert{
		one:   head + " VALUES " + row + tail,
		block: head + " VALUES " + row + strings.Repeat(", "+row, blockRows-1) + tail,
	}
}

var (
	// A body that is already there gets more deliveries.
	insertMessages = newInsert("INSERT INTO message (id, refs, "+bodyColumns+")", 9,
		" ON CONFLICT (id) DO UPDATE SET refs = refs + excluded.refs")
	insertDeliveries = newInsert("INSERT INTO delivery "+
		"(session, lane, position, message, qos, flags, subscriptions, state, size, expires)", 10, "")
)

// rows writes n rows, whose values the function row appends.
func (in insert) rows(conn *storage.Conn, n int, row func(i int, values []driver.Value) []driver.Value) error {
	var values []driver.Value
	for i := 0; i < n; {
		query, size := in.one, 1
		if n-i >= blockRows {
			query, size = in.block, blockRows
		}
		values = values[:0]
		for j := range size {
			values = row(i+j, values)
		}
		if err := conn.Do(query, values...); err != nil {
			return err
		}
		i += size
	}
	return nil
}
