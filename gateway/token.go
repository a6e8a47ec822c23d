package gateway

import (
	"context"
	"time"
)

// Scope is what a token may be used for.
type Scope string

// The scopes, lowest first. A higher one has all that a lower one has.
const (
	ScopeRead       Scope = "read"
	ScopeOperate    Scope = "operate"
	ScopeAdminister Scope = "administer"
)

// Role is the role that a token of this scope acts with; RoleNone for a scope that does not exist.
func (s Scope) Role() Role {
	switch s {
	case ScopeRead:
		return RoleViewer
	case ScopeOperate:
		return RoleOperator
	case ScopeAdminister:
		return RoleAdministrator
	}
	return RoleNone
}

// Token is the key of a machine to the API. It belongs to nobody: it stays when its author goes.
type Token struct {
	// ID names the token where it is listed and removed; it says nothing of the secret.
	ID    string `json:"id"`
	Name  string `json:"name"`
	Scope Scope  `json:"scope"`
	// Author made it.
	Author  string    `json:"author"`
	Created time.Time `json:"created"`
	// Expires is absent for a token without an end.
	Expires *time.Time `json:"expires,omitempty"`
	// Used is when it was last used, at least to an hour; absent when it never was.
	Used *time.Time `json:"used,omitempty"`
}

// NewToken is what a token shall be.
type NewToken struct {
	Name  string `json:"name" maxLength:"64"`
	Scope Scope  `json:"scope" enum:"read,operate,administer"`
	// Days until it ends; 0 for a token without an end.
	Days int `json:"days,omitempty" minimum:"0" maximum:"3650" doc:"Days until it ends; 0 for never"`
}

// Tokens are the keys of machines; see gateway/access. Each change is on disk when the method returns; author is who makes
// it.
type Tokens interface {
	// Tokens gives all of them, sorted by name.
	Tokens() []Token
	// AddToken makes one. The secret cannot be shown again. Invalid: the name is taken, or something does not do.
	AddToken(ctx context.Context, order NewToken, author string) (token Token, secret string, err error)
	// RemoveToken ends one at once. NotFound: there is none.
	RemoveToken(ctx context.Context, id, author string) error
	// Bearer finds who a secret stands for, and counts as a use of it; false when there is no such token, or it is over.
	Bearer(secret string) (User, bool)
}

// StoredToken is a token as it is stored: with the hash of the secret, never the secret.
type StoredToken struct {
	Token
	// Hash is SHA-256 of the secret.
	Hash [32]byte
}
