// Package poller runs one connection: it opens the wire, reads each device at its interval, publishes the readings and
// backs off when something fails. The driver is used by one goroutine at a time, that of Run or one it waits for; writes
// and tests are requests to it, executed between two polls and before any poll that is due.
//
//	Open -> Poll, Poll, Write, Poll ... -> reading -> live values
//	  ^                |                          `-> message -> bounded queue -> Publish (its own goroutine)
//	  '- back-off <----' wire gone
//
// What goes wrong is a state with a reason, and readings of bad quality without a value, published once per change. A
// device that does not answer is probed with growing distance until it does. Whatever the disk and the broker do, the
// poller polls on and serves live values; it counts the durable copies that it has to give up.
package poller
