package queue

import (
	"encoding/binary"
	"errors"

	"github.com/tidegate/tidegate/mqtt"
)

// Properties are stored as a sequence of fields: one byte of tag, the length as an unsigned varint, the bytes. Order and
// repetition of user properties are kept. Tags are never given another meaning.
const (
	tagPayloadFormat   = 1
	tagContentType     = 2
	tagResponseTopic   = 3
	tagCorrelationData = 4
	// A name is followed by its value.
	tagUserName  = 5
	tagUserValue = 6
)

var errProperties = errors.New("stored properties cannot be read")

// encodeProperties gives nil when no property is set.
func encodeProperties(p *mqtt.Properties) []byte {
	if p.IsZero() {
		return nil
	}
	var data []byte
	if p.PayloadFormat != nil {
		data = append(data, tagPayloadFormat, 1, *p.PayloadFormat)
	}
	if p.ContentType != "" {
		data = appendField(data, tagContentType, p.ContentType)
	}
	if p.ResponseTopic != "" {
		data = appendField(data, tagResponseTopic, p.ResponseTopic)
	}
	if len(p.CorrelationData) > 0 {
		data = appendField(data, tagCorrelationData, p.CorrelationData)
	}
	for _, user := range p.User {
		data = appendField(data, tagUserName, user.Name)
		data = appendField(data, tagUserValue, user.Value)
	}
	return data
}

func appendField[T string | []byte](data []byte, tag byte, value T) []byte {
	data = append(data, tag)
	data = binary.AppendUvarint(data, uint64(len(value)))
	return append(data, value...)
}

func decodeProperties(data []byte) (p mqtt.Properties, err error) {
	for len(data) > 0 {
		tag := data[0]
		length, n := binary.Uvarint(data[1:])
		if n <= 0 || length > uint64(len(data)-1-n) {
			return p, errProperties
		}
		value := data[1+n:][:length]
		data = data[1+n:][length:]
		if err := setProperty(&p, tag, value); err != nil {
			return p, err
		}
	}
	return p, nil
}

func setProperty(p *mqtt.Properties, tag byte, value []byte) error {
	switch tag {
	case tagPayloadFormat:
		if len(value) != 1 {
			return errProperties
		}
		p.PayloadFormat = new(value[0])
	case tagContentType:
		p.ContentType = string(value)
	case tagResponseTopic:
		p.ResponseTopic = string(value)
	case tagCorrelationData:
		p.CorrelationData = append([]byte(nil), value...)
	case tagUserName:
		p.User = append(p.User, mqtt.UserProperty{Name: string(value)})
	case tagUserValue:
		if len(p.User) == 0 {
			return errProperties
		}
		p.User[len(p.User)-1].Value = string(value)
	default:
		return errProperties
	}
	return nil
}
