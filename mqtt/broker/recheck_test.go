package broker_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// changing is an access whose rules a test changes. The user name is that of CONNECT.
type changing struct {
	mu        sync.Mutex      // guards everything that follows
	forbidden map[string]bool // "user filter"
	// entering is called once, after a login was found good.
	entering func()
}

func (c *changing) Authenticate(_ context.Context, login broker.Login) (string, error) {
	c.mu.Lock()
	entering := c.entering
	c.entering = nil
	c.mu.Unlock()
	if entering != nil {
		entering()
	}
	return strings.TrimPrefix(login.Username, "certificate of "), nil
}

func (c *changing) Begin(context.Context, broker.Login, string) (mqtt.Exchange, error) {
	return nil, mqtt.BadAuthenticationMethod
}

func (c *changing) MayPublish(client broker.Client, topic string) bool {
	return c.MaySubscribe(client, topic)
}

func (c *changing) MaySubscribe(client broker.Client, filter string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.forbidden[client.Username+" "+filter]
}

func (c *changing) forbid(user, filter string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forbidden[user+" "+filter] = true
}

func newChanging() *changing { return &changing{forbidden: map[string]bool{}} }

func as(user, id string, expiry uint32) packet.Connect {
	return packet.Connect{ClientID: id, Username: &user, SessionExpiry: expiry, CleanStart: expiry == 0}
}

func (p *plant) recheck(user string, change mqtt.AccessChange) {
	p.t.Helper()
	change.Concerns = func(client mqtt.Client) bool { return client.Username == user }
	if err := p.Recheck(p.t.Context(), change); err != nil {
		p.t.Fatal(err)
	}
}

func (p *plant) filtersOf(id string) string {
	for _, s := range p.Sessions() {
		if s.ID == id {
			return strings.Join(s.Subscriptions, " ")
		}
	}
	return "no session"
}

func both(c *client) {
	c.subscribe(mqtt.Subscription{Filter: "no", QoS: 1}, mqtt.Subscription{Filter: "yes", QoS: 1})
}

// TestRulesChangeForThoseWhoAreThereAndAway: connections go on, and nothing more is delivered or queued that is not allowed.
func TestRulesChangeForThoseWhoAreThereAndAway(t *testing.T) {
	t.Parallel()
	access := newChanging()
	p := newPlant(t, broker.Options{Access: access})
	here, other := p.connect(as("bob", "here", 0)), p.connect(as("ann", "other", 0))
	away := p.connect(as("bob", "away", 3600))
	for _, c := range []*client{here, other, away} {
		both(c)
	}
	away.leave()
	p.offline("away")
	p.restart() // whose session it is, is known after a restart
	here, other = p.connect(as("bob", "here", 0)), p.connect(as("ann", "other", 0))
	both(here)
	both(other)
	access.forbid("bob", "no")
	p.recheck("bob", mqtt.AccessChange{})
	for id, want := range map[string]string{"here": "yes", "away": "yes", "other": "no yes"} {
		if got := p.filtersOf(id); got != want {
			t.Errorf("%s has %q, want %q", id, got, want)
		}
	}
	other.send(&packet.Publish{Topic: "no", Payload: []byte("1"), QoS: 1, PacketID: 1}, &packet.Publish{Topic: "yes", Payload: []byte("2"), QoS: 1, PacketID: 2})
	here.expectPublish("yes", "2")
	p.restart()
	if got := p.filtersOf("away"); got != "yes" {
		t.Errorf("after a restart it has %q", got)
	}
	if got := p.connect(as("bob", "away", 3600)).receive(1); got[0] != "2" {
		t.Errorf("queued: %v", got)
	}
}

func TestDisconnectedByAChange(t *testing.T) {
	t.Parallel()
	p := newPlant(t, broker.Options{Access: newChanging()})
	bob, ann := p.connect(as("bob", "bob", 3600)), p.connect(as("ann", "ann", 0))
	request := as("bob", "old", 0)
	request.Version = packet.V311
	v3 := p.connect(request)
	p.recheck("bob", mqtt.AccessChange{Disconnect: mqtt.AdministrativeAction})
	bob.expectEnd(mqtt.AdministrativeAction)
	v3.expectClosed()
	ann.ping()
	if !p.connect(as("bob", "bob", 3600)).connack.SessionPresent {
		t.Error("the session is gone")
	}
}

func TestForgottenByAChange(t *testing.T) {
	t.Parallel()
	p := newPlant(t, broker.Options{Access: newChanging()})
	here, away := p.connect(as("bob", "here", 3600)), p.connect(as("bob", "away", 3600))
	both(here)
	both(away)
	away.leave()
	p.offline("away")
	p.recheck("bob", mqtt.AccessChange{Disconnect: mqtt.NotAuthorized, Forget: true})
	here.expectEnd(mqtt.NotAuthorized)
	p.restart()
	if got := len(p.Sessions()); got != 0 {
		t.Errorf("%d sessions are left", got)
	}
}

// TestAChangeWhileAClientComes: what let it in is not true any more when it is in.
func TestAChangeWhileAClientComes(t *testing.T) {
	t.Parallel()
	access := newChanging()
	p := newPlant(t, broker.Options{Access: access})
	access.entering = func() { p.recheck("bob", mqtt.AccessChange{Disconnect: mqtt.NotAuthorized}) }
	if code := p.try(as("bob", "bob", 0)).connack.Code; code != mqtt.ServerBusy {
		t.Errorf("connack %v", code)
	}
	p.connect(as("bob", "bob", 0)).ping()
}

// TestASessionIsForItsUser: nobody else gets what is queued for it, or ends it; one without a name is for anybody.
func TestASessionIsForItsUser(t *testing.T) {
	t.Parallel()
	p := newPlant(t, broker.Options{Access: newChanging()})
	bob := p.connect(as("certificate of bob", "gate", 3600))
	p.v5("nameless", 3600).leave()
	for _, request := range []packet.Connect{as("ann", "gate", 3600), as("ann", "gate", 0), {ClientID: "gate", CleanStart: true}} {
		if code := p.try(request).connack.Code; code != mqtt.ClientIdentifierNotValid {
			t.Errorf("somebody else: %v", code)
		}
	}
	bob.ping()
	bob.leave()
	p.restart()
	if code := p.try(as("ann", "gate", 3600)).connack.Code; code != mqtt.ClientIdentifierNotValid {
		t.Errorf("somebody else after a restart: %v", code)
	}
	for user, id := range map[string]string{"bob": "gate", "ann": "nameless"} {
		if !p.connect(as(user, id, 3600)).connack.SessionPresent {
			t.Errorf("%s has no session %s", user, id)
		}
	}
}
