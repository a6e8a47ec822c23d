package access

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
)

// Options are what access needs.
type Options struct {
	Store  Store
	Tokens TokenStore
	// SetupToken makes the first administrator: at least 128 random bits, or what the owner of the machine has chosen.
	// An empty one never fits.
	SetupToken string
	// NameKey are 32 random bytes that stay the same across restarts; see SCRAM-SHA-256.
	NameKey []byte
	// Changed, which may be nil, puts a change in force for MQTT clients that are connected, before the method that made
	// it returns. It is called with no lock held, one change after the other.
	Changed func(ctx context.Context, change mqtt.AccessChange) error
	Logger  *slog.Logger
}

// Access knows the accounts and the logins that run. All methods may be called from any goroutine.
type Access struct {
	store      Store
	tokenStore TokenStore
	setupToken [sha256.Size]byte
	canSetUp   bool
	nameKey    []byte
	memoryKey  []byte
	changed    func(context.Context, mqtt.AccessChange) error
	logger     *slog.Logger
	// people and clients count attempts on the page and over MQTT: a device with a wrong password keeps nobody from the page.
	people, clients *limiter
	hasher          *hasher
	rights          atomic.Pointer[rights]
	// changing has one place, for whoever changes accounts or listeners: a change waits for the disk.
	changing chan struct{}

	mu       sync.Mutex // guards everything that follows
	accounts map[string]gateway.Account
	logins   map[[sha256.Size]byte]*login
	tokens   map[[sha256.Size]byte]*bearer
	// marks are passwords of MQTT clients that were right, at most one for each account; see remember.go.
	marks     map[string][sha256.Size]byte
	settingUp bool // somebody holds the right token at this moment
}

var (
	_ gateway.Access    = (*Access)(nil)
	_ gateway.Logins    = (*Access)(nil)
	_ gateway.Tokens    = (*Access)(nil)
	_ gateway.Users     = (*Access)(nil)
	_ gateway.MQTTUsers = (*Access)(nil)
)

// New reads accounts and logins.
func New(ctx context.Context, options Options) (*Access, error) {
	a := &Access{
		store:      options.Store,
		tokenStore: options.Tokens,
		setupToken: sha256.Sum256([]byte(options.SetupToken)),
		canSetUp:   options.SetupToken != "",
		nameKey:    options.NameKey,
		memoryKey:  newMemoryKey(),
		changed:    options.Changed,
		logger:     options.Logger,
		people:     newLimiter(),
		clients:    newLimiter(),
		hasher:     newHasher(),
		changing:   make(chan struct{}, 1),
		accounts:   map[string]gateway.Account{},
		logins:     map[[sha256.Size]byte]*login{},
		tokens:     map[[sha256.Size]byte]*bearer{},
		marks:      map[string][sha256.Size]byte{},
	}
	if a.logger == nil {
		a.logger = slog.New(slog.DiscardHandler)
	}
	if a.changed == nil {
		a.changed = func(context.Context, mqtt.AccessChange) error { return nil }
	}
	a.rights.Store(newRights())
	accounts, err := a.store.Accounts(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the users: %w", err)
	}
	for _, account := range accounts {
		a.accounts[account.Name] = account
	}
	a.mu.Lock()
	a.grantLocked()
	a.mu.Unlock()
	if err := a.loadTokens(ctx); err != nil {
		return nil, err
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
		if account.Role == gateway.RoleAdministrator && !account.Disabled {
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
	if !a.people.take(address) {
		return gateway.Login{}, errTooMany()
	}
	given := sha256.Sum256([]byte(token))
	if subtle.ConstantTimeCompare(given[:], a.setupToken[:]) != 1 || !a.canSetUp {
		a.logger.WarnContext(ctx, "set-up with a wrong token", "address", address)
		return gateway.Login{}, gateway.Errorf(gateway.Forbidden,
			"this is not the set-up token: it is printed at the start of the gateway, and shown again by tidegate setup")
	}
	a.people.giveBack(address)
	if !a.beginSetUp() {
		return gateway.Login{}, errSetUpDone()
	}
	defer a.endSetUp()
	user := gateway.User{Name: name, Role: gateway.RoleAdministrator}
	if err := a.AddUser(ctx, gateway.Person{User: user}, password, "set-up"); err != nil {
		return gateway.Login{}, err
	}
	a.logger.InfoContext(ctx, "the first administrator is there", "user", name, "address", address)
	return a.open(ctx, user, address)
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

// Login checks name and password. It takes as long for a name that does not exist. MQTT users do not exist here.
func (a *Access) Login(ctx context.Context, name, password, address string) (gateway.Login, error) {
	account, known := a.account(name)
	if !account.IsPerson() {
		account = gateway.Account{}
	}
	right, err := a.evaluate(ctx, a.people, address, account, password)
	if err != nil {
		return gateway.Login{}, err
	}
	if !known || !right {
		a.logger.WarnContext(ctx, "log-in refused", "user", shortened(name), "address", address)
		return gateway.Login{}, gateway.Errorf(gateway.Unauthorized, "name or password is wrong")
	}
	if now, _ := a.account(name); now.PasswordHash != account.PasswordHash || now.User != account.User ||
		now.Disabled != account.Disabled {
		return gateway.Login{}, gateway.Errorf(gateway.Unauthorized, "the user was changed at this moment: log in again")
	}
	if account.Disabled {
		a.logger.WarnContext(ctx, "log-in to a disabled account", "user", name, "address", address)
		return gateway.Login{}, gateway.Errorf(gateway.Forbidden, "this account is switched off: ask an administrator")
	}
	return a.open(ctx, account.User, address)
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
