// Package broker is the embedded MQTT broker: 3.1, 3.1.1 and 5.0 over any listener, and sessions inside this process.
//
// New makes it, Open loads what a Store kept, Run does what is due without a client, and Serve accepts connections; Run
// and Serve block until their context ends. Session gives a session to a part of this process: a bridge, the drivers.
//
//	reader ─▶ publish ─▶ topics ─▶ place (position, unit) ─▶ Store ─▶ settle ─▶ PUBACK
//	                                 │
//	                                 ▼
//	                        session: window | disk | tail ─▶ link ─▶ writer, or Receive
//
// # Guarantees
//
// What is acknowledged is kept: PUBACK, PUBREC, PUBCOMP, SUBACK, UNSUBACK and CONNACK of sessions that expire later than
// their connection leave after the commit of what they promise; PUBREL leaves after the commit of the PUBREC.
//
// Messages keep the order of their publisher, to each session, across reconnects and restarts. Positions in a session
// and units in the store get their order in one step, so a reader of the backlog never skips what is not committed yet.
//
// A QoS 2 message is taken over once: its origin is stored in the same unit. At QoS 0 and 1 a message may be handed to a
// connected receiver before its commit; acknowledged by then, it is never written. At QoS 2 it is not.
//
// No client can make another one wait: queues are bounded, a full one gives up its oldest entry that is not in flight,
// and only the disk makes a publisher wait. A client that does not read is disconnected.
//
// # What it does not do
//
// It has no enhanced authentication, no TLS or WebSocket of its own (a listener may bring them), and no order between
// messages of different quality. A session ends at its expiry counted while the broker runs: what passed while it was
// down does not count, because the clock may have been wrong.
package broker
