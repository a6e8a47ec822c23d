package config

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage"
)

// LearnedDevices gives what drivers have learned about the devices of the configuration.
func (s *Store) LearnedDevices(ctx context.Context) (rows []gateway.StoredLearned, err error) {
	err = s.db.Read(ctx, func(conn *storage.Conn) error {
		return conn.Query(func(row storage.Row) error {
			rows = append(rows, gateway.StoredLearned{Device: row.Text(0), Subject: row.Text(1)})
			return json.Unmarshal([]byte(row.Text(2)), &rows[len(rows)-1].Learned)
		}, "SELECT device, subject, learned FROM learned WHERE device IN (SELECT id FROM device) ORDER BY device")
	})
	if err != nil {
		return nil, fmt.Errorf("read what was learned: %w", err)
	}
	return rows, nil
}

// PutLearned keeps what was learned about a device in the place of what was kept before, and drops what belongs to devices
// that are gone.
func (s *Store) PutLearned(ctx context.Context, learned gateway.StoredLearned) error {
	text, err := json.Marshal(learned.Learned)
	if err != nil {
		return fmt.Errorf("keep what was learned: %w", err)
	}
	err = s.db.Update(ctx, func(conn *storage.Conn) error {
		err := conn.Do("INSERT INTO learned (device, subject, learned) VALUES (?, ?, ?) "+
			"ON CONFLICT (device) DO UPDATE SET subject = excluded.subject, learned = excluded.learned",
			learned.Device, learned.Subject, string(text))
		if err != nil {
			return err
		}
		return conn.Do("DELETE FROM learned WHERE device NOT IN (SELECT id FROM device)")
	})
	if err != nil {
		return fmt.Errorf("keep what was learned: %w", err)
	}
	return nil
}

// RemoveLearned removes what is kept about a device; nothing to remove is no error.
func (s *Store) RemoveLearned(ctx context.Context, device string) error {
	return s.db.Update(ctx, func(conn *storage.Conn) error { return conn.Do("DELETE FROM learned WHERE device = ?", device) })
}
