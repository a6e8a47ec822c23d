package gateway

import (
	"strconv"
	"strings"

	"github.com/tidegate/tidegate/mqtt"
)

// DefaultTopic is the topic of a point whose mapping names none.
const DefaultTopic = "{gateway}/{device}/{point}"

// Topic is where the readings of the point are published.
func (p *Point) Topic(gatewayName, deviceID string) string {
	template := p.Mapping.Topic
	if template == "" {
		template = DefaultTopic
	}
	return strings.NewReplacer("{gateway}", gatewayName, "{device}", deviceID, "{point}", p.ID).Replace(template)
}

// QoS is the quality of the point's messages: 1 unless the mapping says otherwise.
func (p *Point) QoS() mqtt.QoS {
	if p.Mapping.QoS == nil {
		return mqtt.AtLeastOnce
	}
	return mqtt.QoS(*p.Mapping.QoS)
}

// Engineering turns a raw value into the point's engineering value: scale, offset and decimals. Texts, truth values and
// null stay as they are.
func (p *Point) Engineering(raw Value) Value {
	if p.Scale == 0 && p.Offset == 0 && p.Decimals == nil || p.Type == Bool {
		return raw
	}
	number, isNumber := raw.Float()
	if !isNumber {
		return raw
	}
	scale := p.Scale
	if scale == 0 {
		scale = 1
	}
	if _, isWhole := raw.Whole(); isWhole && scale == 1 && p.Offset == 0 {
		return raw // exact also beyond 2^53
	}
	number = number*scale + p.Offset
	if p.Decimals != nil {
		number = round(number, *p.Decimals)
	}
	return FloatValue(number)
}

// round goes over the decimal text, so that 0.1*3 becomes 0.3 and not 0.30000000000000004.
func round(f float64, decimals int) float64 {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(f, 'f', decimals, 64), 64)
	if err != nil {
		return f
	}
	return rounded
}

// Raw turns an engineering value into the raw one, for writing: the inverse of Engineering.
func (p *Point) Raw(v Value) (float64, error) {
	number, isNumber := v.Float()
	if !isNumber {
		return 0, Errorf(Invalid, "%s is not a number", v)
	}
	scale := p.Scale
	if scale == 0 {
		scale = 1
	}
	return (number - p.Offset) / scale, nil
}
