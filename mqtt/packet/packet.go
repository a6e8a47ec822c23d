package packet

import "github.com/tidegate/tidegate/mqtt"

// Version is the protocol level of a connection [MQTT-3.1.2-2].
type Version byte

// The protocol levels that Tidegate speaks.
const (
	V31  Version = 3
	V311 Version = 4
	V5   Version = 5
)

// Type is the control packet type, the upper four bits of the first byte (MQTT 5, 2.1.2).
type Type byte

// The control packet types.
const (
	CONNECT     Type = 1
	CONNACK     Type = 2
	PUBLISH     Type = 3
	PUBACK      Type = 4
	PUBREC      Type = 5
	PUBREL      Type = 6
	PUBCOMP     Type = 7
	SUBSCRIBE   Type = 8
	SUBACK      Type = 9
	UNSUBSCRIBE Type = 10
	UNSUBACK    Type = 11
	PINGREQ     Type = 12
	PINGRESP    Type = 13
	DISCONNECT  Type = 14
	AUTH        Type = 15
)

// Packet is one control packet: *Connect, *Connack, *Publish, *Ack, *Subscribe, *Suback, *Unsubscribe, *Unsuback,
// *Ping, *Disconnect or *Auth.
type Packet interface {
	Type() Type
}

// Connect opens a connection (MQTT 5, 3.1).
type Connect struct {
	Version    Version
	CleanStart bool
	KeepAlive  uint16 // seconds; 0 switches it off
	ClientID   string
	Username   *string // nil: not sent
	Password   []byte  // nil: not sent
	Will       *mqtt.Will
	WillExpiry *uint32 // message expiry interval of the will in seconds; nil: none. MQTT 5 only
	// Bridge is the private bit 0x80 of the protocol level by which Mosquitto's bridges announce themselves.
	Bridge bool

	// MQTT 5 only.
	SessionExpiry     uint32 // seconds; absent is 0
	ReceiveMaximum    uint16 // absent is 65,535, which is what Decode gives then, in every version; 0 is not sent
	MaximumPacketSize uint32 // 0: no limit
	TopicAliasMaximum uint16
	RequestResponse   bool
	NoProblemInfo     bool // request problem information = 0
	AuthMethod        string
	AuthData          []byte
	User              []mqtt.UserProperty
}

// Connack answers Connect (MQTT 5, 3.2). Up to 3.1.1 only SessionPresent and a return code go out: Code is mapped.
type Connack struct {
	SessionPresent bool
	Code           mqtt.ReasonCode

	// MQTT 5 only. Zero values mean absent, with the standard's default.
	SessionExpiry       *uint32
	ReceiveMaximum      uint16
	MaximumQoS          *mqtt.QoS
	RetainUnavailable   bool
	MaximumPacketSize   uint32
	AssignedClientID    string
	TopicAliasMaximum   uint16
	ReasonString        string
	User                []mqtt.UserProperty
	NoWildcards         bool
	NoSubscriptionIDs   bool
	NoShared            bool
	ServerKeepAlive     *uint16
	ResponseInformation string
	ServerReference     string
	AuthMethod          string
	AuthData            []byte
}

// Publish carries a message (MQTT 5, 3.3).
type Publish struct {
	DUP      bool
	QoS      mqtt.QoS
	Retain   bool
	Topic    string // may be empty with a TopicAlias
	PacketID uint16 // 0 at QoS 0
	Payload  []byte

	// MQTT 5 only.
	Properties    mqtt.Properties
	MessageExpiry *uint32 // seconds left
	TopicAlias    uint16  // 0: none
	Subscriptions []uint32
}

// Ack is PUBACK, PUBREC, PUBREL or PUBCOMP, as Kind says (MQTT 5, 3.4 to 3.7).
type Ack struct {
	Kind         Type
	PacketID     uint16
	Code         mqtt.ReasonCode // MQTT 5 only; Success where absent
	ReasonString string
	User         []mqtt.UserProperty
}

// Subscribe asks for topics (MQTT 5, 3.8). The identifier of the packet is copied into each subscription.
type Subscribe struct {
	PacketID      uint16
	Subscriptions []mqtt.Subscription
	User          []mqtt.UserProperty
}

// Suback answers Subscribe with one code for each filter; up to 3.1.1 failures go out as 0x80 (MQTT 5, 3.9).
type Suback struct {
	PacketID     uint16
	Codes        []mqtt.ReasonCode
	ReasonString string
	User         []mqtt.UserProperty
}

// Unsubscribe ends subscriptions (MQTT 5, 3.10).
type Unsubscribe struct {
	PacketID uint16
	Filters  []string
	User     []mqtt.UserProperty
}

// Unsuback answers Unsubscribe; the codes go out at MQTT 5 only (3.11).
type Unsuback struct {
	PacketID     uint16
	Codes        []mqtt.ReasonCode
	ReasonString string
	User         []mqtt.UserProperty
}

// Ping is PINGREQ, or PINGRESP when Response is set (MQTT 5, 3.12 and 3.13).
type Ping struct {
	Response bool
}

// Disconnect ends a connection (MQTT 5, 3.14). Up to 3.1.1 it is sent by clients only and carries nothing.
type Disconnect struct {
	Code            mqtt.ReasonCode
	SessionExpiry   *uint32
	ReasonString    string
	User            []mqtt.UserProperty
	ServerReference string
}

// Auth is enhanced authentication (MQTT 5, 3.15).
type Auth struct {
	Code         mqtt.ReasonCode
	Method       string
	Data         []byte
	ReasonString string
	User         []mqtt.UserProperty
}

// Type is CONNECT.
func (*Connect) Type() Type { return CONNECT }

// Type is CONNACK.
func (*Connack) Type() Type { return CONNACK }

// Type is PUBLISH.
func (*Publish) Type() Type { return PUBLISH }

// Type is the Kind of acknowledgement.
func (a *Ack) Type() Type { return a.Kind }

// Type is SUBSCRIBE.
func (*Subscribe) Type() Type { return SUBSCRIBE }

// Type is SUBACK.
func (*Suback) Type() Type { return SUBACK }

// Type is UNSUBSCRIBE.
func (*Unsubscribe) Type() Type { return UNSUBSCRIBE }

// Type is UNSUBACK.
func (*Unsuback) Type() Type { return UNSUBACK }

// Type is PINGREQ or PINGRESP.
func (p *Ping) Type() Type {
	if p.Response {
		return PINGRESP
	}
	return PINGREQ
}

// Type is DISCONNECT.
func (*Disconnect) Type() Type { return DISCONNECT }

// Type is AUTH.
func (*Auth) Type() Type { return AUTH }
