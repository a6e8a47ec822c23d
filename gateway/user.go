package gateway

import "context"

// Role is what a user may do on the page and in the API. A higher role may do all that a lower one may.
type Role string

// The roles, lowest first. RoleNone is a visitor who has not signed in.
const (
	RoleNone          Role = ""
	RoleViewer        Role = "viewer"
	RoleOperator      Role = "operator"
	RoleAdministrator Role = "administrator"
)

var roleRank = map[Role]int{RoleNone: 0, RoleViewer: 1, RoleOperator: 2, RoleAdministrator: 3}

// Allows reports whether r may do what needs at least the role least.
func (r Role) Allows(least Role) bool { return roleRank[r] >= roleRank[least] }

// Valid reports whether r is a role that a user can have.
func (r Role) Valid() bool { return roleRank[r] > 0 }

// User is a person who may open the page.
type User struct {
	Name string `json:"name"`
	Role Role   `json:"role"`
}

// Access answers who may log in; see gateway/access.
type Access interface {
	// SetUpDone reports whether an administrator exists.
	SetUpDone() bool
	// SetUp makes the first administrator with the one-time token and logs in. Forbidden: wrong token; Conflict: done
	// before; Invalid: the password is too weak.
	SetUp(ctx context.Context, token, name, password, address string) (Login, error)
	// Login checks name and password. Unauthorized, Forbidden when the account is disabled, or TooMany after 10 attempts in
	// a minute from one address.
	Login(ctx context.Context, name, password, address string) (Login, error)
	// Session finds the user of a cookie's token; false when it is unknown or over.
	Session(token string) (Login, bool)
	// Logout ends the session of a token.
	Logout(token string)
}

// Person is a user with what the user may do on MQTT.
type Person struct {
	User
	// Disabled keeps the account, but lets the person in nowhere.
	Disabled bool `json:"disabled,omitempty"`
	// MQTT is nil for the many who only open the page: their password does not open MQTT.
	MQTT *MQTTRights `json:"mqtt,omitempty"`
}

// MQTTUser is the account of a device or program that speaks MQTT. It never opens the page.
type MQTTUser struct {
	Name string `json:"name"`
	// Disabled keeps the account, but lets nobody in with it.
	Disabled bool       `json:"disabled,omitempty"`
	Rights   MQTTRights `json:"rights"`
}

// Users are the people who may open the page; see gateway/access. Each change is on disk and in force when the method
// returns; author is who makes it, for the log.
type Users interface {
	// Users gives all people, sorted by name.
	Users() []Person
	// AddUser adds a person. Invalid: the name is taken, or something does not do.
	AddUser(ctx context.Context, person Person, password, author string) error
	// ChangeUser gives a person another role, other rights, and a new password unless it is empty; the person has to log in
	// again. Conflict: nobody would be administrator any more.
	ChangeUser(ctx context.Context, person Person, password, author string) error
	// RemoveUser removes a person. Conflict: it is the last administrator.
	RemoveUser(ctx context.Context, name, author string) error
}

// MQTTUsers are the accounts of devices and programs; see gateway/access. Each change is on disk and in force when the
// method returns, also for those who are connected; author is who makes it, for the log.
type MQTTUsers interface {
	// MQTTUsers gives all of them, sorted by name.
	MQTTUsers() []MQTTUser
	// AddMQTTUser adds one; without preset and with nil rules it gets PresetNew. Invalid: the name is taken, by a person or
	// another client, or something does not do.
	AddMQTTUser(ctx context.Context, user MQTTUser, password, author string) (MQTTUser, error)
	// ChangeMQTTUser replaces what is known of one, and its password unless that is empty.
	ChangeMQTTUser(ctx context.Context, user MQTTUser, password, author string) error
	// RemoveMQTTUser removes one, with its sessions and what is queued for it.
	RemoveMQTTUser(ctx context.Context, name, author string) error
	// MayMQTT says what would be answered to a client, and why.
	MayMQTT(question MQTTQuestion) (MQTTAnswer, error)
}

// MQTTQuestion asks whether a client may do something.
type MQTTQuestion struct {
	// User is the name of an account; empty for a client that has none.
	User     string `json:"user,omitempty"`
	ClientID string `json:"clientId"`
	// Listener is the ID of the one that the client comes through; empty: one that lets it in.
	Listener string `json:"listener,omitempty"`
	// Action is publish or subscribe.
	Action Action `json:"action"`
	// Topic is a topic to publish to, or a filter to subscribe to.
	Topic string `json:"topic"`
}

// MQTTAnswer is the answer to a MQTTQuestion.
type MQTTAnswer struct {
	Allowed bool      `json:"allowed"`
	Reason  MQTTCause `json:"reason"`
	// Rule is the rule that decided, counted from 0; for a filter the first that refuses a part of it. Absent when no rule
	// has the topic.
	Rule *int `json:"rule,omitempty"`
	// Decided is that rule itself, and Preset the set that it is from, if it is from one.
	Decided *Rule  `json:"decided,omitempty"`
	Preset  string `json:"preset,omitempty"`
}

// MQTTCause is why the answer is what it is.
type MQTTCause string

// The causes.
const (
	CauseRule     MQTTCause = "rule"
	CauseNoRule   MQTTCause = "no_rule"
	CauseReserved MQTTCause = "reserved"  // a topic that starts with $
	CauseDisabled MQTTCause = "disabled"  // the account is
	CauseNoRight  MQTTCause = "no_rights" // a person without the right to use MQTT
	CauseNoName   MQTTCause = "no_name"   // the listener lets nobody in without a name
)

// Account is a person or an MQTT user as it is stored: with the hash of the password, never the password. Both have one
// space of names.
type Account struct {
	// User has no role when this is an MQTT user.
	User
	// PasswordHash is a PHC string ($argon2id$v=19$...).
	PasswordHash string
	// Scram are the keys for SCRAM-SHA-256, in the form of RFC 5803: SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey. Empty
	// for people: these keys are cheaper to guess than PasswordHash.
	Scram    string
	Disabled bool
	// MQTT is nil for an account that does not open MQTT.
	MQTT *MQTTRights
}

// IsPerson tells people, who have a role on the page, from MQTT users.
func (a *Account) IsPerson() bool { return a.Role != RoleNone }
