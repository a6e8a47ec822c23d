package packet

import (
	"fmt"

	"github.com/tidegate/tidegate/mqtt"
)

// Error says why a packet cannot be accepted, or encoded. It unwraps to its mqtt.ReasonCode.
type Error struct {
	// Code is what the other side is told before the connection closes, where the version has a way to tell it.
	Code mqtt.ReasonCode
	// Clause is the statement that was broken: "MQTT-3.3.1-4" is one of MQTT 5.0, which 3.1.1 mostly has too,
	// "MQTT3-3.1.2-22" one of 3.1.1 alone. Empty where the standard gives it no number.
	Clause string
	// Packet is the type of the packet, 0 when not even that is certain.
	Packet Type
	text   string
}

// Error is the packet, the reason and the clause in one line, without anything of the packet's content.
func (e *Error) Error() string {
	where := ""
	if e.Packet != 0 {
		where = e.Packet.String() + ": "
	}
	if e.Clause == "" {
		return fmt.Sprintf("%s%s: %s", where, e.Code, e.text)
	}
	return fmt.Sprintf("%s%s: %s [%s]", where, e.Code, e.text, e.Clause)
}

// Unwrap is the reason code, so that errors.Is and errors.AsType find it.
func (e *Error) Unwrap() error { return e.Code }
