package config

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage"
)

// Certificates gives all uploaded certificates with their keys, sorted by ID.
func (s *Store) Certificates(ctx context.Context) (list []gateway.StoredCertificate, err error) {
	err = s.db.Read(ctx, func(conn *storage.Conn) error {
		list = nil
		return conn.Query(func(row storage.Row) error {
			c := gateway.StoredCertificate{
				ID: row.Text(0), Chain: row.Text(1), Key: gateway.Secret(row.Text(2)),
				Changed: time.UnixMilli(row.Int(4)).UTC(), Author: row.Text(5),
			}
			if err := json.Unmarshal([]byte(row.Text(3)), &c.Listeners); err != nil {
				return fmt.Errorf("read the listeners of certificate %s: %w", c.ID, err)
			}
			list = append(list, c)
			return nil
		}, "SELECT id, chain, key, listeners, changed, author FROM certificate ORDER BY id")
	})
	if err != nil {
		return nil, fmt.Errorf("read the certificates: %w", err)
	}
	return list, nil
}

// PutCertificate adds an uploaded certificate, or replaces the one of its ID.
func (s *Store) PutCertificate(ctx context.Context, c gateway.StoredCertificate) error {
	listeners, err := json.Marshal(append([]string{}, c.Listeners...))
	if err != nil {
		return err
	}
	return s.change(ctx, func(conn *storage.Conn) error {
		return conn.Do("INSERT OR REPLACE INTO certificate (id, chain, key, listeners, changed, author) VALUES (?, ?, ?, ?, ?, ?)",
			c.ID, c.Chain, c.Key.Reveal(), string(listeners), c.Changed.UnixMilli(), c.Author)
	})
}

// RemoveCertificate removes an uploaded certificate with its key; NotFound when there is none.
func (s *Store) RemoveCertificate(ctx context.Context, id string) error {
	return s.change(ctx, func(conn *storage.Conn) error {
		removed, err := conn.Exec("DELETE FROM certificate WHERE id = ?", id)
		if err == nil && removed == 0 {
			return gateway.Errorf(gateway.NotFound, "there is no uploaded certificate %q", id)
		}
		return err
	})
}
