package mqtttest

import (
	"strings"

	"pgregory.net/rapid"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/packet"
)

var (
	text    = rapid.StringMatching(`[a-zA-Z0-9 äß€😀/]{0,12}`)
	name    = rapid.StringMatching(`[a-z]{1,4}(/[a-zü]{0,4}){0,3}`)
	filters = rapid.SampledFrom([]string{"#", "+", "a/b", "a/+/c", "/", "+/+/#", "$SYS/#", "ü/€"})
	blob    = rapid.SliceOfN(rapid.Byte(), 0, 200)
	nonzero = rapid.Uint16Range(1, 65535)
	qos     = rapid.Map(rapid.ByteRange(0, 2), func(b byte) mqtt.QoS { return mqtt.QoS(b) })
	user    = rapid.SliceOfN(rapid.Custom(userProperty), 0, 3)
)

func userProperty(t *rapid.T) mqtt.UserProperty {
	return mqtt.UserProperty{Name: text.Draw(t, "name"), Value: text.Draw(t, "value")}
}

func maybe[V any](t *rapid.T, g *rapid.Generator[V], label string) *V {
	if !rapid.Bool().Draw(t, label+" present") {
		return nil
	}
	return new(g.Draw(t, label))
}

// bytesOrNil: absent and empty differ.
func bytesOrNil(t *rapid.T, label string) []byte {
	if b := maybe(t, blob, label); b != nil {
		return append([]byte{}, *b...)
	}
	return nil
}

func properties(t *rapid.T) mqtt.Properties {
	p := mqtt.Properties{
		PayloadFormat: maybe(t, rapid.ByteRange(0, 1), "format"), ContentType: text.Draw(t, "content type"),
		CorrelationData: bytesOrNil(t, "correlation"), User: user.Draw(t, "user"),
	}
	if rapid.Bool().Draw(t, "response") {
		p.ResponseTopic = name.Draw(t, "response topic")
	}
	return p
}

// AnyPacket draws a valid packet for connections of version v, of any type that the version has. What the version cannot
// carry stays empty, so that a round trip gives an equal value.
func AnyPacket(t *rapid.T, v packet.Version) packet.Packet {
	kinds := []func(*rapid.T, packet.Version) packet.Packet{
		anyConnect, anyConnack, anyPublish, anyAck, anySubscribe, anySuback, anyUnsubscribe, anyUnsuback, anyPing, anyDisconnect,
	}
	if v == packet.V5 {
		kinds = append(kinds, anyAuth)
	}
	return kinds[rapid.IntRange(0, len(kinds)-1).Draw(t, "kind")](t, v)
}

func anyConnect(t *rapid.T, v packet.Version) packet.Packet {
	p := &packet.Connect{
		Version: v, CleanStart: rapid.Bool().Draw(t, "clean"), KeepAlive: rapid.Uint16().Draw(t, "keep alive"),
		ClientID: text.Draw(t, "client"), Username: maybe(t, text, "user name"), ReceiveMaximum: 65535,
		Bridge: rapid.Bool().Draw(t, "bridge"),
	}
	if v == packet.V5 || p.Username != nil {
		p.Password = bytesOrNil(t, "password")
	}
	if rapid.Bool().Draw(t, "will") {
		p.Will = &mqtt.Will{Message: mqtt.Message{
			Topic: name.Draw(t, "will topic"), Payload: blob.Draw(t, "will payload"), QoS: qos.Draw(t, "will QoS"),
			Retain: rapid.Bool().Draw(t, "will retain"),
		}}
	}
	if v != packet.V5 {
		return p
	}
	if p.Will != nil {
		p.Will.Delay = rapid.Uint32().Draw(t, "delay")
		p.Will.Message.Properties = properties(t)
		p.WillExpiry = maybe(t, rapid.Uint32(), "will expiry")
	}
	p.SessionExpiry = rapid.Uint32().Draw(t, "expiry")
	p.ReceiveMaximum = nonzero.Draw(t, "receive maximum")
	p.MaximumPacketSize = rapid.Uint32().Draw(t, "maximum")
	p.TopicAliasMaximum = rapid.Uint16().Draw(t, "aliases")
	p.RequestResponse = rapid.Bool().Draw(t, "response")
	p.NoProblemInfo = rapid.Bool().Draw(t, "problem")
	p.User = user.Draw(t, "user")
	if p.AuthMethod = text.Draw(t, "method"); p.AuthMethod != "" {
		p.AuthData = bytesOrNil(t, "data")
	}
	return p
}

func anyConnack(t *rapid.T, v packet.Version) packet.Packet {
	p := &packet.Connack{}
	if v != packet.V31 {
		p.SessionPresent = rapid.Bool().Draw(t, "present")
	}
	if !p.SessionPresent {
		p.Code = rapid.SampledFrom([]mqtt.ReasonCode{0, 0x84, 0x85, 0x86, 0x87, 0x88}).Draw(t, "code")
	}
	if v != packet.V5 {
		return p
	}
	p.SessionExpiry = maybe(t, rapid.Uint32(), "expiry")
	p.ReceiveMaximum = rapid.Uint16().Draw(t, "receive maximum")
	p.MaximumQoS = maybe(t, rapid.Map(rapid.ByteRange(0, 1), func(b byte) mqtt.QoS { return mqtt.QoS(b) }), "QoS")
	p.RetainUnavailable = rapid.Bool().Draw(t, "retain")
	p.MaximumPacketSize = rapid.Uint32().Draw(t, "maximum")
	p.AssignedClientID = text.Draw(t, "client")
	p.TopicAliasMaximum = rapid.Uint16().Draw(t, "aliases")
	p.ReasonString = text.Draw(t, "reason")
	p.User = user.Draw(t, "user")
	p.NoWildcards = rapid.Bool().Draw(t, "wildcards")
	p.NoSubscriptionIDs = rapid.Bool().Draw(t, "identifiers")
	p.NoShared = rapid.Bool().Draw(t, "shared")
	p.ServerKeepAlive = maybe(t, rapid.Uint16(), "keep alive")
	p.ResponseInformation = text.Draw(t, "information")
	p.ServerReference = text.Draw(t, "reference")
	if p.AuthMethod = text.Draw(t, "method"); p.AuthMethod != "" {
		p.AuthData = bytesOrNil(t, "data")
	}
	return p
}

func anyPublish(t *rapid.T, v packet.Version) packet.Packet {
	p := &packet.Publish{
		QoS: qos.Draw(t, "QoS"), Retain: rapid.Bool().Draw(t, "retain"), Topic: name.Draw(t, "topic"),
		Payload: blob.Draw(t, "payload"),
	}
	if p.QoS > 0 {
		p.PacketID = nonzero.Draw(t, "id")
		p.DUP = rapid.Bool().Draw(t, "dup")
	}
	if v == packet.V5 {
		p.Properties = properties(t)
		p.MessageExpiry = maybe(t, rapid.Uint32(), "expiry")
		p.TopicAlias = rapid.Uint16().Draw(t, "alias")
		p.Subscriptions = rapid.SliceOfN(rapid.Uint32Range(1, 1<<28-1), 0, 3).Draw(t, "subscriptions")
		if p.TopicAlias != 0 && rapid.Bool().Draw(t, "alias only") {
			p.Topic = ""
		}
	}
	return p
}

func anyAck(t *rapid.T, v packet.Version) packet.Packet {
	p := &packet.Ack{PacketID: nonzero.Draw(t, "id")}
	p.Kind = rapid.SampledFrom([]packet.Type{packet.PUBACK, packet.PUBREC, packet.PUBREL, packet.PUBCOMP}).Draw(t, "kind")
	if v == packet.V5 {
		codes := []mqtt.ReasonCode{0, 0x10, 0x97}
		if p.Kind == packet.PUBREL || p.Kind == packet.PUBCOMP {
			codes = []mqtt.ReasonCode{0, 0x92}
		}
		p.Code = rapid.SampledFrom(codes).Draw(t, "code")
		p.ReasonString = text.Draw(t, "reason")
		p.User = user.Draw(t, "user")
	}
	return p
}

func anySubscribe(t *rapid.T, v packet.Version) packet.Packet {
	p := &packet.Subscribe{PacketID: nonzero.Draw(t, "id")}
	id := uint32(0)
	if v == packet.V5 {
		p.User = user.Draw(t, "user")
		id = rapid.Uint32Range(0, 1<<28-1).Draw(t, "identifier")
	}
	for range rapid.IntRange(1, 4).Draw(t, "filters") {
		s := mqtt.Subscription{Filter: filters.Draw(t, "filter"), QoS: qos.Draw(t, "QoS"), Identifier: id}
		if rapid.Bool().Draw(t, "shared") {
			s.Filter = mqtt.SharePrefix + "group/" + s.Filter
		}
		if v == packet.V5 {
			s.NoLocal = rapid.Bool().Draw(t, "no local") && !strings.HasPrefix(s.Filter, mqtt.SharePrefix)
			s.RetainAsPublished = rapid.Bool().Draw(t, "as published")
			s.RetainHandling = mqtt.RetainHandling(rapid.ByteRange(0, 2).Draw(t, "handling"))
		}
		p.Subscriptions = append(p.Subscriptions, s)
	}
	return p
}

func anySuback(t *rapid.T, v packet.Version) packet.Packet {
	p := &packet.Suback{PacketID: nonzero.Draw(t, "id")}
	codes := []mqtt.ReasonCode{0, 1, 2, 0x80}
	if v == packet.V5 {
		codes = append(codes, 0x87, 0x8F, 0x9E)
		p.ReasonString, p.User = text.Draw(t, "reason"), user.Draw(t, "user")
	}
	p.Codes = rapid.SliceOfN(rapid.SampledFrom(codes), 1, 5).Draw(t, "codes")
	return p
}

func anyUnsubscribe(t *rapid.T, v packet.Version) packet.Packet {
	p := &packet.Unsubscribe{PacketID: nonzero.Draw(t, "id"), Filters: rapid.SliceOfN(filters, 1, 4).Draw(t, "filters")}
	if v == packet.V5 {
		p.User = user.Draw(t, "user")
	}
	return p
}

func anyUnsuback(t *rapid.T, v packet.Version) packet.Packet {
	p := &packet.Unsuback{PacketID: nonzero.Draw(t, "id")}
	if v == packet.V5 {
		p.ReasonString, p.User = text.Draw(t, "reason"), user.Draw(t, "user")
		p.Codes = rapid.SliceOfN(rapid.SampledFrom([]mqtt.ReasonCode{0, 0x11, 0x87}), 1, 5).Draw(t, "codes")
	}
	return p
}

func anyPing(t *rapid.T, _ packet.Version) packet.Packet {
	return &packet.Ping{Response: rapid.Bool().Draw(t, "response")}
}

func anyDisconnect(t *rapid.T, v packet.Version) packet.Packet {
	p := &packet.Disconnect{}
	if v == packet.V5 {
		p.Code = rapid.SampledFrom([]mqtt.ReasonCode{0, 0x04, 0x8E, 0x9D}).Draw(t, "code")
		p.SessionExpiry = maybe(t, rapid.Uint32(), "expiry")
		p.ReasonString, p.User = text.Draw(t, "reason"), user.Draw(t, "user")
		p.ServerReference = text.Draw(t, "reference")
	}
	return p
}

func anyAuth(t *rapid.T, _ packet.Version) packet.Packet {
	return &packet.Auth{
		Code: rapid.SampledFrom([]mqtt.ReasonCode{0, 0x18, 0x19}).Draw(t, "code"), Method: "m" + text.Draw(t, "method"),
		Data: bytesOrNil(t, "data"), ReasonString: text.Draw(t, "reason"), User: user.Draw(t, "user"),
	}
}
