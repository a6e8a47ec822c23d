package access

import (
	"cmp"
	"context"
	"slices"

	"github.com/tidegate/tidegate/gateway"
)

// Users gives all people, sorted by name.
func (a *Access) Users() []gateway.Person {
	a.mu.Lock()
	defer a.mu.Unlock()
	people := []gateway.Person{}
	for _, account := range a.accounts {
		if account.IsPerson() {
			people = append(people, gateway.Person{User: account.User, Disabled: account.Disabled, MQTT: account.MQTT})
		}
	}
	slices.SortFunc(people, func(x, y gateway.Person) int { return cmp.Compare(x.Name, y.Name) })
	return people
}

// AddUser adds a person. Invalid: the name is taken, or something does not do.
func (a *Access) AddUser(ctx context.Context, person gateway.Person, password, author string) error {
	if err := checkPerson(person); err != nil {
		return err
	}
	e, done, err := a.begin(ctx, person.Name, author)
	if err != nil {
		return err
	}
	defer done()
	if err := a.checkNew(e); err != nil {
		return err
	}
	return a.put(ctx, e, accountOfPerson(person), password)
}

// ChangeUser gives a person another role, other rights, and a new password unless it is empty, and ends the person's
// logins. NotFound: there is none; Conflict: nobody would be administrator any more.
func (a *Access) ChangeUser(ctx context.Context, person gateway.Person, password, author string) error {
	if err := checkPerson(person); err != nil {
		return err
	}
	e, done, err := a.begin(ctx, person.Name, author)
	if err != nil {
		return err
	}
	defer done()
	switch {
	case !e.known || !e.before.IsPerson():
		return errNoUser(person.Name)
	case (person.Role != gateway.RoleAdministrator || person.Disabled) && a.isLastAdministrator(person.Name):
		return errLastAdministrator()
	}
	return a.put(ctx, e, accountOfPerson(person), password)
}

// RemoveUser removes a person and ends the person's logins. NotFound: there is none; Conflict: it is the last
// administrator.
func (a *Access) RemoveUser(ctx context.Context, name, author string) error {
	e, done, err := a.begin(ctx, name, author)
	if err != nil {
		return err
	}
	defer done()
	switch {
	case !e.known || !e.before.IsPerson():
		return errNoUser(name)
	case a.isLastAdministrator(name):
		return errLastAdministrator()
	}
	return a.remove(ctx, e)
}

// SetPassword gives a person or an MQTT user a new password. NotFound: there is neither.
func (a *Access) SetPassword(ctx context.Context, name, password, author string) error {
	if password == "" {
		return checkPassword(password, name)
	}
	e, done, err := a.begin(ctx, name, author)
	if err != nil {
		return err
	}
	defer done()
	if !e.known {
		return errNoUser(name)
	}
	return a.put(ctx, e, e.before, password)
}

func accountOfPerson(person gateway.Person) gateway.Account {
	return gateway.Account{User: person.User, Disabled: person.Disabled, MQTT: person.MQTT}
}

func checkPerson(person gateway.Person) error {
	if err := checkName(person.Name); err != nil {
		return err
	}
	if !person.Role.Valid() {
		return gateway.FieldErrorf("role", "there is no role %q: use viewer, operator or administrator", person.Role)
	}
	if person.MQTT == nil {
		return nil
	}
	return gateway.InField("mqtt", person.MQTT.Validate())
}

// checkNew: people and MQTT users have one space of names.
func (a *Access) checkNew(e edit) error {
	a.mu.Lock()
	full := len(a.accounts) >= maxAccounts
	a.mu.Unlock()
	switch {
	case e.known:
		return gateway.FieldErrorf("name", "%q is there already: choose another name", e.before.Name)
	case full:
		return gateway.Errorf(gateway.Conflict, "there are %d accounts already: remove one first", maxAccounts)
	}
	return nil
}

func (a *Access) isLastAdministrator(name string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	account := a.accounts[name]
	return account.Role == gateway.RoleAdministrator && !account.Disabled && a.administratorsLocked() == 1
}

func errLastAdministrator() error {
	return gateway.Errorf(gateway.Conflict, "this is the last administrator: make another one first")
}

func errNoUser(name string) error {
	return gateway.Errorf(gateway.NotFound, "there is no user %q: it may have been removed meanwhile", name)
}
