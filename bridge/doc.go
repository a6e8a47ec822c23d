// Package bridge forwards chosen topics to another broker and brings chosen topics from there.
//
// A bridge is a persistent session of our own broker whose client is us. It has no queue of its own: what the other
// broker did not acknowledge is in the session, on disk, and stays there over any outage.
//
//	session ─▶ Link.Receive ─▶ rename ─▶ client.Send ─▶ the other broker
//	   ▲ ▲                                   │
//	   │ └── Received, Settle ◀── PUBREC, PUBACK, PUBCOMP
//	   └── Publish, Release ◀── rename ◀── client ◀── the other broker
//
// Run attaches to the session first and dials second, and repeats both for ever, with a growing pause. Nothing local ever
// waits for the other broker.
//
// # Guarantees
//
// A message is removed from the session when the other broker acknowledged it, not before. QoS 2 is exactly once, also
// when gateway or link die at any byte, as long as the other broker keeps its session. When it lost that (session present
// 0), what it had taken over with PUBREC counts as taken, and the rest of what was in flight is sent again and counted
// as possibly twice: at most one window.
//
// Messages of urgent routes have a lane of the session to themselves and are sent first, within the same window; the others
// get at least one of nine. Order is kept per topic and QoS, also when a route becomes urgent while messages wait.
//
// With a share for live data there are two streams instead, each in its order: what came while the other broker was there, and
// the backlog, which gets the rest and is marked with the user property historical over MQTT 5. Urgent messages go with the live
// ones.
//
// What the other broker refuses for good is parked with the reason, out of the way of the others, until somebody sends it again
// or throws it away; what it refuses for now, for want of room, is sent again on another connection.
// A message over which it ends three connections, alone on its way and with a reason that is about a message, is parked too.
// References to other servers are followed, four in a row without anything being sent.
//
// # What it does not do
//
// Over MQTT 3.1.1 routes that bring back what they send are refused, but nothing prevents loops over several bridges: what
// seems to go round is counted, for an alarm. Over MQTT 5 subscriptions are no-local on both sides, and a user property counts the bridges that a message
// came over: after the eighth it is given up.
package bridge
