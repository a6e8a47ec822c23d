package access

import (
	"cmp"
	"context"
	"reflect"
	"slices"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
)

// MQTTUsers gives the accounts of devices and programs, sorted by name.
func (a *Access) MQTTUsers() []gateway.MQTTUser {
	a.mu.Lock()
	defer a.mu.Unlock()
	users := []gateway.MQTTUser{}
	for _, account := range a.accounts {
		if !account.IsPerson() {
			users = append(users, gateway.MQTTUser{Name: account.Name, Disabled: account.Disabled, Rights: *account.MQTT})
		}
	}
	slices.SortFunc(users, func(x, y gateway.MQTTUser) int { return cmp.Compare(x.Name, y.Name) })
	return users
}

// AddMQTTUser adds one, and gives it as it is stored. Invalid: the name is taken, or something does not do.
func (a *Access) AddMQTTUser(ctx context.Context, user gateway.MQTTUser, password, author string) (gateway.MQTTUser, error) {
	if user.Rights.Preset == "" && user.Rights.Rules == nil {
		user.Rights.Preset = gateway.PresetNew
	}
	if err := checkMQTTUser(user); err != nil {
		return user, err
	}
	e, done, err := a.begin(ctx, user.Name, author)
	if err != nil {
		return user, err
	}
	defer done()
	if err := a.checkNew(e); err != nil {
		return user, err
	}
	return user, a.put(ctx, e, accountOf(user), password)
}

// ChangeMQTTUser replaces what is known of one, and its password unless that is empty. NotFound: there is none.
func (a *Access) ChangeMQTTUser(ctx context.Context, user gateway.MQTTUser, password, author string) error {
	if err := checkMQTTUser(user); err != nil {
		return err
	}
	e, done, err := a.begin(ctx, user.Name, author)
	if err != nil {
		return err
	}
	defer done()
	if !e.known || e.before.IsPerson() {
		return errNoUser(user.Name)
	}
	return a.put(ctx, e, accountOf(user), password)
}

// RemoveMQTTUser removes one, with its sessions and what is queued for it. NotFound: there is none.
func (a *Access) RemoveMQTTUser(ctx context.Context, name, author string) error {
	e, done, err := a.begin(ctx, name, author)
	if err != nil {
		return err
	}
	defer done()
	if !e.known || e.before.IsPerson() {
		return errNoUser(name)
	}
	return a.remove(ctx, e)
}

func checkMQTTUser(user gateway.MQTTUser) error {
	if err := checkName(user.Name); err != nil {
		return err
	}
	return gateway.InField("rights", user.Rights.Validate())
}

func accountOf(user gateway.MQTTUser) gateway.Account {
	return gateway.Account{User: gateway.User{Name: user.Name}, Disabled: user.Disabled, MQTT: &user.Rights}
}

// SetListeners says through which listeners clients come, with the rules of each. Clients without a name end where they
// are not let in any more. Before it is called, the gateway's own two listeners let them in from this machine.
func (a *Access) SetListeners(listeners []gateway.Listener) {
	ctx := context.Background()
	done, err := a.turn(ctx)
	if err != nil {
		return // its context never ends
	}
	defer done()
	known := make(map[string]gateway.Listener, len(listeners))
	for _, listener := range listeners {
		known[listener.ID] = listener
	}
	a.mu.Lock()
	before := a.rights.Load()
	next := *before
	next.listeners, next.told = known, true
	a.rights.Store(&next)
	a.mu.Unlock()
	if reflect.DeepEqual(before.listeners, known) && before.told {
		return
	}
	shut := func(client mqtt.Client) bool {
		return client.Username == "" && before.listeners[client.Listener].Anonymous && !known[client.Listener].Anonymous
	}
	if err := a.enforce(ctx, mqtt.AccessChange{Concerns: shut, Disconnect: mqtt.NotAuthorized}); err != nil {
		a.logger.Error("clients without a name may still be connected", "error", err)
	}
}
