package access_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xdg-go/scram"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/gateway/access"
	"github.com/tidegate/tidegate/mqtt"
)

// gate is an access with the administrator alice, and what it asked to be put in force.
type gate struct {
	*access.Access
	store *store
	log   *bytes.Buffer

	mu      sync.Mutex // guards changes
	changes []mqtt.AccessChange
}

// hashed is an account with the password, made once: a hash takes its time.
var hashed = sync.OnceValue(func() gateway.Account {
	s := newStore()
	a, err := access.New(context.Background(), access.Options{Store: s, Tokens: s})
	if err != nil {
		panic(err)
	}
	if _, err := a.AddMQTTUser(context.Background(), gateway.MQTTUser{Name: "u"}, password, ""); err != nil {
		panic(err)
	}
	return s.accounts["u"]
})

func mustGate(t *testing.T, users ...gateway.MQTTUser) *gate {
	t.Helper()
	g := &gate{store: newStore(), log: &bytes.Buffer{}}
	alice := gateway.User{Name: "alice", Role: gateway.RoleAdministrator}
	g.store.accounts["alice"] = gateway.Account{User: alice, PasswordHash: hashed().PasswordHash}
	for _, user := range users {
		account := hashed()
		account.Name, account.Disabled = user.Name, user.Disabled
		if user.Rights.Rules != nil {
			account.MQTT = &user.Rights
		}
		g.store.accounts[user.Name] = account
	}
	var err error
	g.Access, err = access.New(t.Context(), access.Options{
		Store: g.store, Tokens: g.store, SetupToken: token, NameKey: bytes.Repeat([]byte{7}, 32),
		Logger: slog.New(slog.NewTextHandler(g.log, nil)),
		Changed: func(_ context.Context, change mqtt.AccessChange) error {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.changes = append(g.changes, change)
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// login is one over a listener of the LAN.
func login(name, password string) mqtt.Login {
	return mqtt.Login{
		Client:      mqtt.Client{ID: "client", Username: name, Address: "192.0.2.7", Listener: "lan"},
		HasPassword: true, Password: []byte(password),
	}
}

func (g *gate) want(t *testing.T, what string, l mqtt.Login, user string, want error) {
	t.Helper()
	got, err := g.Authenticate(t.Context(), l)
	if !errors.Is(err, want) || got != user && want == nil {
		t.Errorf("%s: %q, %v; want %q, %v", what, got, err, user, want)
	}
}

func TestPasswordsOfClients(t *testing.T) {
	g := mustGate(t, gateway.MQTTUser{Name: "pump"})
	g.want(t, "right", login("pump", password), "pump", nil)
	g.want(t, "remembered", login("pump", password), "pump", nil)
	g.want(t, "wrong", login("pump", password+"x"), "", mqtt.BadUserNameOrPassword)
	g.want(t, "unknown", login("nobody", password), "", mqtt.BadUserNameOrPassword)
	g.want(t, "no name", login("", password), "", mqtt.BadUserNameOrPassword)
	g.want(t, "a person without the right", login("alice", password), "", mqtt.BadUserNameOrPassword)
	if _, err := g.Login(t.Context(), "pump", password, "10.0.0.9"); gateway.CodeOf(err) != gateway.Unauthorized {
		t.Errorf("a client on the page: %v", err)
	}
	alice := g.Users()[0]
	alice.MQTT = &gateway.MQTTRights{Preset: "read-only"}
	if err := g.ChangeUser(t.Context(), alice, "", "alice"); err != nil {
		t.Fatal(err)
	}
	g.want(t, "a person with the right", login("alice", password), "alice", nil)
	if _, err := g.Login(t.Context(), "alice", password, "10.0.0.9"); err != nil {
		t.Errorf("the password was lost with the right: %v", err)
	}
}

func TestWhatChangesIsInForceAtOnce(t *testing.T) {
	g := mustGate(t, gateway.MQTTUser{Name: "pump"})
	g.want(t, "before", login("pump", password), "pump", nil)
	pump, client := mqtt.Client{ID: "c", Username: "pump"}, mqtt.Client{ID: "c", Username: "other"}
	for _, c := range []struct {
		what       string
		change     func() error
		disconnect mqtt.ReasonCode
		forget     bool
		after      error
		may        bool
	}{
		{"other rules", func() error {
			return g.ChangeMQTTUser(t.Context(), gateway.MQTTUser{Name: "pump", Rights: rulesOf("allow x")}, "", "alice")
		}, mqtt.Success, false, nil, true},
		{"no rules", func() error {
			return g.ChangeMQTTUser(t.Context(), gateway.MQTTUser{Name: "pump", Rights: rulesOf("")}, "", "alice")
		}, mqtt.Success, false, nil, false},
		{
			"another password", func() error { return g.SetPassword(t.Context(), "pump", "another password 7", "alice") },
			mqtt.AdministrativeAction, false, mqtt.BadUserNameOrPassword, false,
		},
		{"the old password again", func() error {
			return g.ChangeMQTTUser(t.Context(), gateway.MQTTUser{Name: "pump", Rights: rulesOf("allow x")}, password, "alice")
		}, mqtt.AdministrativeAction, false, nil, true},
		{"disabled", func() error {
			return g.ChangeMQTTUser(t.Context(), gateway.MQTTUser{Name: "pump", Disabled: true, Rights: rulesOf("allow x")}, "", "alice")
		}, mqtt.NotAuthorized, false, mqtt.NotAuthorized, false},
		{
			"removed", func() error { return g.RemoveMQTTUser(t.Context(), "pump", "alice") },
			mqtt.NotAuthorized, true, mqtt.BadUserNameOrPassword, false,
		},
	} {
		g.changes = nil
		if err := c.change(); err != nil {
			t.Fatalf("%s: %v", c.what, err)
		}
		if len(g.changes) != 1 || g.changes[0].Disconnect != c.disconnect || g.changes[0].Forget != c.forget ||
			!g.changes[0].Concerns(pump) || g.changes[0].Concerns(client) {
			t.Errorf("%s: %+v", c.what, g.changes)
		}
		g.want(t, c.what, login("pump", password), "pump", c.after)
		if g.MayPublish(pump, "x") != c.may || g.MaySubscribe(pump, "x") != c.may {
			t.Errorf("%s: may it? %v", c.what, !c.may)
		}
	}
	if strings.Contains(g.log.String(), password) || strings.Contains(g.log.String(), "argon2id") {
		t.Error("the log has a secret")
	}
	if !strings.Contains(g.log.String(), "account changed\" author=alice user=pump") || !strings.Contains(g.log.String(), "account removed\" author=alice user=pump") {
		t.Errorf("the log does not say who did what:\n%s", g.log)
	}
}

func TestAccountsThatDoNotDo(t *testing.T) {
	g := mustGate(t, gateway.MQTTUser{Name: "pump"})
	if got := g.MQTTUsers()[0].Rights.Preset; got != gateway.PresetNew { // nothing else was said
		t.Errorf("a new user has the preset %q", got)
	}
	add := func(name string, rights gateway.MQTTRights, password string) error {
		_, err := g.AddMQTTUser(t.Context(), gateway.MQTTUser{Name: name, Rights: rights}, password, "alice")
		return err
	}
	rule := func(rule gateway.Rule) gateway.MQTTRights { return gateway.MQTTRights{Rules: []gateway.Rule{rule}} }
	for field, err := range map[string]error{
		"name":                    add("pump", gateway.MQTTRights{}, password),
		"name ":                   add("alice", gateway.MQTTRights{}, password),
		"name  ":                  add("a/b", gateway.MQTTRights{}, password),
		"name   ":                 g.AddUser(t.Context(), gateway.Person{User: gateway.User{Name: "pump", Role: "viewer"}}, password, "alice"),
		"password":                add("x", gateway.MQTTRights{}, ""),
		"rights.preset":           add("x", gateway.MQTTRights{Preset: "none"}, password),
		"rights.rules":            add("x", gateway.MQTTRights{Preset: "sensor", Rules: []gateway.Rule{{}}}, password),
		"rights.rules ":           add("x", gateway.MQTTRights{Rules: make([]gateway.Rule, 101)}, password),
		"rights.rules[0].action":  add("x", rule(gateway.Rule{Effect: "allow", Filter: "a"}), password),
		"rights.rules[0].effect":  add("x", rule(gateway.Rule{Action: "both", Filter: "a"}), password),
		"rights.rules[0].filter":  add("x", rule(gateway.Rule{Action: "both", Effect: "allow", Filter: "a/#/b"}), password),
		"rights.rules[0].filter ": add("x", rule(gateway.Rule{Action: "both", Effect: "allow", Filter: "$share/g/a"}), password),
		"mqtt.preset": g.ChangeUser(t.Context(), gateway.Person{
			User: g.Users()[0].User, MQTT: &gateway.MQTTRights{Preset: "none"},
		}, "", "alice"),
	} {
		e, is := errors.AsType[*gateway.Error](err)
		if !is || e.Code != gateway.Invalid || e.Field != strings.TrimSpace(field) {
			t.Errorf("%s: %v", field, err)
		}
	}
	for what, err := range map[string]error{
		"change a person as a client": g.ChangeMQTTUser(t.Context(), gateway.MQTTUser{Name: "alice"}, "", "alice"),
		"remove a person as a client": g.RemoveMQTTUser(t.Context(), "alice", "alice"),
		"change a client as a person": g.ChangeUser(t.Context(), gateway.Person{User: gateway.User{Name: "pump", Role: "viewer"}}, "", "alice"),
		"remove a client as a person": g.RemoveUser(t.Context(), "pump", "alice"),
		"password of nobody":          g.SetPassword(t.Context(), "nobody", password, "alice"),
	} {
		wantCode(t, what, err, gateway.NotFound)
	}
	if len(g.Users()) != 1 || len(g.MQTTUsers()) != 1 {
		t.Errorf("%v, %v", g.Users(), g.MQTTUsers())
	}
}

func TestCertificates(t *testing.T) {
	g := mustGate(t, gateway.MQTTUser{Name: "pump"}, gateway.MQTTUser{Name: "off", Disabled: true})
	g.SetListeners([]gateway.Listener{{ID: "cert", CertificateUser: true}, {ID: "lan"}, {ID: "open", Anonymous: true, CertificateUser: true}})
	with := func(listener, name, user string) mqtt.Login {
		l := mqtt.Login{Client: mqtt.Client{ID: "c", Username: user, Address: "192.0.2.7", Listener: listener}}
		if name != "none" {
			l.Certificate = &x509.Certificate{Subject: pkix.Name{CommonName: name}}
		}
		l.HasPassword = user != ""
		return l
	}
	g.want(t, "by its name", with("cert", "pump", ""), "pump", nil)
	g.want(t, "with the same user", with("cert", "pump", "pump"), "pump", nil)
	g.want(t, "with another user", with("cert", "pump", "off"), "", mqtt.BadUserNameOrPassword)
	g.want(t, "of nobody", with("cert", "stranger", ""), "", mqtt.NotAuthorized)
	g.want(t, "without a name", with("cert", "", ""), "", mqtt.NotAuthorized)
	g.want(t, "of a person", with("cert", "alice", ""), "", mqtt.NotAuthorized)
	g.want(t, "of a disabled one", with("cert", "off", ""), "", mqtt.NotAuthorized)
	g.want(t, "no certificate", with("cert", "none", ""), "", mqtt.NotAuthorized)
	g.want(t, "where it is no identity", with("lan", "pump", ""), "", mqtt.NotAuthorized)
	g.want(t, "unknown where anybody may come", with("open", "stranger", ""), "", mqtt.NotAuthorized)
	g.want(t, "none where anybody may come", with("open", "none", ""), "", nil)
}

func TestClientsWithoutAName(t *testing.T) {
	g := mustGate(t)
	from := func(listener, address string) mqtt.Login {
		return mqtt.Login{Client: mqtt.Client{ID: "c", Address: address, Listener: listener}}
	}
	g.want(t, "local", from("local", "127.0.0.1"), "", nil)
	g.want(t, "local from elsewhere", from("local", "192.0.2.7"), "", mqtt.NotAuthorized)
	g.want(t, "socket", from("socket", "unix"), "", nil)
	g.want(t, "lan", from("lan", "127.0.0.1"), "", mqtt.NotAuthorized)
	g.SetListeners([]gateway.Listener{{ID: "local"}, {ID: "socket", Anonymous: true}, {ID: "lan", Anonymous: true}})
	g.want(t, "local, shut", from("local", "127.0.0.1"), "", mqtt.NotAuthorized)
	g.want(t, "socket, open", from("socket", "unix"), "", nil)
	g.want(t, "lan, open", from("lan", "192.0.2.7"), "", nil)
	g.want(t, "nowhere", from("", "127.0.0.1"), "", mqtt.NotAuthorized)
	last := g.changes[len(g.changes)-1]
	named, local := mqtt.Client{Listener: "local", Username: "pump"}, mqtt.Client{Listener: "local"}
	if !last.Concerns(local) || last.Concerns(named) || last.Concerns(mqtt.Client{Listener: "socket"}) || last.Disconnect != mqtt.NotAuthorized {
		t.Error("the wrong clients end with a listener's permission")
	}
	if g.MaySubscribe(local, "#") || !g.MaySubscribe(mqtt.Client{Listener: "lan"}, "#") {
		t.Error("a client without a name may what its listener does not allow any more")
	}
}

func TestWrongPasswordsOfOneAddressAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := mustGate(t, gateway.MQTTUser{Name: "pump"}, gateway.MQTTUser{Name: "fan"})
		g.want(t, "right", login("pump", password), "pump", nil)
		for range 10 {
			g.want(t, "wrong", login("pump", "wrong"), "", mqtt.BadUserNameOrPassword)
		}
		g.want(t, "the eleventh", login("pump", "wrong"), "", mqtt.ConnectionRateExceeded)
		g.want(t, "right, but not known to be", login("fan", password), "", mqtt.ConnectionRateExceeded)
		g.want(t, "remembered", login("pump", password), "pump", nil)
		if _, err := g.Login(t.Context(), "alice", password, "192.0.2.7"); err != nil {
			t.Errorf("a device keeps people from the page: %v", err)
		}
		time.Sleep(time.Minute)
		g.want(t, "a minute later", login("fan", password), "fan", nil)
		local := login("pump", "wrong")
		local.Address = "unix"
		for range 11 {
			g.want(t, "over the socket", local, "", mqtt.BadUserNameOrPassword)
		}
	})
}

// TestManyClientsComeAtTheSameTime: right passwords of one address are never too many.
func TestManyClientsComeAtTheSameTime(t *testing.T) {
	var users []gateway.MQTTUser
	names := []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"}
	for _, name := range names {
		users = append(users, gateway.MQTTUser{Name: name})
	}
	g := mustGate(t, users...)
	var all sync.WaitGroup
	for range 5 {
		for _, name := range names {
			all.Go(func() {
				if user, err := g.Authenticate(t.Context(), login(name, password)); user != name || err != nil {
					t.Errorf("%s: %q, %v", name, user, err)
				}
				g.MayPublish(mqtt.Client{ID: "c", Username: name}, name+"/x")
			})
		}
	}
	all.Go(func() { g.SetListeners(nil) })
	all.Wait()
}

// exchange plays the client's side.
func (g *gate) exchange(t *testing.T, name, password string, l mqtt.Login) (user, first string, err error) {
	t.Helper()
	client, err := scram.SHA256.NewClient(name, password, "")
	if err != nil {
		t.Fatal(err)
	}
	conversation := client.NewConversation()
	server, err := g.Begin(t.Context(), l, "SCRAM-SHA-256")
	if err != nil {
		t.Fatal(err)
	}
	message, err := conversation.Step("")
	for done := false; !done; {
		if err != nil {
			t.Fatal(err)
		}
		var answer []byte
		if answer, user, done, err = server.Step(t.Context(), []byte(message)); err != nil {
			return "", first, err
		}
		if first == "" {
			_, first, _ = strings.Cut(string(answer), ",") // without the nonce
		}
		message, err = conversation.Step(string(answer))
	}
	if err != nil || !conversation.Valid() {
		t.Errorf("the server has not proved itself: %v", err)
	}
	return user, first, nil
}

func TestScram(t *testing.T) {
	g := mustGate(t, gateway.MQTTUser{Name: "pump"})
	l := login("", "")
	user, salt, err := g.exchange(t, "pump", password, l)
	if user != "pump" || err != nil {
		t.Fatalf("%q, %v", user, err)
	}
	l.Username = "pump"
	if user, _, err = g.exchange(t, "pump", password, l); user != "pump" || err != nil {
		t.Errorf("with the name in CONNECT too: %q, %v", user, err)
	}
	if _, again, _ := g.exchange(t, "pump", "wrong", login("", "")); again != salt {
		t.Error("the salt has changed")
	}
	_, one, err := g.exchange(t, "nobody", password, login("", ""))
	if !errors.Is(err, mqtt.NotAuthorized) || !strings.HasSuffix(one, salt[strings.LastIndex(salt, ","):]) || len(one) != len(salt) {
		t.Errorf("an unknown name looks otherwise: %s, known %s, %v", one, salt, err)
	}
	if _, two, _ := g.exchange(t, "nobody", password, login("", "")); one != two {
		t.Errorf("an unknown name is known by its salt: %s and %s", one, two)
	}
	for what, try := range map[string]func() error{
		"wrong password":          func() error { _, _, err := g.exchange(t, "pump", "wrong", login("", "")); return err },
		"another name in CONNECT": func() error { _, _, err := g.exchange(t, "pump", password, login("fan", "")); return err },
		"a person":                func() error { _, _, err := g.exchange(t, "alice", password, login("", "")); return err },
	} {
		if err := try(); !errors.Is(err, mqtt.NotAuthorized) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := g.ChangeMQTTUser(t.Context(), gateway.MQTTUser{Name: "pump", Disabled: true}, "", "alice"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := g.exchange(t, "pump", password, login("", "")); !errors.Is(err, mqtt.NotAuthorized) {
		t.Errorf("disabled: %v", err)
	}
	if _, err := g.Begin(t.Context(), l, "PLAIN"); !errors.Is(err, mqtt.BadAuthenticationMethod) {
		t.Errorf("another method: %v", err)
	}
	for range 10 {
		_, _, err = g.exchange(t, "pump", "wrong", login("", ""))
	}
	if !errors.Is(err, mqtt.ConnectionRateExceeded) {
		t.Errorf("after ten: %v", err)
	}
}

func FuzzScram(f *testing.F) {
	g, err := access.New(f.Context(), access.Options{Store: newStore(), Tokens: newStore()})
	if err != nil {
		f.Fatal(err)
	}
	f.Add("n,,n=pump,r=abc", "c=biws,r=abc,p=dGhpcw==")
	f.Add("p=tls-unique,,n=x,r=", "")
	f.Fuzz(func(t *testing.T, first, second string) {
		l := mqtt.Login{Client: mqtt.Client{Address: "unix"}}
		server, err := g.Begin(t.Context(), l, "SCRAM-SHA-256")
		if err != nil {
			t.Fatal(err)
		}
		for _, message := range []string{first, second, second} {
			if _, user, done, err := server.Step(t.Context(), []byte(message)); done || user != "" {
				t.Fatalf("%q is in: %v", user, err)
			}
		}
	})
}

func TestQuestions(t *testing.T) {
	g := mustGate(t, gateway.MQTTUser{Name: "pump", Rights: rulesOf("deny a/secret\nallow a/#")}, gateway.MQTTUser{Name: "off", Disabled: true})
	rule := func(n int) *int { return &n }
	for _, c := range []struct {
		user   string
		action gateway.Action
		topic  string
		want   gateway.MQTTAnswer
	}{
		{"pump", "publish", "a/x", gateway.MQTTAnswer{Allowed: true, Reason: gateway.CauseRule, Rule: rule(1)}},
		{"pump", "publish", "a/secret", gateway.MQTTAnswer{Reason: gateway.CauseRule, Rule: rule(0)}},
		{"pump", "subscribe", "a/+", gateway.MQTTAnswer{Reason: gateway.CauseRule, Rule: rule(0)}},
		{"pump", "subscribe", "b/#", gateway.MQTTAnswer{Reason: gateway.CauseNoRule}},
		{"pump", "publish", "$SYS/x", gateway.MQTTAnswer{Reason: gateway.CauseReserved}},
		{"off", "publish", "off/x", gateway.MQTTAnswer{Reason: gateway.CauseDisabled}},
		{"alice", "publish", "x", gateway.MQTTAnswer{Reason: gateway.CauseNoRight}},
		{"", "subscribe", "#", gateway.MQTTAnswer{Allowed: true, Reason: gateway.CauseRule, Rule: rule(0)}},
	} {
		got, err := g.MayMQTT(gateway.MQTTQuestion{User: c.user, ClientID: "c", Action: c.action, Topic: c.topic})
		same := (got.Rule == nil) == (c.want.Rule == nil) && (got.Rule == nil || *got.Rule == *c.want.Rule)
		if err != nil || got.Allowed != c.want.Allowed || got.Reason != c.want.Reason || !same {
			t.Errorf("%+v: %+v, %v", c, got, err)
		}
	}
	g.SetListeners([]gateway.Listener{{ID: "local", Anonymous: true}, {ID: "lan"}})
	for listener, want := range map[string]gateway.MQTTCause{"": gateway.CauseRule, "local": gateway.CauseRule, "lan": gateway.CauseNoName} {
		got, err := g.MayMQTT(gateway.MQTTQuestion{ClientID: "c", Listener: listener, Action: "publish", Topic: "x"})
		decided := got.Decided != nil && *got.Decided == gateway.Rule{Action: "both", Effect: "allow", Filter: "#"} && got.Preset == gateway.PresetEverything
		if err != nil || got.Reason != want || got.Allowed != (want == gateway.CauseRule) || got.Allowed != decided {
			t.Errorf("without a name through %q: %+v, %v", listener, got, err)
		}
	}
	for field, q := range map[string]gateway.MQTTQuestion{
		"listener": {Listener: "lam", Action: "publish", Topic: "a"},
		"user":     {User: "nobody", Action: "publish", Topic: "a"}, "action": {Action: "both", Topic: "a"},
		"topic": {Action: "publish", Topic: "a/#"}, "topic ": {Action: "subscribe", Topic: ""},
	} {
		_, err := g.MayMQTT(q)
		if e, is := errors.AsType[*gateway.Error](err); !is || e.Field != strings.TrimSpace(field) {
			t.Errorf("%+v: %v", q, err)
		}
	}
}

// BenchmarkReconnect is one client that comes back; the first time its password costs a hash.
func BenchmarkReconnect(b *testing.B) {
	a, err := access.New(b.Context(), access.Options{Store: newStore(), Tokens: newStore()})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := a.AddMQTTUser(b.Context(), gateway.MQTTUser{Name: "pump"}, password, "b"); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := a.Authenticate(b.Context(), login("pump", password)); err != nil {
			b.Fatal(err)
		}
	}
}
