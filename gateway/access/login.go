package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

const (
	// idleTimeout ends a login that is not used.
	idleTimeout = 30 * time.Minute
	// absoluteTimeout ends every login.
	absoluteTimeout = 12 * time.Hour
	// usedEvery is how often the last use is stored: the disk is not written for every request.
	usedEvery = 5 * time.Minute
	// maxLogins is how many logins a user may have; a further one ends the one that was used least recently.
	maxLogins = 20
	// storeTimeout bounds what is stored for callers that bring no context.
	storeTimeout = 5 * time.Second
)

// login is a running login, guarded by Access.mu.
type login struct {
	gateway.StoredLogin
	stored time.Time // the use that the store knows
}

func (l *login) over(now time.Time) bool {
	return !now.Before(l.Expires) || now.Sub(l.Used) >= idleTimeout
}

// loadLogins goes on with the logins of before the restart.
func (a *Access) loadLogins(ctx context.Context) error {
	current := now()
	stored, err := a.store.Logins(ctx, current)
	if err != nil {
		return fmt.Errorf("load the logins: %w", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, s := range stored {
		if s.Used.IsZero() {
			s.Used = s.Expires.Add(-absoluteTimeout) // when it was made: the last use that is certain
		}
		l := &login{StoredLogin: s, stored: s.Used}
		if _, known := a.accounts[s.User]; known && !l.over(current) {
			a.logins[s.TokenHash] = l
		}
	}
	return nil
}

// open makes a login with a new token: one from before is never taken over.
func (a *Access) open(ctx context.Context, user gateway.User, address string) (gateway.Login, error) {
	var secret [32]byte
	_, _ = rand.Read(secret[:]) // never fails
	token := base64.RawURLEncoding.EncodeToString(secret[:])
	current := now()
	stored := gateway.StoredLogin{
		TokenHash: sha256.Sum256([]byte(token)), User: user.Name, Address: address, Used: current,
		Expires: current.Add(absoluteTimeout),
	}
	if err := a.store.PutLogin(ctx, stored); err != nil {
		return gateway.Login{}, fmt.Errorf("store the login: %w", err)
	}
	if ended, full := a.add(&login{StoredLogin: stored, stored: current}); full {
		a.forget(ended)
	}
	return gateway.Login{ID: idOf(stored.TokenHash), User: user, Token: gateway.Secret(token), Expires: stored.Expires}, nil
}

// add gives back the login that had to make room.
func (a *Access) add(l *login) (oldest [sha256.Size]byte, full bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var count int
	var used time.Time
	for hash, other := range a.logins {
		if other.User != l.User {
			continue
		}
		count++
		if used.IsZero() || other.Used.Before(used) {
			oldest, used = hash, other.Used
		}
	}
	a.logins[l.TokenHash] = l
	if count < maxLogins {
		return oldest, false
	}
	delete(a.logins, oldest)
	return oldest, true
}

// Session finds the user of a token and counts as a use of it. Every few minutes it waits for the store.
func (a *Access) Session(token string) (gateway.Login, bool) {
	hash := sha256.Sum256([]byte(token))
	found, result, note := a.use(hash)
	switch {
	case found.over(now()):
		if found.User != "" {
			a.forget(hash)
		}
		return gateway.Login{}, false
	case note:
		ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
		defer cancel()
		if err := a.store.PutLogin(ctx, found.StoredLogin); err != nil {
			a.logger.Warn("the use of a login is not stored", "user", found.User, "error", err)
		}
	}
	result.Token = gateway.Secret(token)
	return result, true
}

// use is what Session does under the lock. found is over when there is none; note asks to store the use.
func (a *Access) use(hash [sha256.Size]byte) (found login, result gateway.Login, note bool) {
	current := now()
	a.mu.Lock()
	defer a.mu.Unlock()
	l, known := a.logins[hash]
	if !known {
		return login{}, gateway.Login{}, false
	}
	if l.over(current) {
		delete(a.logins, hash)
		return *l, gateway.Login{}, false
	}
	l.Used = current
	if note = current.Sub(l.stored) >= usedEvery; note {
		l.stored = current
	}
	return *l, gateway.Login{ID: idOf(hash), User: a.accounts[l.User].User, Expires: l.Expires}, note
}

// Logout ends the login of a token, here and in the store.
func (a *Access) Logout(token string) {
	hash := sha256.Sum256([]byte(token))
	a.mu.Lock()
	_, known := a.logins[hash]
	delete(a.logins, hash)
	a.mu.Unlock()
	if known {
		a.forget(hash)
	}
}

func (a *Access) forget(hash [sha256.Size]byte) {
	ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
	defer cancel()
	if err := a.store.RemoveLogin(ctx, hash); err != nil {
		a.logger.Error("an ended login is still stored and could come back at the next start", "error", err)
	}
}

// endLoginsLocked ends a user's logins in memory; the store has ended them with the change of the account.
func (a *Access) endLoginsLocked(name string) {
	for hash, l := range a.logins {
		if l.User == name {
			delete(a.logins, hash)
		}
	}
}
