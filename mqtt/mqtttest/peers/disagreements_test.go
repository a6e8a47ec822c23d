package peers_test

import (
	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// laxV5 is what Paho's codec for MQTT 5 accepts. It reads fields and leaves most judgements to its user; numbers of
// sections are those of MQTT 5.0.
var laxV5 = []laxity{
	{"c1", "MQTT-2.1.3-1", "2.1.3: the flags of PINGREQ are reserved; Paho looks at those of PUBLISH only"},
	{"36 0001'a' 0001 00", "MQTT-3.3.1-4", "3.3.1.2: QoS 3 is malformed"},
	{"38 0001'a' 00", "MQTT-3.3.1-2", "3.3.1.1: DUP is 0 at QoS 0"},
	{"30 0001 80 00", "MQTT-1.5.4-1", "1.5.4: strings are well-formed UTF-8; Paho takes any bytes"},
	{"30 0001 00 00", "MQTT-1.5.4-2", "1.5.4: strings have no NUL"},
	{"30 0003'a/#' 00", "MQTT-3.3.2-2", "3.3.2.1: no wildcards in a topic name"},
	{"30 0000 00", "", "3.3.2.1: an empty topic needs an alias"},
	{"40 0000", "MQTT-2.2.1-3", "2.2.1: packet identifiers are not 0"},
	{"30 0001'a' 8000", "MQTT-1.5.5-1", "1.5.5: the length of the properties in as few bytes as possible"},
	{"30 0001'a' 05 01 00", "", "2.2.2.1: the properties are as long as they say; Paho reads to the end of the packet"},
	{"30 0001'a' 04 01 00 01 00", "", "3.3.2.3.2: a property twice"},
	{"30 0001'a' 02 01 02", "", "3.3.2.3.2: a payload format other than 0 and 1"},
	{"30 0001'a' 02 0b 00", "", "3.3.2.3.8: subscription identifier 0"},
	{"30 0001'a' 03 23 0000", "MQTT-3.3.2-8", "3.3.2.3.4: topic alias 0"},
	{"30 0001'a' 04 08 0001'#'", "MQTT-3.3.2-14", "3.3.2.3.5: no wildcards in a response topic"},
	{"40 0001 01", "MQTT-3.4.2-1", "3.4.2.1: PUBACK has its reason codes"},
	{"50 0001 01", "MQTT-3.5.2-1", "3.5.2.1: PUBREC has its reason codes"},
	{"62 0001 01", "MQTT-3.6.2-1", "3.6.2.1: PUBREL has its reason codes"},
	{"70 0001 01", "MQTT-3.7.2-1", "3.7.2.1: PUBCOMP has its reason codes"},
	{"e0 01", "MQTT-3.14.2-1", "3.14.2.1: DISCONNECT has its reason codes"},
	{"f0 01 04 15 0001'm'", "MQTT-3.15.2-1", "3.15.2.1: AUTH has its reason codes"},
	{"20 00 01 00", "MQTT-3.2.2-8", "3.2.2.2: CONNACK has its reason codes"},
	{"f0 18", "", "3.15.2.2.2: AUTH needs its method"},
	{"f0 18 00", "", "3.15.2.2.2: the same, with a length of the properties"},
	{"40 0001 00 00 00", "", "2.1.4: the packet ends where its fields end"},
	{"20 02 00 00", "MQTT-3.2.2-1", "3.2.2.1: reserved bits of the acknowledge flags"},
	{"20 01 80 00", "MQTT-3.2.2-6", "3.2.2.1.1: no session present with a refusal"},
	{"20 00 00 03 21 0000", "", "3.2.2.3.3: receive maximum 0"},
	{"90 0001 00", "MQTT-3.9.3-2", "3.9.3: a SUBACK has a code for each filter"},
	{"b0 0001 00", "MQTT-3.11.3-2", "3.11.3: so has an UNSUBACK"},
	{"90 0001 00 03", "MQTT-3.9.3-2", "3.9.3: SUBACK has its reason codes"},
	{"b0 0001 00 03", "MQTT-3.11.3-2", "3.11.3: UNSUBACK has its reason codes"},
	{"82 0001 00", "MQTT-3.8.3-2", "3.8.3: at least one filter"},
	{"82 0001 00 0002'a#' 00", "MQTT-4.7.1-1", "4.7.1: wildcards stand for whole levels"},
	{"82 0001 00 0001'a' 40", "MQTT-3.8.3-5", "3.8.3.1: reserved bits of the options"},
	{"82 0001 00 0001'a' 03", "", "3.8.3.1: QoS 3"},
	{"82 0001 00 0001'a' 30", "", "3.8.3.1: retain handling 3"},
	{"82 0001 00 000a'$share/g/a' 04", "MQTT-3.8.3-4", "3.8.3.1: no local on a shared subscription"},
	{"a2 0001 00", "MQTT-3.10.3-2", "3.10.3: at least one filter"},
	{"10 0004'MQTX' 05 02 0000 00 0000", "MQTT-3.1.2-1", "3.1.2.1: the protocol's name"},
	{"10 0004'MQTT' 06 02 0000 00 0000", "MQTT-3.1.2-2", "3.1.2.2: a version that nobody knows"},
	{"10 0004'MQTT' 05 03 0000 00 0000", "MQTT-3.1.2-3", "3.1.2.3: the reserved connect flag"},
	{"10 0004'MQTT' 05 0a 0000 00 0000", "MQTT-3.1.2-11", "3.1.2.6: a will QoS without a will"},
	{"10 0004'MQTT' 05 22 0000 00 0000", "MQTT-3.1.2-13", "3.1.2.7: will retain without a will"},
	{"10 0004'MQTT' 05 1e 0000 00 0000 00 0001't' 0000", "MQTT-3.1.2-12", "3.1.2.6: will QoS 3"},
	{"10 0004'MQTT' 05 06 0000 00 0000 00 0000 0000", "MQTT-4.7.3-1", "4.7.3: an empty will topic"},
	{"10 0004'MQTT' 05 02 0000 02 01 00 0000", "", "3.1.2.11: properties of a will stand in the will"},
	{"10 0004'MQTT' 05 02 0000 03 16 0000 0000", "", "3.1.2.11.10: authentication data without a method"},
}

// laxV3 is what Paho's codec for 3.1 and 3.1.1 accepts; numbers of sections are those of 3.1.1. Clauses are named as in
// MQTT 5.0 where both have them.
var laxV3 = []laxity{
	{"c1", "MQTT-2.1.3-1", "2.2.2: reserved flags"},
	{"36 0001'a' 0001", "MQTT-3.3.1-4", "3.3.1.2: QoS 3"},
	{"38 0001'a'", "MQTT-3.3.1-2", "3.3.1.1: DUP is 0 at QoS 0"},
	{"30 0001 80", "MQTT-1.5.4-1", "1.5.3: strings are well-formed UTF-8; Paho takes any bytes"},
	{"30 0001 00", "MQTT-1.5.4-2", "1.5.3: strings have no NUL"},
	{"30 0003'a/#'", "MQTT-3.3.2-2", "3.3.2.1: no wildcards in a topic name"},
	{"30 0000", "MQTT-4.7.3-1", "4.7.3: an empty topic"},
	{"40 0000", "MQTT-2.2.1-3", "2.3.1: packet identifiers are not 0"},
	{"40 00", "", "2.3.1: it ends in the middle of a field; Paho fills up with zeroes"},
	{"c0 00", "", "3.12: PINGREQ has no payload"},
	{"20 02 00", "MQTT-3.2.2-1", "3.2.2.1: reserved bits of the acknowledge flags"},
	{"20 00 06", "", "3.2.2.3: return codes above 5"},
	{"20 01 05", "MQTT-3.2.2-6", "3.2.2.2: no session present with a refusal"},
	{"82 0001", "MQTT-3.8.3-2", "3.8.3: at least one filter"},
	{"82 0001 0002'a#' 00", "MQTT-4.7.1-1", "4.7.1: wildcards stand for whole levels"},
	{"82 0001 0001'a' 03", "MQTT3-3.8.3-4", "3.8.3: QoS 3"},
	{"90 0001", "MQTT-3.9.3-2", "3.9.3: a SUBACK has a code for each filter"},
	{"90 0001 03", "MQTT-3.9.3-2", "3.9.3: return codes that no version has"},
	{"90 0001 87", "MQTT3-3.9.3-2", "3.9.3: return codes that only MQTT 5 has"},
	{"a2 0001", "MQTT-3.10.3-2", "3.10.3: at least one filter"},
	{"10 0004'MQTX' 04 02 0000 0000", "MQTT-3.1.2-1", "3.1.2.1: the protocol's name"},
	{"10 0004'MQTT' 06 02 0000 0000", "MQTT-3.1.2-2", "3.1.2.2: a version that nobody knows"},
	{"10 0004'MQTT' 04 03 0000 0000", "MQTT-3.1.2-3", "3.1.2.3: the reserved connect flag"},
	{"10 0004'MQTT' 04 0a 0000 0000", "MQTT-3.1.2-11", "3.1.2.6: a will QoS without a will"},
	{"10 0004'MQTT' 04 22 0000 0000", "MQTT-3.1.2-13", "3.1.2.7: will retain without a will"},
	{"10 0004'MQTT' 04 1e 0000 0000 0001't' 0000", "MQTT-3.1.2-12", "3.1.2.6: will QoS 3"},
	{"10 0004'MQTT' 04 06 0000 0000 0000 0000", "MQTT-4.7.3-1", "4.7.3: an empty will topic"},
	{"10 0004'MQTT' 04 42 0000 0000 0000", "MQTT3-3.1.2-22", "3.1.2.9: a password without a user name"},
}

// strict is why the standard allows what Paho refuses; empty if it does not.
func strict(p packet.Packet, body []byte) string {
	switch p := p.(type) {
	case *packet.Disconnect:
		if len(body) == 0 {
			return "MQTT 5, 3.14.2.1: a DISCONNECT without reason code means normal disconnection"
		}
	case *packet.Connect:
		if p.Version == packet.V31 && (p.Username == nil || p.Password == nil) {
			return "MQTT 3.1, 3.1: the remaining length takes precedence over the flags of user name and password"
		}
	}
	return ""
}

// rewritten is why Paho writes what it has read in a form that the standard forbids; empty if it does not.
func rewritten(p packet.Packet) string {
	if a, ok := p.(*packet.Auth); ok && a.Method == "" {
		return "MQTT 5, 3.15.2.1: an AUTH may be empty, but 3.15.2.2.2: properties have the method"
	}
	return ""
}

// forPahoV5 takes away what Paho's codec reads and does not write again, or cannot hold.
func forPahoV5(p packet.Packet) {
	switch p := p.(type) {
	case *packet.Connect: // of a will's properties it writes the delay and the user properties only
		p.WillExpiry = nil
		if p.Will != nil {
			p.Will.Message.Properties = mqtt.Properties{User: p.Will.Message.Properties.User}
		}
	case *packet.Publish: // MQTT 5, 3.3.2.3.8: there may be several identifiers; it keeps the last one
		p.Subscriptions = p.Subscriptions[max(0, len(p.Subscriptions)-1):]
	}
}
