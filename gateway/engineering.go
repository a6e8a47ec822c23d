package gateway

import "math"

// EngineeringReading turns what a driver read into what is shown and published: the value in engineering units, and
// value and quality in agreement. A reading without a value is bad, and a bad reading has no value: never an old or
// invented one.
func (p *Point) EngineeringReading(raw Reading) Reading {
	r := raw
	r.Time = raw.Time.UTC()
	if r.Quality == Bad {
		r.Value = Value{}
		return r
	}
	r.Value = p.Engineering(raw.Value)
	if p.Enum != "" {
		r.Value = p.Enum.Text(r.Value)
	}
	if r.Value.IsNull() {
		r.Quality = Bad
		if r.Reason == "" {
			r.Reason = "the device sent a value that is not a number"
		}
	}
	return p.Limits.judge(r)
}

// RawValue is what has to be written to the device to set the engineering value v: the inverse of Engineering. A whole
// number type gets the nearest whole number; texts of the enum become their numbers, and what is outside of the limits is Invalid; what was set in fact shows when it is read back.
func (p *Point) RawValue(v Value) (Value, error) {
	v, err := p.Enum.Number(v)
	if err != nil {
		return Value{}, err
	}
	if outside := p.Limits.outside(v); outside != "" {
		return Value{}, Errorf(Invalid, "%s", outside)
	}
	if p.Scale == 0 && p.Offset == 0 || !p.Type.Whole() && !p.Type.Float() {
		return v, nil
	}
	number, err := p.Raw(v)
	if err != nil {
		return Value{}, err
	}
	// With a scale of its own the device's whole number is made by the driver.
	if p.Type.Float() || p.Decoding.ScaleFrom != "" {
		return FloatValue(number), nil
	}
	return FloatValue(math.Round(number)), nil
}
