package access

import (
	"context"

	"github.com/tidegate/tidegate/gateway"
)

// Account is one of a name with the hash of its password; nil when there is none. It is for who wants to restore it.
func (a *Access) Account(name string) *gateway.Account {
	account, known := a.account(name)
	if !known {
		return nil
	}
	return &account
}

// RestoreAccount puts an account back as it was, with its password, whatever became of it, and ends its logins.
func (a *Access) RestoreAccount(ctx context.Context, account gateway.Account, author string) error {
	e, done, err := a.begin(ctx, account.Name, author)
	if err != nil {
		return err
	}
	defer done()
	e.known = true
	e.before.PasswordHash, e.before.Scram = account.PasswordHash, account.Scram
	return a.put(ctx, e, account, "")
}
