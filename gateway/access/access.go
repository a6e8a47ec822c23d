package access

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// Options are what access needs.
type Options struct {
	Store Store
	// SetupToken makes the first administrator: at least 128 random bits, or what the owner of the machine has chosen.
	// An empty one never fits.
	SetupToken string
	Logger     *slog.Logger
}

// Access knows the accounts and the logins that run. All methods may be called from any goroutine.
type Access struct {
	store      Store
	setupToken [sha256.Size]byte
	canSetUp   bool
	logger     *slog.Logger
	limiter    *limiter
	hasher     *hasher

	mu        sync.Mutex // guards everything that follows
	accounts  map[string]gateway.Account
	logins    map[[sha256.Size]byte]*login
	settingUp bool // somebody holds the right token at this moment
}

var _ gateway.Access = (*Access)(nil)

// New reads accounts and logins.
func New(ctx context.Context, options Options) (*Access, error) {
	a := &Access{
		store:      options.Store,
		setupToken: sha256.Sum256([]byte(options.SetupToken)),
		canSetUp:   options.SetupToken != "",
		logger:     options.Logger,
		limiter:    newLimiter(),
		hasher:     newHasher(),
		accounts:   map[string]gateway.Account{},
		logins:     map[[sha256.Size]byte]*login{},
	}
	if a.logger == nil {
		a.logger = slog.New(slog.DiscardHandler)
	}
	accounts, err := a.store.Accounts(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the users: %w", err)
	}
	for _, account := range accounts {
		a.accounts[account.Name] = account
	}
	return a, a.loadLogins(ctx)
}

// SetUpDone reports whether an administrator exists.
func (a *Access) SetUpDone() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.administratorsLocked() > 0
}

func (a *Access) administratorsLocked() int {
	count := 0
	for _, account := range a.accounts {
		if account.Role == gateway.RoleAdministrator {
			count++
		}
	}
	return count
}

// SetUp makes the first administrator with the one-time token and logs in. Attempts count like those of Login.
func (a *Access) SetUp(ctx context.Context, token, name, password, address string) (gateway.Login, error) {
	if a.SetUpDone() {
		return gateway.Login{}, errSetUpDone()
	}
	if !a.limiter.take(address) {
		return gateway.Login{}, errTooMany()
	}
	given := sha256.Sum256([]byte(token))
	if subtle.ConstantTimeCompare(given[:], a.setupToken[:]) != 1 || !a.canSetUp {
		a.logger.WarnContext(ctx, "set-up with a wrong token", "address", address)
		return gateway.Login{}, gateway.Errorf(gateway.Forbidden,
			"this is not the set-up token: it is printed at the start of the gateway, and shown again by tidegate setup")
	}
	a.limiter.giveBack(address)
	if !a.beginSetUp() {
		return gateway.Login{}, errSetUpDone()
	}
	defer a.endSetUp()
	user := gateway.User{Name: name, Role: gateway.RoleAdministrator}
	if err := a.PutUser(ctx, user, password); err != nil {
		return gateway.Login{}, err
	}
	a.logger.InfoContext(ctx, "the first administrator is there", "user", name, "address", address)
	return a.open(ctx, user)
}

func errSetUpDone() error {
	return gateway.Errorf(gateway.Conflict, "the gateway has an administrator already: log in")
}

func errTooMany() error {
	return gateway.Errorf(gateway.TooMany, "too many attempts from your address: wait a minute")
}

// beginSetUp lets one of several at the same time through.
func (a *Access) beginSetUp() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.settingUp || a.administratorsLocked() > 0 {
		return false
	}
	a.settingUp = true
	return true
}

func (a *Access) endSetUp() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.settingUp = false
}

// Login checks name and password. It takes as long for a name that does not exist.
func (a *Access) Login(ctx context.Context, name, password, address string) (gateway.Login, error) {
	if !a.limiter.take(address) {
		return gateway.Login{}, errTooMany()
	}
	account, known := a.account(name)
	right, err := a.hasher.check(ctx, account.PasswordHash, password)
	if err != nil {
		return gateway.Login{}, err
	}
	if !known || !right {
		a.logger.WarnContext(ctx, "log-in refused", "user", shortened(name), "address", address)
		return gateway.Login{}, gateway.Errorf(gateway.Unauthorized, "name or password is wrong")
	}
	if now, still := a.account(name); !still || now != account {
		return gateway.Login{}, gateway.Errorf(gateway.Unauthorized, "the user was changed at this moment: log in again")
	}
	a.limiter.giveBack(address)
	return a.open(ctx, account.User)
}

func (a *Access) account(name string) (gateway.Account, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	account, known := a.accounts[name]
	return account, known
}

// Users gives all users, sorted by name.
func (a *Access) Users() []gateway.User {
	a.mu.Lock()
	defer a.mu.Unlock()
	users := make([]gateway.User, 0, len(a.accounts))
	for _, account := range a.accounts {
		users = append(users, account.User)
	}
	slices.SortFunc(users, func(x, y gateway.User) int { return cmp.Compare(x.Name, y.Name) })
	return users
}

// PutUser adds a user or gives one a new role and password, and ends the user's logins. Invalid: the name or the
// password does not do; Conflict: nobody would be administrator any more.
func (a *Access) PutUser(ctx context.Context, user gateway.User, password string) error {
	if err := checkUser(user); err != nil {
		return err
	}
	if err := checkPassword(password, user.Name); err != nil {
		return err
	}
	if user.Role != gateway.RoleAdministrator && a.isLastAdministrator(user.Name) {
		return errLastAdministrator()
	}
	hash, err := a.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	account := gateway.Account{User: user, PasswordHash: hash}
	if err := a.store.PutAccount(ctx, account); err != nil {
		return fmt.Errorf("store user: %w", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.accounts[user.Name] = account
	a.endLoginsLocked(user.Name)
	return nil
}

// RemoveUser removes a user and ends the user's logins. NotFound: there is none; Conflict: it is the last administrator.
func (a *Access) RemoveUser(ctx context.Context, name string) error {
	if a.isLastAdministrator(name) {
		return errLastAdministrator()
	}
	if err := a.store.RemoveAccount(ctx, name); err != nil {
		return fmt.Errorf("remove user: %w", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.accounts, name)
	a.endLoginsLocked(name)
	return nil
}

func (a *Access) isLastAdministrator(name string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.accounts[name].Role == gateway.RoleAdministrator && a.administratorsLocked() == 1
}

func errLastAdministrator() error {
	return gateway.Errorf(gateway.Conflict, "this is the last administrator: make another one first")
}

// shortened keeps foreign text in the log within a line's length.
func shortened(text string) string {
	const limit = 64
	if len(text) > limit {
		return text[:limit] + "..."
	}
	return text
}

// now is wall time without the monotonic part, as it comes back from the store.
func now() time.Time { return time.Now().Round(0) }
