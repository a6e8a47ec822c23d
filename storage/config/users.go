package config

import (
	"context"
	"fmt"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage"
)

// Accounts gives all people and MQTT users with the hashes of their passwords, sorted by name.
func (s *Store) Accounts(ctx context.Context) (accounts []gateway.Account, err error) {
	err = s.db.Read(ctx, func(conn *storage.Conn) error {
		if accounts, err = readAccounts(conn); err != nil {
			return err
		}
		return readRules(conn, accounts)
	})
	if err != nil {
		return nil, fmt.Errorf("read the users: %w", err)
	}
	return accounts, nil
}

func readAccounts(conn *storage.Conn) (accounts []gateway.Account, err error) {
	err = conn.Query(func(row storage.Row) error {
		account := gateway.Account{
			User: gateway.User{Name: row.Text(0), Role: gateway.Role(row.Text(1))}, PasswordHash: row.Text(2), Scram: row.Text(3),
			Disabled: row.Int(4) != 0,
		}
		if row.Int(5) != 0 {
			account.MQTT = &gateway.MQTTRights{Preset: row.Text(6)}
		}
		accounts = append(accounts, account)
		return nil
	}, "SELECT name, role, hash, scram, disabled, mqtt, preset FROM user ORDER BY name")
	return accounts, err
}

// readRules goes through the rules in the order of the accounts.
func readRules(conn *storage.Conn, accounts []gateway.Account) error {
	at := 0
	return conn.Query(func(row storage.Row) error {
		for accounts[at].Name != row.Text(0) {
			at++
		}
		if rights := accounts[at].MQTT; rights != nil {
			rights.Rules = append(rights.Rules, gateway.Rule{
				Action: gateway.Action(row.Text(1)), Effect: gateway.Effect(row.Text(2)), Filter: row.Text(3),
			})
		}
		return nil
	}, "SELECT user, action, effect, filter FROM rule ORDER BY user, ordinal")
}

// PutAccount adds a person or an MQTT user, or replaces all that is known of one and ends the logins in the same commit.
func (s *Store) PutAccount(ctx context.Context, account gateway.Account) error {
	rights := account.MQTT
	if rights == nil {
		rights = &gateway.MQTTRights{}
	}
	return s.change(ctx, func(conn *storage.Conn) error {
		for _, query := range []string{"DELETE FROM login WHERE user = ?", "DELETE FROM rule WHERE user = ?"} {
			if err := conn.Do(query, account.Name); err != nil {
				return err
			}
		}
		err := conn.Do("INSERT INTO user (name, role, hash, scram, disabled, mqtt, preset) VALUES (?, ?, ?, ?, ?, ?, ?) "+
			"ON CONFLICT (name) DO UPDATE SET role = excluded.role, hash = excluded.hash, scram = excluded.scram, "+
			"disabled = excluded.disabled, mqtt = excluded.mqtt, preset = excluded.preset",
			account.Name, string(account.Role), account.PasswordHash, account.Scram, account.Disabled, account.MQTT != nil, rights.Preset)
		if err != nil {
			return err
		}
		for i, rule := range rights.Rules {
			err := conn.Do("INSERT INTO rule (user, ordinal, action, effect, filter) VALUES (?, ?, ?, ?, ?)",
				account.Name, int64(i), string(rule.Action), string(rule.Effect), rule.Filter)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// NameKey gives 32 random bytes that were made with the file and stay the same.
func (s *Store) NameKey(ctx context.Context) (key []byte, err error) {
	err = s.db.Read(ctx, func(conn *storage.Conn) error {
		return conn.Query(func(row storage.Row) error {
			key = append(key, row.Bytes(0)...)
			return nil
		}, "SELECT name_key FROM meta")
	})
	if err != nil {
		return nil, fmt.Errorf("read the key for names: %w", err)
	}
	return key, nil
}

// RemoveAccount removes a person or an MQTT user with logins and rules; NotFound when there is none.
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
			login := gateway.StoredLogin{
				User: row.Text(1), Used: time.UnixMilli(row.Int(2)).UTC(), Expires: time.UnixMilli(row.Int(3)).UTC(), Address: row.Text(4),
			}
			copy(login.TokenHash[:], row.Bytes(0))
			logins = append(logins, login)
			return nil
		}, "SELECT token_hash, user, used, expires, address FROM login WHERE expires > ? ORDER BY expires, token_hash", now.UnixMilli())
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
		return conn.Do("INSERT OR REPLACE INTO login (token_hash, user, used, expires, address) VALUES (?, ?, ?, ?, ?)",
			login.TokenHash[:], login.User, login.Used.UnixMilli(), login.Expires.UnixMilli(), login.Address)
	})
}

// RemoveLogin ends a login; one that is not there is no error.
func (s *Store) RemoveLogin(ctx context.Context, tokenHash [32]byte) error {
	return s.db.Update(ctx, func(conn *storage.Conn) error {
		return conn.Do("DELETE FROM login WHERE token_hash = ?", tokenHash[:])
	})
}
