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
// connected receiver before its commit; acknowledged by then, it is never written. At QoS 2 it is not. Receivers at QoS 1 who are
// here and usually quick get up to 20 ms for that (held.go); the publisher is told when all of them have it, or the disk.
//
// No client can make another one wait: queues are bounded in messages, bytes and age, and all together. A full one gives
// up its oldest entries that are not in flight, or refuses the message for all receivers before anything is stored
// (Overflow), and only the disk makes a publisher wait. A client that does not read is disconnected.
//
// Whatever is given up is counted by reason, logged at the beginning and the end of an episode, and written into the
// store's audit, with the commit that removes it where there is one.
//
// A message for a shared subscription waits in the queue of its group and is bound to a member when one is connected that
// has room, in turns; group.go and loan.go say how. What a member did not get goes to another one when its connection
// ends, what it did not acknowledge at QoS 1 when its session does. What was begun at QoS 2 never changes its member.
//
// # What it does not do
//
// After a crash nobody knows what of a group was sent at QoS 2 to a member and what was about to be: up to 16 messages
// are that member's then, and go with its session, with a line in the audit. A loan at QoS 1 is the group's again after a
// restart, and may be sent to another member than before.
//
// It has no TLS or WebSocket of its own (a listener may bring them), and no order between messages of different quality.
// It puts no user properties into packets of its own, and names no other server to go to. What passed while the broker was down counts as far as Options.Now counts it.
package broker
