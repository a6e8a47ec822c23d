// Package client is a connection to another broker, for MQTT 3.1.1 and 5.0: what a bridge, the command line tools and
// the demo speak with.
//
// # Life
//
// Connect dials and returns after CONNACK; a refusal is a mqtt.ReasonCode. Passwords are sent, or proved by SCRAM. Run owns the connection from then on and
// returns why it ended. A Client is one connection: there is no reconnecting inside, who wants it calls Connect again.
//
//	Send, Publish ─▶ window ─▶ one buffer ─▶ writer ─▶ wire
//	Settle, Received ◀── Outbound ◀── acknowledgements ◀── reader ◀── wire
//	Receive, Release ◀── taker ◀── publishes ◀──┘   their acknowledgements leave in settle(nil), in order of arrival
//
// # Guarantees
//
// Nothing is settled before the other side acknowledged it, and nothing is acknowledged before it was settled here. The
// reader never waits for Receive: acknowledgements are handled while publishes wait. Each network call has a deadline.
// Memory is bounded by the window, the receive maximum and the packets that really arrive, never by an announced length.
//
// # What it does not do
//
// It keeps nothing across connections: sessions are the caller's, who hands each Delivery over again with Send.
package client
