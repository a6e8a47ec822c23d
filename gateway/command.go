package gateway

import "context"

// Commander is a driver that sends what somebody else has made up. It is used like a Driver: by one goroutine.
type Commander interface {
	Driver
	// Raw sends a function code with its data to a unit and gives the reply in the same form, an exception too. A
	// gateway.Error is about the device or about pdu; every other error means that the wire is gone or ctx has ended. It
	// blocks for the connection's timeout and the time on the wire at the longest, and sends nothing twice.
	Raw(ctx context.Context, unit int, pdu []byte) ([]byte, error)
	// Broadcast writes a value to all devices of a serial line at once. Nobody answers, so nobody knows what they did.
	Broadcast(ctx context.Context, point Point, value Value) error
}

// Commands are what an administrator may send on a wire beside reading and writing points; see Commander. A connection that
// runs is used between its polls.
type Commands interface {
	Raw(ctx context.Context, connection Connection, unit int, pdu []byte) ([]byte, error)
	Broadcast(ctx context.Context, connection Connection, point Point, value Value) error
}
