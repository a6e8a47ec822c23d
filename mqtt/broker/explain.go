package broker

import (
	"errors"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// explanations are the reason strings: what a code means here, and what the client can do about it.
var explanations = map[mqtt.ReasonCode]string{
	mqtt.ClientIdentifierNotValid: "choose another client identifier: 1 to 1024 bytes, not beginning with $",
	mqtt.BadUserNameOrPassword:    "user name or password is wrong",
	mqtt.NotAuthorized:            "the rules of the gateway do not allow this",
	mqtt.ServerBusy:               "too many clients, or the disk does not answer: try again later",
	mqtt.BadAuthenticationMethod:  "this authentication method is not offered here",
	mqtt.ServerShuttingDown:       "the gateway stops",
	mqtt.KeepAliveTimeout:         "nothing came for one and a half times the keep alive",
	mqtt.SessionTakenOver:         "another connection came with this client identifier",
	mqtt.ReceiveMaximumExceeded:   "more unacknowledged publishes than the receive maximum of CONNACK",
	mqtt.TopicAliasInvalid:        "a topic alias above the maximum of CONNACK",
	mqtt.PacketTooLarge:           "a packet larger than the receiver takes",
	mqtt.QuotaExceeded:            "no room: a limit of the gateway is reached, or its disk is full",
	mqtt.AdministrativeAction:     "an administrator of the gateway ended this",
	mqtt.ConnectionRateExceeded:   "too many attempts from this address: wait a minute",
}

// explain finds words for a failure. Of what went wrong inside the broker a client is told no more than the code; a packet
// that broke a rule is no secret.
func (c *conn) explain(cause error) string {
	if !c.problemInfo || c.version != packet.V5 { // [MQTT-3.1.2-29]
		return ""
	}
	if broken, ok := errors.AsType[*packet.Error](cause); ok {
		return broken.Error()
	}
	code, _ := errors.AsType[mqtt.ReasonCode](cause)
	return explanations[code]
}

// appendAnswer encodes a packet that is no message. Its reason is left out where it does not fit [MQTT-3.2.2-19]
// [MQTT-3.4.2-2] [MQTT-3.5.2-2] [MQTT-3.9.2-1] [MQTT-3.14.2-3]; what is too large even then is an error, because the
// client waits for it in vain [MQTT-3.1.2-24].
func (c *conn) appendAnswer(buf []byte, p packet.Packet) ([]byte, error) {
	result, err := packet.Append(buf, c.version, p)
	if err != nil {
		return buf, err
	}
	if c.fits(len(result) - len(buf)) {
		return result, nil
	}
	if dropReason(p) {
		return c.appendAnswer(buf, p)
	}
	return buf, mqtt.PacketTooLarge
}

// dropReason reports whether there was a reason.
func dropReason(p packet.Packet) (had bool) {
	reason := new(string)
	switch p := p.(type) {
	case *packet.Connack:
		reason = &p.ReasonString
	case *packet.Ack:
		reason = &p.ReasonString
	case *packet.Suback:
		reason = &p.ReasonString
	case *packet.Disconnect:
		reason = &p.ReasonString
	}
	had = *reason != ""
	*reason = ""
	return had
}
