package mqtt

import (
	"context"
	"crypto/x509"
)

// Client is who is behind a connection, for access rules.
type Client struct {
	ID       string
	Username string
	// Address is where the connection comes from, without the port; empty for the gateway's own sessions.
	Address string
	// Listener is the ID of the listener that took the connection; empty for the gateway's own sessions.
	Listener string
}

// Login is a Client who has to prove it.
type Login struct {
	Client
	// HasPassword is false when CONNECT carried neither user name nor password: an anonymous client.
	HasPassword bool
	Password    []byte
	// Certificate is the client's, verified against the listener's authorities; nil when there is none.
	Certificate *x509.Certificate
}

// Exchange is an enhanced authentication that is under way (MQTT 5, 4.12). It belongs to one connection.
type Exchange interface {
	// Step takes the client's authentication data and gives the server's. done: the client has proved it, and user is the
	// name that counts from now on. The error is a ReasonCode.
	Step(ctx context.Context, data []byte) (answer []byte, user string, done bool, err error)
}
