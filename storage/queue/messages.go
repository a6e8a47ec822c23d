package queue

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/storage"
)

// flagRetain is the retain flag of a message, or of one delivery of it.
const flagRetain = 1

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// errChecksum is a body that is not what was written.
var errChecksum = errors.New("the stored message does not match its checksum")

// body is a message as it is stored in three tables: message, retained and will.
type body struct {
	topic      string
	payload    []byte
	properties []byte
	qos        int64
	flags      int64
	expires    int64
}

func encodeBody(m *mqtt.Message) body {
	b := body{
		topic: m.Topic, payload: m.Payload, properties: encodeProperties(&m.Properties),
		qos: int64(m.QoS), expires: toMillis(m.Expires),
	}
	// nil would be NULL.
	if b.payload == nil {
		b.payload = []byte{}
	}
	if m.Retain {
		b.flags = flagRetain
	}
	return b
}

// bodyColumns are the columns that bodyFrom reads.
const bodyColumns = "topic, payload, properties, qos, flags, expires, crc"

// bodyFrom reads the columns bodyColumns from column i on, and checks them.
func bodyFrom(row storage.Row, i int) (*mqtt.Message, error) {
	b := body{
		topic: row.Text(i), payload: row.Bytes(i + 1), properties: row.Bytes(i + 2),
		qos: row.Int(i + 3), flags: row.Int(i + 4), expires: row.Int(i + 5),
	}
	if b.crc() != row.Int(i+6) {
		return nil, errChecksum
	}
	properties, err := decodeProperties(b.properties)
	if err != nil {
		return nil, err
	}
	return &mqtt.Message{
		Topic: b.topic, Payload: b.payload, QoS: mqtt.QoS(b.qos), Retain: b.flags&flagRetain != 0,
		Properties: properties, Expires: fromMillis(b.expires),
	}, nil
}

// crc covers every field and the border between topic, payload and properties.
func (b *body) crc() int64 {
	var head [34]byte
	binary.LittleEndian.PutUint64(head[0:], uint64(len(b.topic)))
	binary.LittleEndian.PutUint64(head[8:], uint64(len(b.payload)))
	binary.LittleEndian.PutUint64(head[16:], uint64(len(b.properties)))
	binary.LittleEndian.PutUint64(head[24:], uint64(b.expires))
	head[32], head[33] = byte(b.qos), byte(b.flags)
	sum := crc32.Update(0, castagnoli, head[:])
	sum = crc32.Update(sum, castagnoli, []byte(b.topic))
	sum = crc32.Update(sum, castagnoli, b.payload)
	return int64(crc32.Update(sum, castagnoli, b.properties))
}

func toMillis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(millis int64) time.Time {
	if millis == 0 {
		return time.Time{}
	}
	return time.UnixMilli(millis).UTC()
}

// encodeIdentifiers gives nil for none.
func encodeIdentifiers(identifiers []uint32) []byte {
	var data []byte
	for _, identifier := range identifiers {
		data = binary.AppendUvarint(data, uint64(identifier))
	}
	return data
}

func decodeIdentifiers(data []byte) (identifiers []uint32, err error) {
	for len(data) > 0 {
		identifier, n := binary.Uvarint(data)
		if n <= 0 || identifier > 1<<32-1 {
			return nil, fmt.Errorf("subscription identifiers: %w", errProperties)
		}
		identifiers = append(identifiers, uint32(identifier))
		data = data[n:]
	}
	return identifiers, nil
}
