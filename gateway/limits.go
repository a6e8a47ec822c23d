package gateway

import (
	"cmp"
	"fmt"
)

// Limits are the values that make sense, in the unit of the point; nil is no limit. What is outside is not cut off: the
// reading says so. It cannot be written.
type Limits struct {
	Min *float64 `json:"min,omitempty"`
	Max *float64 `json:"max,omitempty"`
	// Bad makes a reading outside bad, without a value, instead of uncertain.
	Bad bool `json:"bad,omitempty"`
}

// outside is what is wrong with a value, for people; empty when nothing is.
func (l Limits) outside(v Value) string {
	number, isNumber := v.Float()
	switch {
	case !isNumber:
	case l.Min != nil && number < *l.Min:
		return fmt.Sprintf("%s is below the lower limit %g", v, *l.Min)
	case l.Max != nil && number > *l.Max:
		return fmt.Sprintf("%s is above the upper limit %g", v, *l.Max)
	}
	return ""
}

// judge is the reading with what the limits say about it.
func (l Limits) judge(r Reading) Reading {
	reason := ""
	r.Value.Each(func(one Value) Value {
		reason = cmp.Or(reason, l.outside(one))
		return one
	})
	switch {
	case reason == "":
	case l.Bad:
		r.Quality, r.Reason, r.Value = Bad, reason, Value{}
	case r.Quality == Good:
		r.Quality, r.Reason = Uncertain, reason
	}
	return r
}

func validateLimits(field string, p *Point) error {
	l := p.Limits
	switch {
	case l.Min == nil && l.Max == nil && l.Bad:
		return FieldErrorf(field+".bad", "there is no limit that a reading could be outside of")
	case l.Min == nil && l.Max == nil:
	case !p.Type.Whole() && !p.Type.Float() || p.Enum != "":
		return FieldErrorf(field, "only numbers have limits")
	case l.Min != nil && l.Max != nil && *l.Min > *l.Max:
		return FieldErrorf(field+".max", "the upper limit %g is below the lower one, %g", *l.Max, *l.Min)
	}
	return nil
}
