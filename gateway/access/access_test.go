package access_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/gateway/access"
)

const (
	token    = "GEZDGNBVGY3TQOJQGEZDGNBVGY"
	password = "correct horse battery"
)

// store keeps accounts and logins in memory.
type store struct {
	failing atomic.Bool
	writes  atomic.Int64

	mu       sync.Mutex // guards everything that follows
	accounts map[string]gateway.Account
	logins   map[[32]byte]gateway.StoredLogin
	tokens   map[string]gateway.StoredToken
}

var errDisk = errors.New("the disk is gone")

func newStore() *store {
	return &store{
		accounts: map[string]gateway.Account{}, logins: map[[32]byte]gateway.StoredLogin{}, tokens: map[string]gateway.StoredToken{},
	}
}

func (s *store) change(do func()) error {
	s.writes.Add(1)
	if s.failing.Load() {
		return errDisk
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	do()
	return nil
}

func (s *store) Accounts(context.Context) ([]gateway.Account, error) {
	var result []gateway.Account
	err := s.change(func() {
		for _, account := range s.accounts {
			result = append(result, account)
		}
	})
	slices.SortFunc(result, func(a, b gateway.Account) int { return cmp.Compare(a.Name, b.Name) })
	return result, err
}

func (s *store) PutAccount(_ context.Context, account gateway.Account) error {
	return s.change(func() {
		s.accounts[account.Name] = account
		s.endLogins(account.Name)
	})
}

func (s *store) endLogins(name string) {
	for hash, login := range s.logins {
		if login.User == name {
			delete(s.logins, hash)
		}
	}
}

func (s *store) RemoveAccount(_ context.Context, name string) error {
	known := false
	err := s.change(func() {
		_, known = s.accounts[name]
		delete(s.accounts, name)
		s.endLogins(name)
	})
	if err == nil && !known {
		return gateway.Errorf(gateway.NotFound, "there is no user %q", name)
	}
	return err
}

func (s *store) Logins(_ context.Context, now time.Time) ([]gateway.StoredLogin, error) {
	var result []gateway.StoredLogin
	err := s.change(func() {
		for _, login := range s.logins {
			if login.Expires.After(now) {
				result = append(result, login)
			}
		}
	})
	return result, err
}

func (s *store) PutLogin(_ context.Context, login gateway.StoredLogin) error {
	return s.change(func() { s.logins[login.TokenHash] = login })
}

func (s *store) RemoveLogin(_ context.Context, hash [32]byte) error {
	return s.change(func() { delete(s.logins, hash) })
}

func (s *store) StoredTokens(context.Context) ([]gateway.StoredToken, error) {
	var result []gateway.StoredToken
	err := s.change(func() { result = slices.Collect(maps.Values(s.tokens)) })
	return result, err
}

func (s *store) PutToken(_ context.Context, token gateway.StoredToken) error {
	return s.change(func() { s.tokens[token.ID] = token })
}

func (s *store) RemoveStoredToken(_ context.Context, id string) error {
	return s.change(func() { delete(s.tokens, id) })
}

func mustAccess(t *testing.T, s *store, log *slog.Logger) *access.Access {
	t.Helper()
	a, err := access.New(t.Context(), access.Options{Store: s, Tokens: s, SetupToken: token, Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// mustSetUp is a gateway with the administrator alice.
func mustSetUp(t *testing.T, s *store) (*access.Access, gateway.Login) {
	t.Helper()
	a := mustAccess(t, s, nil)
	login, err := a.SetUp(t.Context(), token, "alice", password, "10.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	return a, login
}

// put adds a user, or changes the one of that name.
func put(t *testing.T, a *access.Access, user gateway.User, password string) error {
	t.Helper()
	for _, person := range a.Users() {
		if person.Name == user.Name {
			return a.ChangeUser(t.Context(), gateway.Person{User: user}, password, "test")
		}
	}
	return a.AddUser(t.Context(), gateway.Person{User: user}, password, "test")
}

func wantCode(t *testing.T, what string, err error, code gateway.Code) {
	t.Helper()
	if got := gateway.CodeOf(err); got != code {
		t.Errorf("%s: code %q, want %q (%v)", what, got, code, err)
	}
}

func running(a *access.Access, login gateway.Login) bool {
	_, running := a.Session(login.Token.Reveal())
	return running
}

func TestSetUpNeedsTheTokenAndHappensOnce(t *testing.T) {
	a := mustAccess(t, newStore(), nil)
	for _, wrong := range []string{"", "x", strings.ToLower(token), token + "A"} {
		_, err := a.SetUp(t.Context(), wrong, "alice", password, "10.0.0.9")
		wantCode(t, "wrong token", err, gateway.Forbidden)
	}
	if a.SetUpDone() {
		t.Fatal("set up with a wrong token")
	}
	login, err := a.SetUp(t.Context(), token, "alice", password, "10.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	if want := (gateway.User{Name: "alice", Role: gateway.RoleAdministrator}); login.User != want || !running(a, login) {
		t.Errorf("logged in as %+v", login.User)
	}
	_, err = a.SetUp(t.Context(), token, "mallory", password, "10.0.0.2")
	wantCode(t, "second set-up", err, gateway.Conflict)
}

func TestWithoutATokenNobodySetsUp(t *testing.T) {
	a, err := access.New(t.Context(), access.Options{Store: newStore(), Tokens: newStore()})
	if err != nil {
		t.Fatal(err)
	}
	_, err = a.SetUp(t.Context(), "", "alice", password, "10.0.0.1")
	wantCode(t, "empty token", err, gateway.Forbidden)
}

func TestSetUpByManyAtTheSameTimeMakesOneAdministrator(t *testing.T) {
	s := newStore()
	a := mustAccess(t, s, nil)
	var all sync.WaitGroup
	var done atomic.Int64
	for _, name := range []string{"a", "b", "c", "d"} {
		all.Go(func() {
			if _, err := a.SetUp(t.Context(), token, name, password, "10.0.0.1"); err == nil {
				done.Add(1)
			}
		})
	}
	all.Wait()
	if done.Load() != 1 || len(a.Users()) != 1 {
		t.Errorf("%d set-ups, users %v", done.Load(), a.Users())
	}
}

func TestLogin(t *testing.T) {
	a, _ := mustSetUp(t, newStore())
	for _, c := range []struct{ name, password string }{
		{"alice", password + "x"}, {"alice", ""}, {"bob", password}, {"", ""}, {"ALICE", password}, {"alice", strings.Repeat("x", 1000)},
	} {
		_, err := a.Login(t.Context(), c.name, c.password, "10.0.0.2")
		wantCode(t, c.name+"/"+c.password, err, gateway.Unauthorized)
	}
	one, err := a.Login(t.Context(), "alice", password, "10.0.0.2")
	if err != nil {
		t.Fatal(err)
	}
	two, err := a.Login(t.Context(), "alice", password, "10.0.0.2")
	if err != nil {
		t.Fatal(err)
	}
	if one.Token == two.Token || len(one.Token.Reveal()) < 22 {
		t.Error("tokens are not random")
	}
	a.Logout(one.Token.Reveal())
	if running(a, one) || !running(a, two) {
		t.Error("the wrong login ended")
	}
}

func TestNoDefaultPassword(t *testing.T) {
	a := mustAccess(t, newStore(), nil)
	for i, pair := range [][2]string{
		{"admin", "admin"}, {"admin", "public"}, {"admin", "hivemq"}, {"admin", "0000"}, {"root", "root"}, {"", ""}, {"tidegate", "tidegate"},
	} {
		_, err := a.Login(t.Context(), pair[0], pair[1], "10.0.1."+string(rune('0'+i)))
		wantCode(t, pair[0], err, gateway.Unauthorized)
	}
}

func TestPasswords(t *testing.T) {
	a, _ := mustSetUp(t, newStore())
	for _, bad := range []string{
		"", "short12", "password", "Password1!", "12345678", "qwertzuiop", "aaaaaaaaaaaa", "abababab", "tidegate2026", "robert1234",
		strings.Repeat("long ", 26), "broken\xffutf8",
	} {
		err := put(t, a, gateway.User{Name: "robert", Role: gateway.RoleViewer}, bad)
		wantCode(t, "password "+bad, err, gateway.Invalid)
	}
	for _, good := range []string{"vier Wörter nur so", "xK3-ppQz", strings.Repeat("äöü ", 32)} {
		if err := put(t, a, gateway.User{Name: "robert", Role: gateway.RoleViewer}, good); err != nil {
			t.Errorf("password %q: %v", good, err)
		}
		if _, err := a.Login(t.Context(), "robert", good, "10.0.0.5"); err != nil {
			t.Errorf("log in with %q: %v", good, err)
		}
	}
	for _, name := range []string{"", " bob", "bob ", "b\nob", "a\x1b[31m", "\u202ebob", strings.Repeat("b", 65)} {
		err := put(t, a, gateway.User{Name: name, Role: gateway.RoleViewer}, password)
		wantCode(t, "name "+name, err, gateway.Invalid)
	}
	err := put(t, a, gateway.User{Name: "bob", Role: "king"}, password)
	wantCode(t, "role", err, gateway.Invalid)
}

func TestNothingSecretIsStoredOrLogged(t *testing.T) {
	var log bytes.Buffer
	s := newStore()
	a := mustAccess(t, s, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	login, err := a.SetUp(t.Context(), token, "alice", password, "10.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = a.Login(t.Context(), "alice\n\x1b[31mfake", "wrong-canary", "10.0.0.1")
	_, _ = a.Login(t.Context(), "alice", password, "10.0.0.1")
	text := log.String()
	for _, secret := range []string{password, token, "wrong-canary", login.Token.Reveal(), s.accounts["alice"].PasswordHash} {
		if strings.Contains(text, secret) {
			t.Errorf("the log has %q:\n%s", secret, text)
		}
	}
	if strings.Contains(text, "\x1b") || strings.Count(text, "\n") != strings.Count(text, "time=") {
		t.Errorf("a name broke the log: %q", text)
	}
	account := s.accounts["alice"]
	if !strings.HasPrefix(account.PasswordHash, "$argon2id$v=19$m=19456,t=2,p=1$") || strings.Contains(account.PasswordHash, password) {
		t.Errorf("stored: %s", account.PasswordHash)
	}
	for hash := range s.logins {
		if bytes.Contains(hash[:], []byte(login.Token.Reveal()[:8])) {
			t.Error("the token is stored")
		}
	}
}

func TestBruteForceIsBoundedPerAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, _ := mustSetUp(t, newStore())
		evaluated := 0
		for range 1000 {
			_, err := a.Login(t.Context(), "alice", "wrong", "192.0.2.66")
			switch gateway.CodeOf(err) {
			case gateway.Unauthorized:
				evaluated++
			case gateway.TooMany:
			default:
				t.Fatal(err)
			}
		}
		if evaluated != 10 {
			t.Errorf("%d of 1000 attempts evaluated in a minute, want 10", evaluated)
		}
		_, err := a.Login(t.Context(), "alice", password, "192.0.2.66")
		wantCode(t, "right password from the same address", err, gateway.TooMany)
		if _, err := a.Login(t.Context(), "alice", password, "192.0.2.67"); err != nil {
			t.Errorf("right password from elsewhere: %v", err)
		}
		time.Sleep(time.Minute)
		if _, err := a.Login(t.Context(), "alice", password, "192.0.2.66"); err != nil {
			t.Errorf("a minute later: %v", err)
		}
	})
}

func TestAnIPv6NetworkIsOneAddress(t *testing.T) {
	a, _ := mustSetUp(t, newStore())
	var err error
	for i := range 11 {
		_, err = a.Login(t.Context(), "alice", "wrong", "2001:db8:0:1::"+string(rune('a'+i%6))+"%eth0")
	}
	wantCode(t, "11th attempt from one /64", err, gateway.TooMany)
	_, err = a.Login(t.Context(), "alice", "wrong", "2001:db8:0:2::1")
	wantCode(t, "another /64", err, gateway.Unauthorized)
}

// TestAnUnknownNameTakesAsLong: without the dummy hash an unknown name answers some 1000 times faster. The fastest of
// alternating attempts are compared, since a busy machine makes single ones slow.
func TestAnUnknownNameTakesAsLong(t *testing.T) {
	a, _ := mustSetUp(t, newStore())
	fastest := map[string]time.Duration{"alice": time.Hour, "nobody": time.Hour}
	for i := range 9 {
		for name := range fastest {
			start := time.Now()
			_, err := a.Login(t.Context(), name, "wrong password", "10.1.0."+string(rune('0'+i)))
			fastest[name] = min(fastest[name], time.Since(start))
			wantCode(t, name, err, gateway.Unauthorized)
		}
	}
	if known, unknown := fastest["alice"], fastest["nobody"]; unknown < known/3 {
		t.Errorf("known %v, unknown %v", known, unknown)
	}
}

// TestManyLoginsAtTheSameTime floods from many addresses and asks for a session meanwhile: who is logged in never waits.
func TestManyLoginsAtTheSameTime(t *testing.T) {
	a, login := mustSetUp(t, newStore())
	var all sync.WaitGroup
	var refused atomic.Int64
	for i := range 16 {
		all.Go(func() {
			_, err := a.Login(t.Context(), "alice", "wrong", "10.2.0."+string(rune('0'+i)))
			if gateway.CodeOf(err) == gateway.Unauthorized {
				refused.Add(1)
			}
			if !running(a, login) {
				t.Error("the login ended")
			}
		})
	}
	all.Wait()
	if refused.Load() != 16 {
		t.Errorf("%d of 16 evaluated", refused.Load())
	}
}

func TestTheLastAdministratorStays(t *testing.T) {
	a, _ := mustSetUp(t, newStore())
	wantCode(t, "remove", a.RemoveUser(t.Context(), "alice", "test"), gateway.Conflict)
	err := put(t, a, gateway.User{Name: "alice", Role: gateway.RoleViewer}, password)
	wantCode(t, "make a viewer", err, gateway.Conflict)
}

func TestAUserHasABoundedNumberOfLogins(t *testing.T) {
	s := newStore()
	a, first := mustSetUp(t, s)
	var last gateway.Login
	for range 20 {
		var err error
		if last, err = a.Login(t.Context(), "alice", password, "10.0.0.4"); err != nil {
			t.Fatal(err)
		}
	}
	if running(a, first) || !running(a, last) || len(s.logins) > 20 {
		t.Errorf("%d logins are stored", len(s.logins))
	}
}

func TestADeadStoreLetsNobodyIn(t *testing.T) {
	s := newStore()
	a, _ := mustSetUp(t, s)
	s.failing.Store(true)
	if _, err := a.Login(t.Context(), "alice", password, "10.0.0.4"); !errors.Is(err, errDisk) {
		t.Errorf("log in: %v", err)
	}
	if err := put(t, a, gateway.User{Name: "eve", Role: gateway.RoleAdministrator}, password); !errors.Is(err, errDisk) {
		t.Errorf("put: %v", err)
	}
	if len(a.Users()) != 1 {
		t.Error("a user who is not stored")
	}
	if _, err := access.New(t.Context(), access.Options{Store: s, Tokens: s}); !errors.Is(err, errDisk) {
		t.Errorf("open: %v", err)
	}
}

func TestABrokenHashLetsNobodyIn(t *testing.T) {
	for _, hash := range []string{
		"", "plain", "$2a$10$abc", "$argon2id$v=19$m=19456,t=2,p=1$AAAA$AAAA", "$argon2id$v=19$m=99999999,t=2,p=1$AAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=x,t=2,p=1$AAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAA",
	} {
		s := newStore()
		s.accounts["bob"] = gateway.Account{User: gateway.User{Name: "bob", Role: gateway.RoleAdministrator}, PasswordHash: hash}
		if _, err := mustAccess(t, s, nil).Login(t.Context(), "bob", "", "10.0.0.4"); err == nil {
			t.Errorf("hash %q let somebody in", hash)
		}
	}
}
