package gateway

import (
	"context"
	"time"
)

// Login is a running session of a person on the page.
type Login struct {
	// ID names the login where it is listed and ended; it says nothing of the token.
	ID      string    `json:"id"`
	User    User      `json:"user"`
	Token   Secret    `json:"-"`
	Expires time.Time `json:"expires"`
}

// RunningLogin is a login as it is listed.
type RunningLogin struct {
	Login
	// Address is where it was made from.
	Address string    `json:"address"`
	Since   time.Time `json:"since"`
	Used    time.Time `json:"used"`
}

// Logins are the logins that run; see gateway/access.
type Logins interface {
	// Logins gives all of them, the one that was used last first.
	Logins() []RunningLogin
	// EndLogin ends one; author is who does it, for the log. NotFound: it is over.
	EndLogin(ctx context.Context, id, author string) error
}

// StoredLogin is a running session of a person as it is stored: with the hash of the token, never the token.
type StoredLogin struct {
	// TokenHash is SHA-256 of the token of the cookie.
	TokenHash [32]byte
	User      string
	// Address is where it was made from; empty for logins of before this was noted.
	Address string
	// Used is when it was last used, at least to 5 minutes: a login that is not used ends earlier.
	Used time.Time
	// Expires is the absolute end.
	Expires time.Time
}
