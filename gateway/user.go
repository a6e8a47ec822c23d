package gateway

import (
	"context"
	"time"
)

// Role is what a user may do on the page and in the API. A higher role may do all that a lower one may.
type Role string

// The roles, lowest first. RoleNone is a visitor who has not signed in.
const (
	RoleNone          Role = ""
	RoleViewer        Role = "viewer"
	RoleOperator      Role = "operator"
	RoleAdministrator Role = "administrator"
)

var roleRank = map[Role]int{RoleNone: 0, RoleViewer: 1, RoleOperator: 2, RoleAdministrator: 3}

// Allows reports whether r may do what needs at least the role least.
func (r Role) Allows(least Role) bool { return roleRank[r] >= roleRank[least] }

// Valid reports whether r is a role that a user can have.
func (r Role) Valid() bool { return roleRank[r] > 0 }

// User is a person who may open the page.
type User struct {
	Name string `json:"name"`
	Role Role   `json:"role"`
}

// Login is a running session of a person on the page.
type Login struct {
	User    User      `json:"user"`
	Token   Secret    `json:"-"`
	Expires time.Time `json:"expires"`
}

// Access answers who may log in; see gateway/access.
type Access interface {
	// SetUpDone reports whether an administrator exists.
	SetUpDone() bool
	// SetUp makes the first administrator with the one-time token and logs in. Forbidden: wrong token; Conflict: done
	// before; Invalid: the password is too weak.
	SetUp(ctx context.Context, token, name, password, address string) (Login, error)
	// Login checks name and password. Unauthorized, or TooMany after 10 attempts in a minute from one address.
	Login(ctx context.Context, name, password, address string) (Login, error)
	// Session finds the user of a cookie's token; false when it is unknown or over.
	Session(token string) (Login, bool)
	// Logout ends the session of a token.
	Logout(token string)
}

// Account is a user as it is stored: with the hash of the password, never the password.
type Account struct {
	User
	// PasswordHash is a PHC string ($argon2id$v=19$...).
	PasswordHash string
}

// StoredLogin is a running session of a person as it is stored: with the hash of the token, never the token.
type StoredLogin struct {
	// TokenHash is SHA-256 of the token of the cookie.
	TokenHash [32]byte
	User      string
	// Used is when it was last used, at least to 5 minutes: a login that is not used ends earlier.
	Used time.Time
	// Expires is the absolute end.
	Expires time.Time
}
