// Package mqtt is the vocabulary of the protocol: messages, topics, reason codes, sessions and the contract by which a
// message changes hands. It does no I/O and starts nothing; its children do the work: packet (codec), inflight (QoS
// state machines), broker and client.
//
// # The hand-over
//
// Every hand-over is the same contract: take this, and settle it when it is yours.
//
//   - Publisher.Publish places a message in the order and settles it once: nil means that the receiver owns it (the
//     broker: committed to disk; the client: PUBACK or PUBCOMP), an error means that it is still the caller's.
//   - A receiver gets a Delivery: it records the other side's PUBREC with Received, and ends it with Settle.
//
// Callbacks (Settle) come on somebody else's goroutine, usually the committer's. They may set state or signal. They do
// no I/O, never block, and take no lock that anyone holds while calling Publish.
package mqtt
