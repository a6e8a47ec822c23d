package config

import (
	"context"
	"fmt"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage"
)

// StoredTokens gives the tokens of machines, sorted by identifier.
func (s *Store) StoredTokens(ctx context.Context) (tokens []gateway.StoredToken, err error) {
	err = s.db.Read(ctx, func(conn *storage.Conn) error {
		return conn.Query(func(row storage.Row) error {
			token := gateway.StoredToken{Token: gateway.Token{
				ID: row.Text(0), Name: row.Text(1), Scope: gateway.Scope(row.Text(2)), Author: row.Text(3),
				Created: time.UnixMilli(row.Int(5)).UTC(), Expires: timeOrNever(row.Int(6)), Used: timeOrNever(row.Int(7)),
			}}
			copy(token.Hash[:], row.Bytes(4))
			tokens = append(tokens, token)
			return nil
		}, "SELECT id, name, scope, author, hash, created, expires, used FROM token ORDER BY id")
	})
	if err != nil {
		return nil, fmt.Errorf("read the tokens: %w", err)
	}
	return tokens, nil
}

// PutToken adds a token of a machine, or replaces the one of the same identifier.
func (s *Store) PutToken(ctx context.Context, token gateway.StoredToken) error {
	return s.db.Update(ctx, func(conn *storage.Conn) error {
		return conn.Do("INSERT INTO token (id, name, scope, author, hash, created, expires, used) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "+
			"ON CONFLICT (id) DO UPDATE SET name = excluded.name, scope = excluded.scope, author = excluded.author, "+
			"hash = excluded.hash, created = excluded.created, expires = excluded.expires, used = excluded.used",
			token.ID, token.Name, string(token.Scope), token.Author, token.Hash[:], token.Created.UnixMilli(),
			milliOrNever(token.Expires), milliOrNever(token.Used))
	})
}

// RemoveStoredToken ends a token; one that is not there is no error.
func (s *Store) RemoveStoredToken(ctx context.Context, id string) error {
	return s.db.Update(ctx, func(conn *storage.Conn) error { return conn.Do("DELETE FROM token WHERE id = ?", id) })
}

func timeOrNever(milli int64) *time.Time {
	if milli == 0 {
		return nil
	}
	return new(time.UnixMilli(milli).UTC())
}

func milliOrNever(t *time.Time) int64 {
	if t == nil {
		return 0
	}
	return t.UnixMilli()
}
