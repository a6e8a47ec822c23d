package config

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage"
)

// Revisions lists the newest revisions, newest first, at most limit.
func (s *Store) Revisions(ctx context.Context, limit int) (list []gateway.Revision, err error) {
	err = s.db.Read(ctx, func(conn *storage.Conn) error {
		return conn.Query(func(row storage.Row) error {
			list = append(list, gateway.Revision{Number: row.Int(0), Time: time.UnixMilli(row.Int(1)).UTC(), Author: row.Text(2)})
			return nil
		}, "SELECT number, time, author FROM revision ORDER BY number DESC LIMIT ?", int64(limit))
	})
	return list, err
}

// Revision gives an old configuration with its secrets redacted: saved again, its bridges keep their present passwords.
// NotFound when it is not kept any more.
func (s *Store) Revision(ctx context.Context, number int64) (c gateway.Config, err error) {
	document := ""
	err = s.db.Read(ctx, func(conn *storage.Conn) error {
		return conn.Query(func(row storage.Row) error {
			document = row.Text(0)
			return nil
		}, "SELECT document FROM revision WHERE number = ?", number)
	})
	if err != nil {
		return c, fmt.Errorf("read revision %d: %w", number, err)
	}
	if document == "" {
		return c, gateway.Errorf(gateway.NotFound, "revision %d does not exist or is not kept any more", number)
	}
	err = json.Unmarshal([]byte(document), &c)
	if err == nil {
		c, err = c.Expanded()
	}
	if err != nil {
		return c, fmt.Errorf("read revision %d: %w", number, err)
	}
	return c, nil
}

// HadBridge reports whether a revision that is still kept has a bridge of that identifier.
func (s *Store) HadBridge(ctx context.Context, id string) (had bool, err error) {
	err = s.db.Read(ctx, func(conn *storage.Conn) error {
		_, had, err = conn.Int("SELECT 1 FROM revision, json_each(revision.document, '$.bridges') AS bridge "+
			"WHERE json_extract(bridge.value, '$.id') = ? LIMIT 1", id)
		return err
	})
	return had, err
}
