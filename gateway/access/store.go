package access

import (
	"context"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// Store keeps accounts and logins; storage/config implements it. Each change is on disk when the method returns.
type Store interface {
	// Accounts gives all users, sorted by name.
	Accounts(ctx context.Context) ([]gateway.Account, error)
	// PutAccount adds a user, or replaces the one of the same name and, in the same commit, ends the user's logins.
	PutAccount(ctx context.Context, account gateway.Account) error
	// RemoveAccount removes a user with all logins; gateway.NotFound when there is none.
	RemoveAccount(ctx context.Context, name string) error
	// Logins gives the logins that have not expired at the time now; the others may be deleted.
	Logins(ctx context.Context, now time.Time) ([]gateway.StoredLogin, error)
	// PutLogin adds a login of an existing user, or replaces the one of the same token hash.
	PutLogin(ctx context.Context, login gateway.StoredLogin) error
	// RemoveLogin removes a login; one that is not there is no error.
	RemoveLogin(ctx context.Context, tokenHash [32]byte) error
}

// TokenStore keeps the tokens of machines; storage/config implements it. Each change is on disk when the method returns.
type TokenStore interface {
	// StoredTokens gives all of them, in no order.
	StoredTokens(ctx context.Context) ([]gateway.StoredToken, error)
	// PutToken adds a token, or replaces the one of the same ID.
	PutToken(ctx context.Context, token gateway.StoredToken) error
	// RemoveStoredToken removes one; one that is not there is no error.
	RemoveStoredToken(ctx context.Context, id string) error
}
