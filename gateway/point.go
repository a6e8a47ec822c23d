package gateway

// Point is one value of a device.
type Point struct {
	// ID is unique within the device: letters, digits, - and _.
	ID   string `json:"id"`
	Name string `json:"name"`
	// Address is the place in the device. Modbus: "holding:100", "input:5", "coil:0", "discrete:7", with ".3" for one bit
	// of a register; offsets count from 0. Also taken: 40101, 400101 (reference numbers, counting from 1). Serial lines:
	// "field:2" (separated by comma, semicolon or blanks, counting from 1), "number:1", "regex:([0-9.]+) kg" (first group), "key:T",
	// "json:/t", "obis:1-0:1.8.1".
	// Empty for a computed point.
	Address string `json:"address"`
	Type    Type   `json:"type"`
	// ByteOrder permutes the bytes of the wire into big-endian order: ABCD, CDAB, BADC, DCBA, or any permutation with as
	// many letters as the type has bytes. Empty means big-endian.
	ByteOrder string `json:"byteOrder,omitempty"`
	// Length is the number of bytes of a string.
	Length int `json:"length,omitempty"`
	// Count makes the value a list of so many values of the type, which follow each other in the device; 0 and 1 are one
	// value and no list. Numbers and bools of Modbus can be lists.
	Count    int      `json:"count,omitempty"`
	Decoding Decoding `json:"decoding,omitzero"`
	// Scale and Offset make the engineering value: raw * Scale + Offset. Scale 0 means 1.
	Scale  float64 `json:"scale,omitempty"`
	Offset float64 `json:"offset,omitempty"`
	// Decimals rounds the published value; nil keeps all digits.
	Decimals *int   `json:"decimals,omitempty"`
	Unit     string `json:"unit,omitempty"`
	// ScanClass overrides the device's.
	ScanClass string `json:"scanClass,omitempty"`
	Writable  bool   `json:"writable,omitempty"`
	// Limits are the values that make sense.
	Limits Limits `json:"limits,omitzero"`
	// Enum gives texts for numbers.
	Enum Enum `json:"enum,omitempty"`
	// Expression computes the point from others of the device, by their IDs: "power / max(voltage, 1)". $env["a-b"] is a
	// point whose ID is no name there. A computed point has no address and follows the readings that it is made of.
	Expression string     `json:"expression,omitempty"`
	Publish    Publishing `json:"publish,omitzero"`
	Mapping    Mapping    `json:"mapping"`
}

// Mapping says what becomes of the readings of a point: point -> topic, payload, QoS, retain.
type Mapping struct {
	// Topic overrides the default {gateway}/{device}/{point}; the three placeholders are replaced.
	Topic   string  `json:"topic,omitempty"`
	Payload Payload `json:"payload,omitempty"`
	// QoS defaults to 1, so that a reading waits for an absent bridge.
	QoS    *int `json:"qos,omitempty"`
	Retain bool `json:"retain,omitempty"`
}

// Payload is a preset for the payload of readings.
type Payload string

// The payload presets.
const (
	// PayloadJSON is {"v":21.4,"q":"good","t":"2026-01-02T03:04:05.678Z","n":1234}; the default.
	PayloadJSON Payload = "json"
	// PayloadPlain is the value alone; a reading without a value publishes nothing.
	PayloadPlain Payload = "plain"
)

// PointKey names a point in the whole gateway.
type PointKey struct {
	Device string `json:"device"`
	Point  string `json:"point"`
}

// String is device/point.
func (k PointKey) String() string { return k.Device + "/" + k.Point }
