package broker

import (
	"context"

	"github.com/tidegate/tidegate/mqtt"
)

// Store keeps what must survive. storage/queue implements it; Memory is for brokers without a disk.
type Store interface {
	// Load reads what the broker needs to start.
	Load(ctx context.Context) (mqtt.Snapshot, error)
	// Admit waits until the store has room for a unit of about size bytes: only the disk makes a publisher wait. It
	// returns ctx's error when that takes too long, or mqtt.QuotaExceeded when nothing can be taken at present. Size 0 is
	// for what only removes: it waits its turn, and a full disk takes it. What repeats need not ask.
	Admit(ctx context.Context, size int) error
	// Commit puts a unit at the end of the order and returns at once. done, which may be nil, is called exactly once
	// after the commit, on the committer's goroutine: nil means that it is on disk as the durability level promises,
	// mqtt.ErrUncertain that it may be.
	Commit(unit *mqtt.Unit, done mqtt.Settle)
	// Backlog reads committed deliveries of a session's lane at positions >= from, oldest first, with their messages: at
	// most limit, and no more than the first one beyond maxBytes. Rows are marked as written. One without Message was
	// damaged: the store removes it.
	Backlog(ctx context.Context, session string, lane mqtt.Lane, from uint64, limit, maxBytes int) ([]*mqtt.Queued, error)
	// Remove gives up some of the oldest deliveries of a lane, one bounded step behind all units that were handed over
	// before, with their lines in the audit. It returns at once; done is as for Commit.
	Remove(removal mqtt.Removal, done func(mqtt.Removed, error))
}

// Access answers who may do what on MQTT; gateway/access implements it.
type Access interface {
	// Authenticate checks a login and gives the user name that counts from now on, empty for none. The error is a
	// mqtt.ReasonCode: BadUserNameOrPassword, NotAuthorized, or ConnectionRateExceeded when the address has tried too
	// often. It may take tens of milliseconds.
	Authenticate(ctx context.Context, login Login) (user string, err error)
	// Begin starts an enhanced authentication (MQTT 5, 4.12), at CONNECT and again while connected. The error is
	// BadAuthenticationMethod for a method that is not offered, or one of Authenticate's. The exchange is used by one
	// goroutine at a time, and dropped when the client does not go on.
	Begin(ctx context.Context, login Login, method string) (mqtt.Exchange, error)
	// MayPublish and MaySubscribe answer from memory, without waiting. When their answers change for clients that are here,
	// Recheck has to be called.
	MayPublish(client Client, topic string) bool
	MaySubscribe(client Client, filter string) bool
}

// Login is what a CONNECT says about who it is.
type Login = mqtt.Login

// Client is who is behind a connection.
type Client = mqtt.Client
