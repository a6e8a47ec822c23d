package drivers

import (
	"fmt"
	"math"
	"strings"

	"github.com/tidegate/tidegate/drivers/modbus"
	"github.com/tidegate/tidegate/drivers/profiles"
	"github.com/tidegate/tidegate/drivers/value"
	"github.com/tidegate/tidegate/gateway"
)

// Profiles judges profiles of devices with what the Modbus driver knows.
type Profiles struct{}

var _ gateway.Profiles = Profiles{}

// BuiltIn lists the profiles that come with the program.
func (Profiles) BuiltIn() []gateway.Profile { return profiles.All() }

// SunSpec follows the map of a device.
func (Profiles) SunSpec(read func(address, count int) ([]uint16, error)) (gateway.SunSpecDevice, error) {
	return profiles.SunSpec(read)
}

// Check judges addresses as the driver does and decodes each vector.
func (Profiles) Check(p *gateway.Profile) error {
	for i, point := range p.Points {
		if point.Expression != "" {
			continue
		}
		if err := modbus.Check(p.Quirks, point); err != nil {
			return below(fmt.Sprintf("points[%d].", i), err)
		}
	}
	for i, v := range p.Vectors {
		if err := checkVector(p, v); err != nil {
			return below(fmt.Sprintf("vectors[%d].", i), err)
		}
	}
	return nil
}

func checkVector(p *gateway.Profile, v gateway.ProfileVector) error {
	point, _ := p.Point(v.Point)
	wire, err := v.Bytes()
	if err != nil {
		return gateway.FieldErrorf("registers", "%w", err)
	}
	layout := value.Of(point)
	switch {
	case point.Expression != "" || point.Decoding.ScaleFrom != "":
		return gateway.FieldErrorf("point", "a vector is about one point as it is read: %s needs others", v.Point)
	case len(wire) != layout.Size():
		return gateway.FieldErrorf("registers", "%s takes %d bytes, not %d", v.Point, layout.Size(), len(wire))
	}
	raw, _ := layout.Read(wire)
	point.Limits = gateway.Limits{}
	read := point.EngineeringReading(gateway.Reading{Value: raw, Quality: gateway.Good}).Value
	if !sameValue(read, v.Value) {
		return gateway.FieldErrorf("value", "%s reads %s as %s, not %s", v.Point, v.Registers, read, v.Value)
	}
	return nil
}

// sameValue compares what was read with what was written down, which is rounded where it has a fraction. A 32-bit float has
// seven digits.
func sameValue(read, written gateway.Value) bool {
	x, isNumber := read.Float()
	y, both := written.Float()
	if !isNumber || !both {
		return read.IsNull() == written.IsNull() && read.String() == written.String()
	}
	tolerance := 1e-7 * math.Max(math.Abs(x), math.Abs(y))
	if _, fraction, has := strings.Cut(written.String(), "."); has {
		tolerance = math.Max(tolerance, 0.5*math.Pow10(-len(fraction)))
	}
	return math.Abs(x-y) <= tolerance
}
