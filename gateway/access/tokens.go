package access

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

const (
	// maxTokens bounds what is kept in memory for tokens.
	maxTokens = 200
	// tokenUsedEvery is how often the last use of a token is stored: a machine that asks each second must not wear the disk.
	tokenUsedEvery = time.Hour
	// tokenPrefix lets people and scanners of secrets see what it is.
	tokenPrefix = "tidegate_"
	// tokenUser begins the name that a token acts under. No person has it: a colon is in no name.
	tokenUser = "token:"
)

// bearer is a token in memory, guarded by Access.mu.
type bearer struct {
	gateway.StoredToken
	stored time.Time // the use that the store knows
}

func (b *bearer) over(now time.Time) bool { return b.Expires != nil && !now.Before(*b.Expires) }

func (a *Access) loadTokens(ctx context.Context) error {
	stored, err := a.tokenStore.StoredTokens(ctx)
	if err != nil {
		return fmt.Errorf("load the tokens: %w", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, token := range stored {
		b := &bearer{StoredToken: token}
		if token.Used != nil {
			b.stored = *token.Used
		}
		a.tokens[token.Hash] = b
	}
	return nil
}

// Tokens gives all tokens, sorted by name, also those that are over.
func (a *Access) Tokens() []gateway.Token {
	a.mu.Lock()
	defer a.mu.Unlock()
	tokens := []gateway.Token{}
	for _, b := range a.tokens {
		tokens = append(tokens, b.Token)
	}
	slices.SortFunc(tokens, func(x, y gateway.Token) int { return cmp.Compare(x.Name, y.Name) })
	return tokens
}

// AddToken makes a token. Its secret has 130 random bits and is known to nobody else.
func (a *Access) AddToken(ctx context.Context, order gateway.NewToken, author string) (gateway.Token, string, error) {
	done, err := a.turn(ctx)
	if err != nil {
		return gateway.Token{}, "", err
	}
	defer done()
	if err := a.checkToken(order); err != nil {
		return gateway.Token{}, "", err
	}
	secret := tokenPrefix + strings.ToLower(rand.Text())
	stored := gateway.StoredToken{Hash: sha256.Sum256([]byte(secret)), Token: gateway.Token{
		Name: order.Name, Scope: order.Scope, Author: author, Created: now().UTC(),
	}}
	stored.ID = idOf(stored.Hash)
	if order.Days > 0 {
		stored.Expires = new(stored.Created.AddDate(0, 0, order.Days))
	}
	if err := a.tokenStore.PutToken(ctx, stored); err != nil {
		return gateway.Token{}, "", fmt.Errorf("store token: %w", err)
	}
	a.mu.Lock()
	a.tokens[stored.Hash] = &bearer{StoredToken: stored}
	a.mu.Unlock()
	a.logger.InfoContext(ctx, "token added", "author", author, "token", order.Name, "scope", string(order.Scope), "days", order.Days)
	return stored.Token, secret, nil
}

func (a *Access) checkToken(order gateway.NewToken) error {
	if err := checkName(order.Name); err != nil {
		return err
	}
	if order.Scope.Role() == gateway.RoleNone {
		return gateway.FieldErrorf("scope", "there is no scope %q: use read, operate or administer", order.Scope)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, b := range a.tokens {
		if b.Name == order.Name {
			return gateway.FieldErrorf("name", "%q is there already: choose another name", order.Name)
		}
	}
	if len(a.tokens) >= maxTokens {
		return gateway.Errorf(gateway.Conflict, "there are %d tokens already: remove one first", maxTokens)
	}
	return nil
}

// RemoveToken ends a token, here and in the store. NotFound: there is none.
func (a *Access) RemoveToken(ctx context.Context, id, author string) error {
	done, err := a.turn(ctx)
	if err != nil {
		return err
	}
	defer done()
	hash, name, known := a.tokenOf(id)
	if !known {
		return gateway.Errorf(gateway.NotFound, "this token is gone already")
	}
	if err := a.tokenStore.RemoveStoredToken(ctx, id); err != nil {
		return fmt.Errorf("remove token: %w", err)
	}
	a.mu.Lock()
	delete(a.tokens, hash)
	a.mu.Unlock()
	a.logger.InfoContext(ctx, "token removed", "author", author, "token", name)
	return nil
}

func (a *Access) tokenOf(id string) (hash [sha256.Size]byte, name string, known bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for hash, b := range a.tokens {
		if b.ID == id {
			return hash, b.Name, true
		}
	}
	return hash, "", false
}

// Bearer finds who a secret stands for. Once an hour it waits for the store.
func (a *Access) Bearer(secret string) (gateway.User, bool) {
	token, known, note := a.useToken(sha256.Sum256([]byte(secret)))
	if !known {
		return gateway.User{}, false
	}
	if note {
		ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
		defer cancel()
		if err := a.noteUse(ctx, token); err != nil {
			a.logger.Warn("the use of a token is not stored", "token", token.Name, "error", err)
		}
	}
	return gateway.User{Name: tokenUser + token.Name, Role: token.Scope.Role()}, true
}

// noteUse does not bring back a token that was removed meanwhile.
func (a *Access) noteUse(ctx context.Context, token gateway.StoredToken) error {
	done, err := a.turn(ctx)
	if err != nil {
		return err
	}
	defer done()
	if _, _, known := a.tokenOf(token.ID); !known {
		return nil
	}
	return a.tokenStore.PutToken(ctx, token)
}

func (a *Access) useToken(hash [sha256.Size]byte) (token gateway.StoredToken, known, note bool) {
	current := now().UTC()
	a.mu.Lock()
	defer a.mu.Unlock()
	b, known := a.tokens[hash]
	if !known || b.over(current) {
		return token, false, false
	}
	b.Used = &current
	if note = current.Sub(b.stored) >= tokenUsedEvery; note {
		b.stored = current
	}
	return b.StoredToken, true, note
}
