package packet_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// refused are packets that break one rule each: whole packets, so that the reader sees them as a network would.
var refused = []struct {
	name    string
	version packet.Version
	bytes   string
	code    mqtt.ReasonCode
	clause  string
}{
	{"type 0", packet.V5, "00 00", mqtt.MalformedPacket, ""},
	{"flags of CONNECT", 0, "11 00", mqtt.MalformedPacket, "MQTT-2.1.3-1"}, // [MQTT3-2.2.2-1]
	{"flags of PUBACK", packet.V311, "42 02 0001", mqtt.MalformedPacket, "MQTT-2.1.3-1"},
	{"flags of PUBREL", packet.V311, "60 02 0001", mqtt.MalformedPacket, "MQTT-2.1.3-1"},               // [MQTT-3.6.1-1] [MQTT3-3.6.1-1]
	{"flags of SUBSCRIBE", packet.V311, "80 06 0001 0001'a' 00", mqtt.MalformedPacket, "MQTT-2.1.3-1"}, // [MQTT-3.8.1-1] [MQTT3-3.8.1-1]
	{"DUP of SUBSCRIBE after 3.1", packet.V311, "8a 06 0001 0001'a' 00", mqtt.MalformedPacket, "MQTT-2.1.3-1"},
	{"flags of UNSUBSCRIBE", packet.V5, "a0 06 0001 00 0001'a'", mqtt.MalformedPacket, "MQTT-2.1.3-1"}, // [MQTT-3.10.1-1]
	{"flags of PINGREQ", packet.V5, "c1 00", mqtt.MalformedPacket, "MQTT-2.1.3-1"},
	{"flags of DISCONNECT", packet.V311, "e1 00", mqtt.MalformedPacket, "MQTT-2.1.3-1"}, // [MQTT-3.14.1-1]
	{"flags of AUTH", packet.V5, "f2 00", mqtt.MalformedPacket, "MQTT-2.1.3-1"},         // [MQTT-3.15.1-1]
	{"AUTH at 3.1.1", packet.V311, "f0 00", mqtt.ProtocolError, ""},
	{"not CONNECT first", 0, "c0 00", mqtt.ProtocolError, "MQTT-3.1.0-1"},
	{"remaining length not minimal", packet.V5, "c0 80 00", mqtt.MalformedPacket, "MQTT-1.5.5-1"},
	{"remaining length of five bytes", packet.V5, "c0 ff ff ff ff 01", mqtt.MalformedPacket, "MQTT-1.5.5-1"},
	{"bytes after PINGREQ", packet.V5, "c0 01 00", mqtt.MalformedPacket, ""},

	{"protocol name", 0, "10 0d 0004'MQTX' 04 02 0000 0001'c'", mqtt.UnsupportedProtocolVersion, "MQTT-3.1.2-1"},
	{"level 6", 0, "10 0d 0004'MQTT' 06 02 0000 0001'c'", mqtt.UnsupportedProtocolVersion, "MQTT-3.1.2-2"},
	{"level 3 with the new name", 0, "10 0d 0004'MQTT' 03 02 0000 0001'c'", mqtt.UnsupportedProtocolVersion, "MQTT-3.1.2-2"},
	{"level 4 with the old name", 0, "10 0f 0006'MQIsdp' 04 02 0000 0001'c'", mqtt.UnsupportedProtocolVersion, "MQTT-3.1.2-2"},
	{"reserved connect flag", 0, "10 0d 0004'MQTT' 04 03 0000 0001'c'", mqtt.MalformedPacket, "MQTT-3.1.2-3"},
	{"will QoS without will", 0, "10 0d 0004'MQTT' 04 0a 0000 0001'c'", mqtt.MalformedPacket, "MQTT-3.1.2-11"},
	{"will retain without will", 0, "10 0d 0004'MQTT' 04 22 0000 0001'c'", mqtt.MalformedPacket, "MQTT-3.1.2-13"},
	{"will QoS 3", 0, "10 13 0004'MQTT' 04 1e 0000 0001'c' 0001'w' 0001'm'", mqtt.MalformedPacket, "MQTT-3.1.2-12"},
	{"will without topic", 0, "10 0d 0004'MQTT' 04 06 0000 0001'c'", mqtt.MalformedPacket, ""},
	{"empty will topic", 0, "10 11 0004'MQTT' 04 06 0000 0001'c' 0000 0000", mqtt.TopicNameInvalid, "MQTT-4.7.3-1"},
	{"wildcard will topic", 0, "10 12 0004'MQTT' 04 06 0000 0001'c' 0001'#' 0000", mqtt.TopicNameInvalid, "MQTT-3.3.2-2"},
	{"password without user name", 0, "10 0f 0004'MQTT' 04 42 0000 0001'c' 0000", mqtt.MalformedPacket, "MQTT3-3.1.2-22"},
	{"user name flag without user name", 0, "10 0d 0004'MQTT' 04 82 0000 0001'c'", mqtt.MalformedPacket, ""},
	{"user name without its flag", 0, "10 10 0004'MQTT' 04 02 0000 0001'c' 0001'u'", mqtt.MalformedPacket, ""},
	{"receive maximum 0", 0, "10 11 0004'MQTT' 05 02 0000 03 21 0000 0001'c'", mqtt.ProtocolError, ""},
	{"maximum packet size 0", 0, "10 13 0004'MQTT' 05 02 0000 05 27 00000000 0001'c'", mqtt.ProtocolError, ""},
	{"request problem information 2", 0, "10 10 0004'MQTT' 05 02 0000 02 17 02 0001'c'", mqtt.ProtocolError, ""},
	{"authentication data alone", 0, "10 11 0004'MQTT' 05 02 0000 03 16 0000 0001'c'", mqtt.ProtocolError, ""},
	{"property of PUBLISH in CONNECT", 0, "10 10 0004'MQTT' 05 02 0000 02 01 00 0001'c'", mqtt.MalformedPacket, ""},
	{"will property outside the will", 0, "10 13 0004'MQTT' 05 02 0000 05 18 00000001 0001'c'", mqtt.MalformedPacket, ""},

	{"reserved acknowledge flags", packet.V311, "20 02 02 00", mqtt.MalformedPacket, "MQTT-3.2.2-1"},
	{"session present with a refusal", packet.V311, "20 02 01 05", mqtt.ProtocolError, "MQTT-3.2.2-6"},
	{"return code 6", packet.V311, "20 02 00 06", mqtt.MalformedPacket, ""},
	{"CONNACK code of another packet", packet.V5, "20 03 00 8f 00", mqtt.ProtocolError, "MQTT-3.2.2-8"},
	{"maximum QoS 2", packet.V5, "20 05 00 00 02 24 02", mqtt.ProtocolError, ""},

	{"QoS 3", packet.V5, "36 06 0001'a' 0001 00", mqtt.MalformedPacket, "MQTT-3.3.1-4"},
	{"DUP at QoS 0", packet.V311, "38 03 0001'a'", mqtt.MalformedPacket, "MQTT-3.3.1-2"},
	{"packet identifier 0", packet.V311, "32 05 0001'a' 0000", mqtt.ProtocolError, "MQTT-2.2.1-3"},
	{"wildcard in a topic", packet.V311, "30 05 0003'a/+'", mqtt.TopicNameInvalid, "MQTT-3.3.2-2"}, // [MQTT3-3.3.2-2]
	{"empty topic", packet.V311, "30 02 0000", mqtt.TopicNameInvalid, "MQTT-4.7.3-1"},
	{"neither topic nor alias", packet.V5, "30 03 0000 00", mqtt.ProtocolError, ""},
	{"topic alias 0", packet.V5, "30 07 0001'a' 03 23 0000", mqtt.TopicAliasInvalid, "MQTT-3.3.2-8"},
	{"topic with NUL", packet.V311, "30 03 0001 00", mqtt.MalformedPacket, "MQTT-1.5.4-2"},
	{"topic with a surrogate", packet.V311, "30 05 0003 eda080", mqtt.MalformedPacket, "MQTT-1.5.4-1"},
	{"topic of overlong UTF-8", packet.V311, "30 04 0002 c0af", mqtt.MalformedPacket, "MQTT-1.5.4-1"},
	{"topic longer than the packet", packet.V311, "30 03 0002'a'", mqtt.MalformedPacket, ""},
	{"property length beyond the packet", packet.V5, "30 04 0001'a' 01", mqtt.MalformedPacket, ""},
	{"property length not minimal", packet.V5, "30 05 0001'a' 8000", mqtt.MalformedPacket, "MQTT-1.5.5-1"},
	{"property value beyond its section", packet.V5, "30 07 0001'a' 01 02 0000", mqtt.MalformedPacket, ""},
	{"unknown property", packet.V5, "30 06 0001'a' 02 04 00", mqtt.MalformedPacket, ""},
	{"property identifier beyond the table", packet.V5, "30 06 0001'a' 02 7f 00", mqtt.MalformedPacket, ""},
	{"property twice", packet.V5, "30 08 0001'a' 04 01 00 01 00", mqtt.ProtocolError, ""},
	{"payload format 2", packet.V5, "30 06 0001'a' 02 01 02", mqtt.ProtocolError, ""},
	{"response topic with a wildcard", packet.V5, "30 08 0001'a' 04 08 0001'#'", mqtt.ProtocolError, "MQTT-3.3.2-14"},
	{"subscription identifier 0", packet.V5, "30 06 0001'a' 02 0b 00", mqtt.ProtocolError, ""},

	{"PUBACK without identifier", packet.V311, "40 00", mqtt.MalformedPacket, ""},
	{"PUBACK for identifier 0", packet.V311, "40 02 0000", mqtt.ProtocolError, "MQTT-2.2.1-3"},
	{"PUBACK 3.1.1 with a code", packet.V311, "40 03 0001 00", mqtt.MalformedPacket, ""},
	{"PUBACK code of another packet", packet.V5, "40 03 0001 92", mqtt.ProtocolError, "MQTT-3.4.2-1"},
	{"PUBREC code of another packet", packet.V5, "50 03 0001 01", mqtt.ProtocolError, "MQTT-3.5.2-1"},
	{"PUBREL code of another packet", packet.V5, "62 03 0001 80", mqtt.ProtocolError, "MQTT-3.6.2-1"},
	{"PUBCOMP code of another packet", packet.V5, "70 03 0001 80", mqtt.ProtocolError, "MQTT-3.7.2-1"},
	{"reason string twice", packet.V5, "40 0a 0001 00 06 1f 0000 1f 0000", mqtt.ProtocolError, ""},

	{"SUBSCRIBE for nothing", packet.V311, "82 02 0001", mqtt.ProtocolError, "MQTT-3.8.3-2"},
	{"SUBSCRIBE with identifier 0", packet.V311, "82 06 0000 0001'a' 00", mqtt.ProtocolError, "MQTT-2.2.1-3"},
	{"SUBSCRIBE 3.1.1 at QoS 3", packet.V311, "82 06 0001 0001'a' 03", mqtt.MalformedPacket, "MQTT3-3.8.3-4"},
	{"SUBSCRIBE 3.1.1 with options", packet.V311, "82 06 0001 0001'a' 04", mqtt.MalformedPacket, "MQTT3-3.8.3-4"},
	{"SUBSCRIBE 5 with reserved options", packet.V5, "82 07 0001 00 0001'a' 40", mqtt.MalformedPacket, "MQTT-3.8.3-5"},
	{"SUBSCRIBE 5 at QoS 3", packet.V5, "82 07 0001 00 0001'a' 03", mqtt.ProtocolError, ""},
	{"SUBSCRIBE 5, retain handling 3", packet.V5, "82 07 0001 00 0001'a' 30", mqtt.ProtocolError, ""},
	{"SUBSCRIBE without options", packet.V5, "82 06 0001 00 0001'a'", mqtt.MalformedPacket, ""},
	{"SUBSCRIBE to an empty filter", packet.V311, "82 05 0001 0000 00", mqtt.TopicFilterInvalid, "MQTT-4.7.1-1"},
	{"SUBSCRIBE to a bad filter", packet.V311, "82 08 0001 0003'#/a' 00", mqtt.TopicFilterInvalid, "MQTT-4.7.1-1"},
	{"two subscription identifiers", packet.V5, "82 0b 0001 04 0b01 0b02 0001'a' 00", mqtt.ProtocolError, ""},
	{"no local on a shared subscription", packet.V5, "82 0f 0001 00 0009'$share/g/' 04", mqtt.TopicFilterInvalid, "MQTT-4.7.1-1"},
	{"no local on a shared filter", packet.V5, "82 10 0001 00 000a'$share/g/t' 04", mqtt.ProtocolError, "MQTT-3.8.3-4"},
	{"SUBACK without codes", packet.V311, "90 02 0001", mqtt.MalformedPacket, "MQTT-3.9.3-2"},
	{"SUBACK 3.1.1 with a code of MQTT 5", packet.V311, "90 03 0001 87", mqtt.MalformedPacket, "MQTT3-3.9.3-2"},
	{"SUBACK code 3", packet.V5, "90 04 0001 00 03", mqtt.ProtocolError, "MQTT-3.9.3-2"},
	{"UNSUBSCRIBE for nothing", packet.V5, "a2 03 0001 00", mqtt.ProtocolError, "MQTT-3.10.3-2"},
	{"UNSUBACK 3.1.1 with codes", packet.V311, "b0 03 0001 00", mqtt.MalformedPacket, ""},
	{"UNSUBACK code of another packet", packet.V5, "b0 04 0001 00 01", mqtt.ProtocolError, "MQTT-3.11.3-2"},
	{"DISCONNECT 3.1.1 with a code", packet.V311, "e0 01 00", mqtt.MalformedPacket, ""},
	{"DISCONNECT code of another packet", packet.V5, "e0 01 01", mqtt.ProtocolError, "MQTT-3.14.2-1"},
	{"AUTH without a method", packet.V5, "f0 02 18 00", mqtt.ProtocolError, ""},
	{"AUTH code of another packet", packet.V5, "f0 06 10 04 15 0001'm'", mqtt.ProtocolError, "MQTT-3.15.2-1"},
}

func TestBrokenRulesAreRefused(t *testing.T) {
	for _, test := range refused {
		t.Run(test.name, func(t *testing.T) {
			r := packet.NewReader(strings.NewReader(string(MustHex(t, test.bytes))), 0)
			r.SetVersion(test.version)
			p, err := r.Next()
			broken, ok := errors.AsType[*packet.Error](err)
			if !ok {
				t.Fatalf("got %+v, %v", p, err)
			}
			if broken.Code != test.code || broken.Clause != test.clause {
				t.Errorf("got %v (0x%02x, %s), want 0x%02x, %s", err, byte(broken.Code), broken.Clause, byte(test.code), test.clause)
			}
			if code, ok := errors.AsType[mqtt.ReasonCode](err); !ok || code != test.code {
				t.Errorf("unwraps to %v", code)
			}
		})
	}
}

func TestMQTT31MayRepeatWithDUP(t *testing.T) {
	for _, b := range []string{"6a 02 0001", "8a 06 0001 0001'a' 00", "aa 05 0001 0001'a'"} {
		header, body := MustFrame(t, MustHex(t, b))
		if _, err := packet.Decode(packet.V31, header, body); err != nil {
			t.Errorf("%s: %v", b, err)
		}
	}
}

func TestByteOrderMarkIsKept(t *testing.T) { // [MQTT-1.5.4-3] [MQTT3-1.5.3-3]
	header, body := MustFrame(t, MustHex(t, "30 06 0004 efbbbf'a'"))
	p, err := packet.Decode(packet.V311, header, body)
	if err != nil {
		t.Fatal(err)
	}
	if got := p.(*packet.Publish).Topic; got != "\ufeffa" {
		t.Errorf("got %q", got)
	}
}

// unencodable are values that no packet can carry.
var unencodable = []struct {
	name    string
	version packet.Version
	packet  packet.Packet
}{
	{"QoS 3", packet.V5, &packet.Publish{Topic: "a", QoS: 3, PacketID: 1}},
	{"DUP at QoS 0", packet.V5, &packet.Publish{Topic: "a", DUP: true}},
	{"no packet identifier", packet.V5, &packet.Publish{Topic: "a", QoS: 1}},
	{"no topic", packet.V311, &packet.Publish{TopicAlias: 1}},
	{"wildcard topic", packet.V311, &packet.Publish{Topic: "a/#"}},
	{"long topic", packet.V311, &packet.Publish{Topic: strings.Repeat("a", 65536)}},
	{"long binary", packet.V5, &packet.Publish{Topic: "a", Properties: mqtt.Properties{CorrelationData: make([]byte, 65536)}}},
	{"NUL", packet.V311, &packet.Publish{Topic: "a\x00"}},
	{"client identifier", packet.V311, &packet.Connect{Version: packet.V311, ClientID: "\xff"}}, // [MQTT-3.1.3-4] [MQTT3-3.1.3-4]
	{"user name", packet.V311, &packet.Connect{Version: packet.V311, Username: new("\xff")}},    // [MQTT-3.1.3-12] [MQTT3-3.1.3-11]
	{"text of the will topic", packet.V311, &packet.Connect{ // [MQTT-3.1.3-11] [MQTT3-3.1.3-10]
		Version: packet.V311, Will: &mqtt.Will{Message: mqtt.Message{Topic: "\xff"}},
	}},
	{"content type", packet.V5, &packet.Publish{Topic: "a", Properties: mqtt.Properties{ContentType: "\xff"}}},          // [MQTT-3.3.2-19]
	{"response topic", packet.V5, &packet.Publish{Topic: "a", Properties: mqtt.Properties{ResponseTopic: "\xff"}}},      // [MQTT-3.3.2-13]
	{"response to many", packet.V5, &packet.Publish{Topic: "a", Properties: mqtt.Properties{ResponseTopic: "b/+"}}},     // [MQTT-3.3.2-14]
	{"name of a property", packet.V5, &packet.Publish{Topic: "a", Properties: mqtt.Properties{User: user("\xff", "")}}}, // [MQTT-1.5.7-1]
	{"its value", packet.V5, &packet.Publish{Topic: "a", Properties: mqtt.Properties{User: user("", "\xff")}}},          // [MQTT-1.5.7-1]
	{"filter", packet.V311, &packet.Subscribe{ // [MQTT-3.8.3-1] [MQTT3-3.8.3-1]
		PacketID: 1, Subscriptions: []mqtt.Subscription{{Filter: "\xff"}},
	}},
	{"filter to end", packet.V311, &packet.Unsubscribe{PacketID: 1, Filters: []string{"\xff"}}}, // [MQTT-3.10.3-1] [MQTT3-3.10.3-1]
	{"payload format", packet.V5, &packet.Publish{Topic: "a", Properties: mqtt.Properties{PayloadFormat: new(byte(2))}}},
	{"subscription identifier 0", packet.V5, &packet.Publish{Topic: "a", Subscriptions: []uint32{0}}},
	{"large subscription identifier", packet.V5, &packet.Publish{Topic: "a", Subscriptions: []uint32{1 << 28}}},
	{"unknown version", packet.V5, &packet.Connect{Version: 6}},
	{"password alone", packet.V311, &packet.Connect{Version: packet.V311, Password: []byte("x")}},
	{"data without method", packet.V5, &packet.Connect{Version: packet.V5, AuthData: []byte("x")}},
	{"will QoS", packet.V311, &packet.Connect{Version: packet.V311, Will: &mqtt.Will{Message: mqtt.Message{Topic: "a", QoS: 3}}}},
	{"will topic", packet.V311, &packet.Connect{Version: packet.V311, Will: &mqtt.Will{}}},
	{"session present with a refusal", packet.V5, &packet.Connack{SessionPresent: true, Code: mqtt.NotAuthorized}},
	{"CONNACK code", packet.V5, &packet.Connack{Code: mqtt.GrantedQoS1}},
	{"not an acknowledgement", packet.V5, &packet.Ack{Kind: packet.SUBACK, PacketID: 1}},
	{"PUBREL code", packet.V5, &packet.Ack{Kind: packet.PUBREL, PacketID: 1, Code: mqtt.QuotaExceeded}},
	{"no filters", packet.V5, &packet.Subscribe{PacketID: 1}},
	{"bad filter", packet.V5, &packet.Subscribe{PacketID: 1, Subscriptions: []mqtt.Subscription{{Filter: "a#"}}}},
	{"two identifiers", packet.V5, &packet.Subscribe{PacketID: 1, Subscriptions: []mqtt.Subscription{{Filter: "a", Identifier: 1}, {Filter: "b"}}}},
	{"retain handling", packet.V5, &packet.Subscribe{PacketID: 1, Subscriptions: []mqtt.Subscription{{Filter: "a", RetainHandling: 3}}}},
	{"no local shared", packet.V5, &packet.Subscribe{PacketID: 1, Subscriptions: []mqtt.Subscription{{Filter: "$share/a/b", NoLocal: true}}}},
	{"no codes", packet.V5, &packet.Suback{PacketID: 1}},
	{"no filters to end", packet.V311, &packet.Unsubscribe{PacketID: 1}},
	{"AUTH at 3.1.1", packet.V311, &packet.Auth{}},
	{"AUTH without method", packet.V5, &packet.Auth{Code: mqtt.ContinueAuthentication}},
}

func user(name, value string) []mqtt.UserProperty {
	return []mqtt.UserProperty{{Name: name, Value: value}}
}

func TestAppendRefusesWhatCannotBeSent(t *testing.T) {
	for _, test := range unencodable {
		t.Run(test.name, func(t *testing.T) {
			got, err := packet.Append([]byte("before"), test.version, test.packet)
			if _, ok := errors.AsType[*packet.Error](err); !ok {
				t.Fatalf("got % x, %v", got, err)
			}
			if string(got) != "before" {
				t.Errorf("dst became %q", got)
			}
		})
	}
}
