package mqtt

// AccessChange is a change of who may do what, for those who are connected or have a session.
type AccessChange struct {
	// Concerns reports whether a client is concerned. It answers from memory.
	Concerns func(Client) bool
	// Disconnect ends the connections of these clients with this code. Success: they go on, without the subscriptions that
	// they may not have any more.
	Disconnect ReasonCode
	// Forget ends their sessions with everything that is queued for them.
	Forget bool
}
