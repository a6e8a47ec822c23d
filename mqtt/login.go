package mqtt

// Client is who is behind a connection, for access rules.
type Client struct {
	ID       string
	Username string
	// Address is where the connection comes from, without the port; empty for the gateway's own sessions.
	Address string
}

// Login is a Client who has to prove it.
type Login struct {
	Client
	// HasPassword is false when CONNECT carried neither user name nor password: an anonymous client.
	HasPassword bool
	Password    []byte
}
