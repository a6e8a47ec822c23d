package access

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/tidegate/tidegate/gateway"
)

// idOf names a login or a token by a part of the hash of its secret, from which nobody comes back to the secret.
func idOf(hash [sha256.Size]byte) string { return hex.EncodeToString(hash[:8]) }

// Logins gives the logins that run, the one that was used last first.
func (a *Access) Logins() []gateway.RunningLogin {
	current := now()
	a.mu.Lock()
	defer a.mu.Unlock()
	logins := []gateway.RunningLogin{}
	for hash, l := range a.logins {
		if l.over(current) {
			continue
		}
		logins = append(logins, gateway.RunningLogin{
			Login:   gateway.Login{ID: idOf(hash), User: a.accounts[l.User].User, Expires: l.Expires},
			Address: l.Address, Since: l.Expires.Add(-absoluteTimeout), Used: l.Used,
		})
	}
	slices.SortFunc(logins, func(x, y gateway.RunningLogin) int { return y.Used.Compare(x.Used) })
	return logins
}

// EndLogin ends a login, here and in the store. NotFound: it is over.
func (a *Access) EndLogin(ctx context.Context, id, author string) error {
	hash, user, known := a.endLogin(id)
	if !known {
		return gateway.Errorf(gateway.NotFound, "this login is over already")
	}
	a.logger.InfoContext(ctx, "login ended", "author", author, "user", user)
	if err := a.store.RemoveLogin(ctx, hash); err != nil {
		return fmt.Errorf("remove a login that has ended from the store: %w", err)
	}
	return nil
}

func (a *Access) endLogin(id string) (hash [sha256.Size]byte, user string, known bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for hash, l := range a.logins {
		if idOf(hash) == id {
			delete(a.logins, hash)
			return hash, l.User, true
		}
	}
	return hash, "", false
}
