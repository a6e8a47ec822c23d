// Package modbus reads and writes points over Modbus: TCP, also within TLS, RTU and ASCII, the latter two over a serial port
// or through a serial server.
//
//	points -> address.go -> plan.go -> goburrow's client -> transport.go -> rtu.go ascii.go tcp.go -> drivers/line
//	          where they     which      makes the frame,    one exchange:   finds the reply in
//	          are            requests   reads the answer    send, wait      what came
//
// # What is guaranteed
//
// A value is the answer to the question that was asked. Each reply is compared with its request: unit, function, byte
// count, checksum or transaction id, echo of a write. What does not fit is dropped and the wire is read on until the
// deadline, which is absolute. Serial Modbus has no transaction ids, so a reply that comes after its deadline looks like
// the reply to the next request; see shield.go for how it is told apart.
//
// One dead or wrong point does no harm to others: a refused request is taken apart until the point that is refused stands
// alone, and what was learned is kept, by others also while the gateway is off; see memory.go.
//
// Functions that goburrow's client gets wrong (24) or lacks (17, 43/14) go through its packagers with checks of our own;
// see identify.go. On a serial wire such a question is not repeated while a late answer to it may still come.
//
// # What is not
//
// The driver does not decide when to poll and does not reconnect: an error from Poll means that the wire has to be opened
// again. Points are never written by broadcast; only a person can have one sent, see Driver.Broadcast.
package modbus
