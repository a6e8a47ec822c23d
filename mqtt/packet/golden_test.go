package packet_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// MustHex reads hexadecimal digits; blanks are for the eye, and 'text' stands for itself.
func MustHex(tb testing.TB, s string) []byte {
	tb.Helper()
	var out []byte
	for i, part := range strings.Split(s, "'") {
		if i%2 == 1 {
			out = append(out, part...)
			continue
		}
		b, err := hex.DecodeString(strings.ReplaceAll(part, " ", ""))
		if err != nil {
			tb.Fatalf("%q: %v", s, err)
		}
		out = append(out, b...)
	}
	return out
}

// MustFrame takes a packet apart as Decode wants it.
func MustFrame(tb testing.TB, b []byte) (header byte, body []byte) {
	tb.Helper()
	size, shift, i := 0, 0, 1
	for ; b[i] >= 0x80; i++ {
		size |= int(b[i]&0x7F) << shift
		shift += 7
	}
	size |= int(b[i]) << shift
	if len(b) != i+1+size {
		tb.Fatalf("remaining length %d of %d bytes: % x", size, len(b), b)
	}
	return b[0], b[i+1:]
}

var same = cmp.Options{cmpopts.EquateEmpty()}

// golden are packets written by hand from the standard.
var golden = []struct {
	name     string
	versions []packet.Version
	bytes    string
	packet   packet.Packet
}{
	{"connect 3.1", only31, "10 0f 0006'MQIsdp' 03 02 003c 0001'c'", &packet.Connect{
		Version: packet.V31, CleanStart: true, KeepAlive: 60, ClientID: "c", ReceiveMaximum: 65535,
	}},
	{"connect 3.1.1, everything", only311, "10 20 0004'MQTT' 04 f6 000a 0002'id' 0003'w/t' 0004'gone' 0001'u' 0002'pw'", &packet.Connect{
		Version: packet.V311, CleanStart: true, KeepAlive: 10, ClientID: "id", Username: new("u"), Password: []byte("pw"),
		Will:           &mqtt.Will{Message: mqtt.Message{Topic: "w/t", Payload: []byte("gone"), QoS: 2, Retain: true}},
		ReceiveMaximum: 65535,
	}},
	{"connect 3.1.1 of a bridge, empty client identifier", only311, "10 0c 0004'MQTT' 84 02 0000 0000", &packet.Connect{
		Version: packet.V311, CleanStart: true, Bridge: true, ReceiveMaximum: 65535,
	}},
	{"connect 5, no properties", only5, "10 0e 0004'MQTT' 05 00 0000 00 0001'c'", &packet.Connect{
		Version: packet.V5, ClientID: "c", ReceiveMaximum: 65535,
	}},
	{"connect 5, all properties", only5, "10 67 0004'MQTT' 05 ce 0005" +
		"27 11 0000000a 21 0014 27 00000400 22 0003 19 01 17 00 15 0003'otp' 16 0002 0001 26 0001'a' 0002'b1'" +
		"0001'c'" +
		"26 18 00000007 02 0000003c 01 01 03 0002'tx' 08 0001'r' 09 0001 ff 26 0001'k' 0001'v' 26 0001'k' 0000" +
		"0001't' 0001'p' 0001'u' 0000", &packet.Connect{
		Version: packet.V5, CleanStart: true, KeepAlive: 5, ClientID: "c", Username: new("u"), Password: []byte{},
		SessionExpiry: 10, ReceiveMaximum: 20, MaximumPacketSize: 1024, TopicAliasMaximum: 3, RequestResponse: true,
		NoProblemInfo: true, AuthMethod: "otp", AuthData: []byte{0, 1}, User: []mqtt.UserProperty{{Name: "a", Value: "b1"}},
		WillExpiry: new(uint32(60)),
		Will: &mqtt.Will{Delay: 7, Message: mqtt.Message{
			Topic: "t", Payload: []byte("p"), QoS: 1,
			Properties: mqtt.Properties{
				PayloadFormat: new(byte(1)), ContentType: "tx", ResponseTopic: "r", CorrelationData: []byte{0xFF},
				User: []mqtt.UserProperty{{Name: "k", Value: "v"}, {Name: "k"}},
			},
		}},
	}},
	{"connack 3.1", only31, "20 02 00 00", &packet.Connack{}},
	{"connack 3.1.1, session present", only311, "20 02 01 00", &packet.Connack{SessionPresent: true}},
	{"connack 3, version", before5, "20 02 00 01", &packet.Connack{Code: mqtt.UnsupportedProtocolVersion}},
	{"connack 3, identifier", before5, "20 02 00 02", &packet.Connack{Code: mqtt.ClientIdentifierNotValid}},
	{"connack 3, unavailable", before5, "20 02 00 03", &packet.Connack{Code: mqtt.ServerUnavailable}},
	{"connack 3, password", before5, "20 02 00 04", &packet.Connack{Code: mqtt.BadUserNameOrPassword}},
	{"connack 3, not authorized", before5, "20 02 00 05", &packet.Connack{Code: mqtt.NotAuthorized}},
	{"connack 5", only5, "20 03 00 00 00", &packet.Connack{}},
	{"connack 5, all properties", only5, "20 40 01 00 3d" +
		"11 00000001 21 0002 24 01 25 00 27 00000003 12 0002'ab' 22 0004 1f 0001'r' 26 0001'n' 0001'v' 28 00 29 00 2a 00" +
		"13 0000 1a 0001'i' 1c 0001's' 15 0001'm' 16 0001 00", &packet.Connack{
		SessionPresent: true, SessionExpiry: new(uint32(1)), ReceiveMaximum: 2, MaximumQoS: new(mqtt.AtLeastOnce),
		RetainUnavailable: true, MaximumPacketSize: 3, AssignedClientID: "ab", TopicAliasMaximum: 4, ReasonString: "r",
		User: []mqtt.UserProperty{{Name: "n", Value: "v"}}, NoWildcards: true, NoSubscriptionIDs: true, NoShared: true,
		ServerKeepAlive: new(uint16(0)), ResponseInformation: "i", ServerReference: "s", AuthMethod: "m", AuthData: []byte{0},
	}},
	{"publish 3, QoS 0", before5, "30 06 0003'a/b' 'x'", &packet.Publish{Topic: "a/b", Payload: []byte("x")}},
	{"publish 3, QoS 2, retained again", before5, "3d 07 0003'a/b' 000a", &packet.Publish{
		DUP: true, QoS: 2, Retain: true, Topic: "a/b", PacketID: 10,
	}},
	{"publish 5, QoS 0", only5, "30 07 0003'a/b' 00 'x'", &packet.Publish{Topic: "a/b", Payload: []byte("x")}},
	{"publish 5, alias only", only5, "32 08 0000 0001 03 23 0009", &packet.Publish{QoS: 1, PacketID: 1, TopicAlias: 9}},
	{"publish 5, all properties", only5, "34 2c 0001't' 0001 23" +
		"02 00000005 23 0001 0b 01 0b ffffff7f 01 00 03 0001'c' 08 0001'r' 09 0000 26 0001'k' 0001'v'" +
		"'pay'", &packet.Publish{
		QoS: 2, Topic: "t", PacketID: 1, Payload: []byte("pay"), MessageExpiry: new(uint32(5)), TopicAlias: 1,
		Subscriptions: []uint32{1, 268435455},
		Properties: mqtt.Properties{
			PayloadFormat: new(byte(0)), ContentType: "c", ResponseTopic: "r", CorrelationData: []byte{},
			User: []mqtt.UserProperty{{Name: "k", Value: "v"}},
		},
	}},
	{"puback 3", before5, "40 02 0001", &packet.Ack{Kind: packet.PUBACK, PacketID: 1}},
	{"pubrec 3", before5, "50 02 0102", &packet.Ack{Kind: packet.PUBREC, PacketID: 258}},
	{"pubrel 3", before5, "62 02 0102", &packet.Ack{Kind: packet.PUBREL, PacketID: 258}},
	{"pubcomp 3", before5, "70 02 ffff", &packet.Ack{Kind: packet.PUBCOMP, PacketID: 65535}},
	{"puback 5, success", only5, "40 02 0001", &packet.Ack{Kind: packet.PUBACK, PacketID: 1}},
	{"puback 5, code", only5, "40 03 0001 10", &packet.Ack{Kind: packet.PUBACK, PacketID: 1, Code: mqtt.NoMatchingSubscribers}},
	{"pubrec 5, properties", only5, "50 0f 0001 97 0b 1f 0001'q' 26 0001'a' 0001'b'", &packet.Ack{
		Kind: packet.PUBREC, PacketID: 1, Code: mqtt.QuotaExceeded, ReasonString: "q", User: []mqtt.UserProperty{{Name: "a", Value: "b"}},
	}},
	{"pubrel 5", only5, "62 03 0001 92", &packet.Ack{Kind: packet.PUBREL, PacketID: 1, Code: mqtt.PacketIdentifierNotFound}},
	{"pubcomp 5", only5, "70 02 0001", &packet.Ack{Kind: packet.PUBCOMP, PacketID: 1}},
	{"subscribe 3, standard's figure 3.23", before5, "82 0e 000a 0003'a/b' 01 0003'c/d' 02", &packet.Subscribe{
		PacketID: 10, Subscriptions: []mqtt.Subscription{{Filter: "a/b", QoS: 1}, {Filter: "c/d", QoS: 2}},
	}},
	{"subscribe 5", only5, "82 11 000a 0a 0b 8001 26 0001'u' 0001'v' 0001'#' 2e", &packet.Subscribe{
		PacketID: 10, User: []mqtt.UserProperty{{Name: "u", Value: "v"}}, Subscriptions: []mqtt.Subscription{
			{Filter: "#", QoS: 2, NoLocal: true, RetainAsPublished: true, RetainHandling: 2, Identifier: 128},
		},
	}},
	{"suback 3", before5, "90 05 000a 00 02 80", &packet.Suback{PacketID: 10, Codes: []mqtt.ReasonCode{0, 2, 0x80}}},
	{"suback 5", only5, "90 09 000a 04 1f 0001'r' 01 87", &packet.Suback{
		PacketID: 10, ReasonString: "r", Codes: []mqtt.ReasonCode{mqtt.GrantedQoS1, mqtt.NotAuthorized},
	}},
	{"unsubscribe 3", before5, "a2 0c 000a 0003'a/b' 0003'c/d'", &packet.Unsubscribe{PacketID: 10, Filters: []string{"a/b", "c/d"}}},
	{"unsubscribe 5", only5, "a2 0d 000a 07 26 0001'u' 0001'v' 0001'+'", &packet.Unsubscribe{
		PacketID: 10, Filters: []string{"+"}, User: []mqtt.UserProperty{{Name: "u", Value: "v"}},
	}},
	{"unsuback 3", before5, "b0 02 000a", &packet.Unsuback{PacketID: 10}},
	{"unsuback 5", only5, "b0 05 000a 00 00 11", &packet.Unsuback{PacketID: 10, Codes: []mqtt.ReasonCode{0, mqtt.NoSubscriptionExisted}}},
	{"pingreq", all, "c0 00", &packet.Ping{}},
	{"pingresp", all, "d0 00", &packet.Ping{Response: true}},
	{"disconnect", all, "e0 00", &packet.Disconnect{}},
	{"disconnect 5, with will", only5, "e0 01 04", &packet.Disconnect{Code: mqtt.DisconnectWithWill}},
	{"disconnect 5, properties", only5, "e0 16 9c 14 11 00000002 1f 0001'r' 1c 0001's' 26 0001'u' 0001'v'", &packet.Disconnect{
		Code: mqtt.UseAnotherServer, SessionExpiry: new(uint32(2)), ReasonString: "r", ServerReference: "s",
		User: []mqtt.UserProperty{{Name: "u", Value: "v"}},
	}},
	{"auth 5, success", only5, "f0 00", &packet.Auth{}},
	{"auth 5", only5, "f0 0f 18 0d 15 0001'm' 16 0002 0102 1f 0001'r'", &packet.Auth{
		Code: mqtt.ContinueAuthentication, Method: "m", Data: []byte{1, 2}, ReasonString: "r",
	}},
}

var (
	only31  = []packet.Version{packet.V31}
	only311 = []packet.Version{packet.V311}
	before5 = []packet.Version{packet.V31, packet.V311}
	only5   = []packet.Version{packet.V5}
	all     = []packet.Version{packet.V31, packet.V311, packet.V5}
)

func TestGoldenVectors(t *testing.T) {
	for _, g := range golden {
		for _, v := range g.versions {
			t.Run(g.name+" at "+v.String(), func(t *testing.T) {
				want := MustHex(t, g.bytes)
				if got := MustAppend(t, nil, v, g.packet); !bytes.Equal(got, want) {
					t.Errorf("append\n got % x\nwant % x", got, want)
				}
				header, body := MustFrame(t, want)
				got, err := packet.Decode(v, header, body)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(g.packet, got, same); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}
