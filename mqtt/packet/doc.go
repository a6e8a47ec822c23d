// Package packet is the codec of MQTT 3.1, 3.1.1 and 5.0: one for all three, one file for each control packet.
//
// Append encodes a packet at the end of a buffer, Decode reads one from the bytes of its body, and Reader takes packets
// from a connection:
//
//	bytes ──▶ Reader.Next ──▶ Decode ──▶ *Publish, *Ack, ... ──▶ Append ──▶ bytes
//
// # Guarantees
//
// Decode is strict. What it accepts obeys every rule of the standard that can be seen in one packet: flags, lengths,
// text, identifiers, properties, reason codes, topic names and filters. What it refuses is an *Error with the reason
// code to answer with and the clause that was broken. It never panics, and needs memory in proportion to the bytes
// that arrived, never to a length that was only announced. What it accepts encodes again to a packet of the same value.
//
// Append refuses what Decode would refuse, as far as text, lengths, identifiers, properties and reason codes go.
//
// # What it does not do
//
// It knows no state and no direction: the order of packets, which side may send what, identifiers in use, topic aliases
// in force and session rules belong to broker and client.
//
// Clauses are cited by their number in MQTT 5.0, also for the same rule in 3.1.1 where the number differs.
package packet
