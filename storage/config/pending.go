package config

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage"
)

// former is what a pending change put away, as it is stored: with its secrets.
type former struct {
	Account     *gateway.Account           `json:"account,omitempty"`
	Certificate *gateway.StoredCertificate `json:"certificate,omitempty"`
	// Key is that of Certificate, which prints itself as stars.
	Key string `json:"key,omitempty"`
}

// PutPending keeps the way back of a change.
func (s *Store) PutPending(ctx context.Context, change gateway.StoredPending) error {
	kept := former{Account: change.Former.Account, Certificate: change.Former.Certificate}
	if kept.Certificate != nil {
		kept.Key = kept.Certificate.Key.Reveal()
	}
	text, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	return s.change(ctx, func(conn *storage.Conn) error {
		return conn.Do("INSERT INTO pending (id, kind, subject, author, former) VALUES (?, ?, ?, ?, ?)",
			change.ID, string(change.Kind), change.Subject, change.Author, string(text))
	})
}

// RemovePending forgets the way back of a change; one that is not there is no error.
func (s *Store) RemovePending(ctx context.Context, id string) error {
	return s.change(ctx, func(conn *storage.Conn) error {
		return conn.Do("DELETE FROM pending WHERE id = ?", id)
	})
}

// UndoPending takes back what nobody kept before the gateway ended, and gives it. It is for the start, before anybody has read
// accounts or certificates.
func (s *Store) UndoPending(ctx context.Context) ([]gateway.StoredPending, error) {
	changes, err := s.pending(ctx)
	for _, change := range changes {
		if err = errors.Join(err, s.restore(ctx, change)); err != nil {
			return nil, fmt.Errorf("undo the change of %s %q: %w", change.Kind, change.Subject, err)
		}
		if err = s.RemovePending(ctx, change.ID); err != nil {
			return nil, err
		}
	}
	return changes, err
}

func (s *Store) pending(ctx context.Context) (changes []gateway.StoredPending, err error) {
	err = s.db.Read(ctx, func(conn *storage.Conn) error {
		changes = nil
		return conn.Query(func(row storage.Row) error {
			change := gateway.StoredPending{PendingChange: gateway.PendingChange{
				ID: row.Text(0), Kind: gateway.PendingKind(row.Text(1)), Subject: row.Text(2), Author: row.Text(3),
			}}
			var kept former
			if err := json.Unmarshal([]byte(row.Text(4)), &kept); err != nil {
				return fmt.Errorf("read the way back of %q: %w", change.Subject, err)
			}
			if kept.Certificate != nil {
				kept.Certificate.Key = gateway.Secret(kept.Key)
			}
			change.Former = gateway.Former{Account: kept.Account, Certificate: kept.Certificate}
			changes = append(changes, change)
			return nil
		}, "SELECT id, kind, subject, author, former FROM pending ORDER BY id")
	})
	if err != nil {
		return nil, fmt.Errorf("read what is pending: %w", err)
	}
	return changes, nil
}

// restore is the way back in the store alone.
func (s *Store) restore(ctx context.Context, change gateway.StoredPending) error {
	var err error
	switch {
	case change.Former.Account != nil:
		err = s.PutAccount(ctx, *change.Former.Account)
	case change.Former.Certificate != nil:
		err = s.PutCertificate(ctx, *change.Former.Certificate)
	case change.Kind == gateway.PendingCertificate:
		err = s.RemoveCertificate(ctx, change.Subject)
	}
	if gateway.CodeOf(err) == gateway.NotFound {
		return nil // the change was never made
	}
	return err
}
