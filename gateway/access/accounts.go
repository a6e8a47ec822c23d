package access

import (
	"context"
	"fmt"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
)

// maxAccounts bounds what is kept in memory for accounts.
const maxAccounts = 10_000

// changedTimeout bounds how long a change waits for the connections that it ends.
const changedTimeout = 30 * time.Second

// account is one of a name, of a person or of a client.
func (a *Access) account(name string) (gateway.Account, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	account, known := a.accounts[name]
	return account, known
}

// turn lets one change after the other through; done ends it.
func (a *Access) turn(ctx context.Context) (done func(), err error) {
	select {
	case a.changing <- struct{}{}:
		return func() { <-a.changing }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// grantLocked puts the accounts as they are now in force on MQTT.
func (a *Access) grantLocked() {
	next := *a.rights.Load()
	next.rules = make(map[string][]gateway.Rule, len(a.accounts))
	for name, account := range a.accounts {
		if account.MQTT != nil && !account.Disabled {
			next.rules[name] = account.MQTT.InForce()
		}
	}
	a.rights.Store(&next)
}

// edit is a change of an account under way. The turn is its own.
type edit struct {
	before gateway.Account
	known  bool
	author string
}

// begin waits for the turn and looks up the account.
func (a *Access) begin(ctx context.Context, name, author string) (e edit, done func(), err error) {
	done, err = a.turn(ctx)
	if err != nil {
		return e, nil, err
	}
	e.author = author
	e.before, e.known = a.account(name)
	return e, done, nil
}

// put stores an account, new or changed, with a new password unless that is empty.
func (a *Access) put(ctx context.Context, e edit, next gateway.Account, password string) error {
	next.PasswordHash, next.Scram = e.before.PasswordHash, e.before.Scram
	if password != "" || !e.known {
		if err := a.setPassword(ctx, &next, password); err != nil {
			return err
		}
	}
	if err := a.store.PutAccount(ctx, next); err != nil {
		return fmt.Errorf("store user: %w", err)
	}
	a.mu.Lock()
	a.accounts[next.Name] = next
	delete(a.marks, next.Name)
	a.endLoginsLocked(next.Name)
	a.grantLocked()
	a.mu.Unlock()
	a.note(ctx, e, next)
	if change, concerns := changeOf(e.before, next); e.known && concerns {
		return a.enforce(ctx, change)
	}
	return nil
}

func (a *Access) setPassword(ctx context.Context, account *gateway.Account, password string) error {
	if err := checkPassword(password, account.Name); err != nil {
		return err
	}
	var err error
	if account.PasswordHash, err = a.hasher.hash(ctx, password); err != nil {
		return err
	}
	account.Scram = ""
	if !account.IsPerson() {
		account.Scram = scramKeys(account.Name, password)
	}
	return nil
}

// remove takes an account away. MQTT sessions of it end with what is queued for them.
func (a *Access) remove(ctx context.Context, e edit) error {
	name := e.before.Name
	if err := a.store.RemoveAccount(ctx, name); err != nil {
		return fmt.Errorf("remove user: %w", err)
	}
	a.mu.Lock()
	delete(a.accounts, name)
	delete(a.marks, name)
	a.endLoginsLocked(name)
	a.grantLocked()
	a.mu.Unlock()
	a.logger.InfoContext(ctx, "account removed", "author", e.author, "user", name)
	return a.enforce(ctx, mqtt.AccessChange{Concerns: isUser(name), Disconnect: mqtt.NotAuthorized, Forget: true})
}

// note is the line of the audit: who did what, without secrets.
func (a *Access) note(ctx context.Context, e edit, next gateway.Account) {
	preset, rules := "", 0
	if next.MQTT != nil {
		preset, rules = next.MQTT.Preset, len(next.MQTT.Rules)
	}
	log := a.logger.With("author", e.author, "user", next.Name, "role", string(next.Role), "mqtt", next.MQTT != nil,
		"preset", preset, "rules", rules, "disabled", next.Disabled, "password", next.PasswordHash != e.before.PasswordHash)
	if e.known {
		log.InfoContext(ctx, "account changed")
		return
	}
	log.InfoContext(ctx, "account added")
}

func isUser(name string) func(mqtt.Client) bool {
	return func(client mqtt.Client) bool { return client.Username == name }
}

// changeOf is what a changed account means for those who are connected with it; false when it means nothing.
func changeOf(before, next gateway.Account) (change mqtt.AccessChange, concerns bool) {
	change.Concerns = isUser(next.Name)
	switch {
	case before.MQTT == nil:
		return change, false
	case next.MQTT == nil || next.Disabled:
		change.Disconnect = mqtt.NotAuthorized
	case before.PasswordHash != next.PasswordHash:
		change.Disconnect = mqtt.AdministrativeAction
	}
	return change, true
}

// enforce returns when nobody has more than the rules give now. It goes on when whoever made the change has left.
func (a *Access) enforce(ctx context.Context, change mqtt.AccessChange) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), changedTimeout)
	defer cancel()
	if err := a.changed(ctx, change); err != nil {
		return fmt.Errorf("put the change in force for connected clients: %w", err)
	}
	return nil
}
