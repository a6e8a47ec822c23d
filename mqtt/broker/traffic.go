package broker

import (
	"sync/atomic"

	"github.com/tidegate/tidegate/mqtt"
)

// Traffic counts messages and the bytes of their payloads, by quality of service.
type Traffic struct{ Messages, Bytes [3]uint64 }

// Total is the sum over all qualities of service.
func (t *Traffic) Total() (messages, bytes uint64) {
	for qos := range t.Messages {
		messages += t.Messages[qos]
		bytes += t.Bytes[qos]
	}
	return messages, bytes
}

// traffic is counted by everybody at the same time.
type traffic struct{ messages, bytes [3]atomic.Uint64 }

func (t *traffic) add(qos mqtt.QoS, m *mqtt.Message) {
	t.messages[qos].Add(1)
	t.bytes[qos].Add(uint64(len(m.Payload)))
}

func (t *traffic) counted() (c Traffic) {
	for qos := range t.messages {
		c.Messages[qos], c.Bytes[qos] = t.messages[qos].Load(), t.bytes[qos].Load()
	}
	return c
}
