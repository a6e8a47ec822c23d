package packet

import (
	"slices"

	"github.com/tidegate/tidegate/mqtt"
)

// validCodes are the reason codes that a packet may carry: its own table of the standard. The clauses forbid all
// others: [MQTT-3.2.2-8] [MQTT-3.4.2-1] [MQTT-3.5.2-1] [MQTT-3.6.2-1] [MQTT-3.7.2-1] [MQTT-3.9.3-2] [MQTT-3.11.3-2]
// [MQTT-3.14.2-1] [MQTT-3.15.2-1].
var validCodes = [16][]mqtt.ReasonCode{
	CONNACK: {
		0x00, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x8C, 0x90, 0x95, 0x97, 0x99, 0x9A,
		0x9B, 0x9C, 0x9D, 0x9F,
	},
	PUBACK:   {0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99},
	PUBREC:   {0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99},
	PUBREL:   {0x00, 0x92},
	PUBCOMP:  {0x00, 0x92},
	SUBACK:   {0x00, 0x01, 0x02, 0x80, 0x83, 0x87, 0x8F, 0x91, 0x97, 0x9E, 0xA1, 0xA2},
	UNSUBACK: {0x00, 0x11, 0x80, 0x83, 0x87, 0x8F, 0x91},
	DISCONNECT: {
		0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8B, 0x8D, 0x8E, 0x8F, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97,
		0x98, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9E, 0x9F, 0xA0, 0xA1, 0xA2,
	},
	AUTH: {0x00, 0x18, 0x19},
}

var codeClauses = [16]string{
	CONNACK: "MQTT-3.2.2-8", PUBACK: "MQTT-3.4.2-1", PUBREC: "MQTT-3.5.2-1", PUBREL: "MQTT-3.6.2-1",
	PUBCOMP: "MQTT-3.7.2-1", SUBACK: "MQTT-3.9.3-2", UNSUBACK: "MQTT-3.11.3-2", DISCONNECT: "MQTT-3.14.2-1",
	AUTH: "MQTT-3.15.2-1",
}

// code reads a reason code of MQTT 5.
func (c *cursor) code() mqtt.ReasonCode {
	code := mqtt.ReasonCode(c.byte())
	if c.err == nil && !slices.Contains(validCodes[c.packet], code) {
		c.protocol(codeClauses[c.packet], "a reason code that this packet cannot have")
	}
	return code
}

func (w *writer) code(code mqtt.ReasonCode) {
	if !slices.Contains(validCodes[w.packet], code) {
		w.fail(codeClauses[w.packet], "a reason code that this packet cannot have")
	}
	w.byte(byte(code))
}

// codes reads one reason code for each filter of the request, at least one.
func (c *cursor) codes() []mqtt.ReasonCode {
	if len(c.b) == 0 {
		c.malformed(codeClauses[c.packet], "no reason codes")
		return nil
	}
	codes := make([]mqtt.ReasonCode, 0, len(c.b))
	for len(c.b) > 0 {
		codes = append(codes, c.code())
	}
	return codes
}

func (w *writer) codes(codes []mqtt.ReasonCode) {
	if len(codes) == 0 {
		w.fail(codeClauses[w.packet], "no reason codes")
	}
	for _, code := range codes {
		w.code(code)
	}
}
