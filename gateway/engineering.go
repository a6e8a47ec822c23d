package gateway

import (
	"cmp"
	"math"
)

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
	r.Value = raw.Value.Each(p.meaning)
	if r.Value.IsNull() {
		r.Quality = Bad
		if r.Reason == "" {
			r.Reason = "the device sent a value that is not a number"
		}
	}
	return p.Limits.judge(r)
}

// meaning is what one raw value means: its text in the enum, or the engineering value.
func (p *Point) meaning(raw Value) Value {
	v := p.Engineering(raw)
	if p.Enum != "" {
		v = p.Enum.Text(v)
	}
	return v
}

// RawValue is what has to be written to the device to set the engineering value v: the inverse of Engineering. A whole
// number type gets the nearest whole number; texts of the enum become their numbers, and what is outside of the limits is
// Invalid; what was set in fact shows when it is read back.
func (p *Point) RawValue(v Value) (Value, error) {
	var failed error
	raw := v.Each(func(one Value) Value {
		r, err := p.rawOf(one)
		failed = cmp.Or(failed, err)
		return r
	})
	return raw, failed
}

func (p *Point) rawOf(v Value) (Value, error) {
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
