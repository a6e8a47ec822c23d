package modbus

import "bytes"

// Half-duplex adapters that leave their receiver on give back what was sent. The replies to some writes are equal to their
// requests, so an echo cannot be told from a reply by looking at it: the user says that there is one, and then it is taken
// away once for each request.

// stripEcho takes the echo of the request off what came, with everything before it. False while it has not come.
func (x *exchange) stripEcho() bool {
	if x.echo == nil {
		return true
	}
	at := bytes.Index(x.bus.rest, x.echo)
	if at < 0 {
		return false
	}
	x.bus.rest = x.bus.rest[at+len(x.echo):]
	x.echo = nil
	return true
}

// echoHint says what is wrong with the setting when a request stays without an answer; empty when nothing is.
func (x *exchange) echoHint() string {
	switch {
	case x.echo != nil && len(x.bus.rest) > 0:
		return "what was sent did not come back: another program may be on the line, or the adapter has no echo (echo=off)"
	case x.echoed:
		return "what was sent comes back: switch the echo of the adapter off, or say echo=on in the address"
	}
	return ""
}
