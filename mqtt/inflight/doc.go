// Package inflight is QoS 1 and 2 as state machines without I/O, used alike by the broker for its clients and by our
// client for its server. One Outbound and one Inbound belong to one network connection and end with it: what a session
// keeps longer is in its deliveries and in the broker's store.
//
//	Outbound   Add ─▶ PUBLISH ─▶ Puback ─────────────────────────────────────────▶ Settle
//	           Add ─▶ PUBLISH ─▶ Pubrec ─▶ Received, on disk ─▶ PUBREL ─▶ Pubcomp ─▶ Settle
//	Inbound    Arrive (PUBLISH, PUBREL) ─▶ Slot.Settle, on disk ─▶ Next ─▶ PUBACK, PUBREC, PUBCOMP in order of arrival
//
// Both are safe for concurrent use, never block, and call nothing foreign while they hold their lock.
package inflight
