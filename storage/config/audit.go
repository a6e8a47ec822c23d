package config

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage"
)

// maxAudit bounds how many entries of the audit log are kept.
const maxAudit = 10_000

// Record adds an entry to the audit log.
func (s *Store) Record(ctx context.Context, entry gateway.AuditEntry) error {
	fields, err := json.Marshal(append([]gateway.FieldChange{}, entry.Fields...))
	if err != nil {
		return fmt.Errorf("record a change: %w", err)
	}
	err = s.db.Update(ctx, func(conn *storage.Conn) error {
		err := conn.Do("INSERT INTO audit (time, author, address, action, subject, revision, fields) VALUES (?, ?, ?, ?, ?, ?, ?)",
			time.Now().UnixMilli(), entry.Author, entry.Address, entry.Action, entry.Subject, entry.Revision, string(fields))
		if err != nil {
			return err
		}
		return conn.Do("DELETE FROM audit WHERE number <= (SELECT max(number) FROM audit) - ?", int64(maxAudit))
	})
	if err != nil {
		return fmt.Errorf("record a change: %w", err)
	}
	return nil
}

// Entries gives the newest entries of the audit log before one of that number.
func (s *Store) Entries(ctx context.Context, before int64, limit int) (entries []gateway.AuditEntry, err error) {
	if before <= 0 {
		before = math.MaxInt64
	}
	err = s.db.Read(ctx, func(conn *storage.Conn) error {
		return conn.Query(func(row storage.Row) error {
			entry := gateway.AuditEntry{
				Number: row.Int(0), Time: time.UnixMilli(row.Int(1)).UTC(), Author: row.Text(2), Address: row.Text(3),
				Action: row.Text(4), Subject: row.Text(5), Revision: row.Int(6),
			}
			entries = append(entries, entry)
			return json.Unmarshal([]byte(row.Text(7)), &entries[len(entries)-1].Fields)
		}, "SELECT number, time, author, address, action, subject, revision, fields FROM audit WHERE number < ? "+
			"ORDER BY number DESC LIMIT ?", before, int64(limit))
	})
	if err != nil {
		return nil, fmt.Errorf("read the audit log: %w", err)
	}
	return entries, nil
}
