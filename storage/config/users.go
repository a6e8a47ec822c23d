package config

import (
	"context"
	"fmt"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage"
)

// Accounts gives all users with the hashes of their passwords, sorted by name.
func (s *Store) Accounts(ctx context.Context) (accounts []gateway.Account, err error) {
	err = s.db.Read(ctx, func(conn *storage.Conn) error {
		return conn.Query(func(row storage.Row) error {
			accounts = append(accounts, gateway.Account{
				User: gateway.User{Name: row.Text(0), Role: gateway.Role(row.Text(1))}, PasswordHash: row.Text(2),
			})
			return nil
		}, "SELECT name, role, hash FROM user ORDER BY name")
	})
	if err != nil {
		return nil, fmt.Errorf("read the users: %w", err)
	}
	return accounts, nil
}

// PutAccount adds a user, or replaces role and hash and ends the user's logins in the same commit.
func (s *Store) PutAccount(ctx context.Context, account gateway.Account) error {
	return s.change(ctx, func(conn *storage.Conn) error {
		if err := conn.Do("DELETE FROM login WHERE user = ?", account.Name); err != nil {
			return err
		}
		return conn.Do("INSERT INTO user (name, role, hash) VALUES (?, ?, ?) "+
			"ON CONFLICT (name) DO UPDATE SET role = excluded.role, hash = excluded.hash",
			account.Name, string(account.Role), account.PasswordHash)
	})
}

// RemoveAccount removes a user with all logins; NotFound when there is none.
func (s *Store) RemoveAccount(ctx context.Context, name string) error {
	return s.change(ctx, func(conn *storage.Conn) error {
		removed, err := conn.Exec("DELETE FROM user WHERE name = ?", name)
		if err == nil && removed == 0 {
			return gateway.Errorf(gateway.NotFound, "there is no user %q", name)
		}
		return err
	})
}

// Logins gives the logins that are not over at the time now.
func (s *Store) Logins(ctx context.Context, now time.Time) (logins []gateway.StoredLogin, err error) {
	err = s.db.Read(ctx, func(conn *storage.Conn) error {
		return conn.Query(func(row storage.Row) error {
			login := gateway.StoredLogin{User: row.Text(1), Used: time.UnixMilli(row.Int(2)).UTC(), Expires: time.UnixMilli(row.Int(3)).UTC()}
			copy(login.TokenHash[:], row.Bytes(0))
			logins = append(logins, login)
			return nil
		}, "SELECT token_hash, user, used, expires FROM login WHERE expires > ? ORDER BY expires, token_hash", now.UnixMilli())
	})
	if err != nil {
		return nil, fmt.Errorf("read the logins: %w", err)
	}
	return logins, nil
}

// PutLogin adds a login of an existing user, or replaces the one of the same token hash. Those that are over go,
// so that the table stays small.
func (s *Store) PutLogin(ctx context.Context, login gateway.StoredLogin) error {
	return s.db.Update(ctx, func(conn *storage.Conn) error {
		if err := conn.Do("DELETE FROM login WHERE expires <= ?", time.Now().UnixMilli()); err != nil {
			return err
		}
		return conn.Do("INSERT OR REPLACE INTO login (token_hash, user, used, expires) VALUES (?, ?, ?, ?)",
			login.TokenHash[:], login.User, login.Used.UnixMilli(), login.Expires.UnixMilli())
	})
}

// RemoveLogin ends a login; one that is not there is no error.
func (s *Store) RemoveLogin(ctx context.Context, tokenHash [32]byte) error {
	return s.db.Update(ctx, func(conn *storage.Conn) error {
		return conn.Do("DELETE FROM login WHERE token_hash = ?", tokenHash[:])
	})
}
