package gateway

import (
	"strconv"

	"github.com/tidegate/tidegate/mqtt"
)

// timeLayout is RFC 3339 with milliseconds, always in UTC.
const timeLayout = "2006-01-02T15:04:05.000Z"

// Mapper makes the messages of one point. What they have in common is made once: there may be 10,000 of them in a second.
type Mapper struct {
	point      *Point
	topic      string
	qos        mqtt.QoS
	gateway    mqtt.UserProperty
	run        mqtt.UserProperty
	payloadFor func(buffer []byte, r Reading) []byte
}

// Mapper is for one run of the gateway: run counts its starts, so that a receiver can tell numbers apart. The point must not
// change meanwhile.
func (p *Point) Mapper(gatewayName, deviceID string, run uint64) *Mapper {
	m := &Mapper{
		point: p, topic: p.Topic(gatewayName, deviceID), qos: p.QoS(),
		gateway:    mqtt.UserProperty{Name: "gateway", Value: gatewayName},
		run:        mqtt.UserProperty{Name: "run", Value: strconv.FormatUint(run, 10)},
		payloadFor: jsonPayload,
	}
	if p.Mapping.Payload == PayloadPlain {
		m.payloadFor = plainPayload
	}
	return m
}

// Message makes the message of a reading. It is nil when the payload preset has nothing to say: a plain payload has no word
// for an unknown value.
func (m *Mapper) Message(r Reading) *mqtt.Message {
	payload := m.payload(r)
	if payload == nil {
		return nil
	}
	message := &mqtt.Message{
		Topic: m.topic, Payload: payload, QoS: m.qos, Retain: m.point.Mapping.Retain,
		Properties: mqtt.Properties{User: []mqtt.UserProperty{m.gateway, m.run, {Name: "n", Value: strconv.FormatUint(r.Number, 10)}}},
	}
	if message.Retain {
		message.AfterRestart = m.payload(r.afterRestart())
	}
	return message
}

// payloadSize is what most payloads need.
const payloadSize = 96

func (m *Mapper) payload(r Reading) []byte {
	return m.payloadFor(make([]byte, 0, payloadSize), r)
}

func plainPayload(buffer []byte, r Reading) []byte {
	if r.Value.IsNull() {
		return nil
	}
	return append(buffer, r.Value.String()...)
}

// jsonPayload is {"v":21.4,"q":"good","t":"2026-01-02T03:04:05.678Z","n":1234}.
func jsonPayload(buffer []byte, r Reading) []byte {
	buffer = r.Value.appendJSON(append(buffer, `{"v":`...))
	buffer = append(append(append(buffer, `,"q":"`...), r.Quality...), `","t":"`...)
	buffer = append(r.Time.UTC().AppendFormat(buffer, timeLayout), `","n":`...)
	return append(strconv.AppendUint(buffer, r.Number, 10), '}')
}
