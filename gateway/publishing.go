package gateway

import (
	"math"
	"time"
)

// Publishing says which readings become messages. The zero value publishes each one.
type Publishing struct {
	// OnChange publishes a reading only when value or quality are others than in the last message.
	OnChange bool `json:"onChange,omitempty"`
	// Deadband and DeadbandPercent are how far a number may move away from the last one published without a message, in
	// the unit of the point and in percent of the last one. With both, a change must be larger than both.
	Deadband        float64 `json:"deadband,omitempty"`
	DeadbandPercent float64 `json:"deadbandPercent,omitempty"`
	// LongestSilence is after how long a reading is published even if nothing has changed; zero is never.
	LongestSilence Duration `json:"longestSilence,omitempty"`
}

// Worth reports whether a reading is worth a message, silence after the message with the reading last. interval is when the
// next reading comes: silence does not get longer than it may by waiting for that.
func (s Publishing) Worth(last, r Reading, silence, interval time.Duration) bool {
	switch {
	case !s.OnChange || last.Quality != r.Quality:
		return true
	case s.LongestSilence > 0 && silence+interval > time.Duration(s.LongestSilence):
		return true
	}
	before, wasNumber := last.Value.Float()
	now, isNumber := r.Value.Float()
	if !wasNumber || !isNumber || s.Deadband == 0 && s.DeadbandPercent == 0 {
		return last.Value != r.Value
	}
	return math.Abs(now-before) > max(s.Deadband, math.Abs(before)*s.DeadbandPercent/100)
}

func validatePublishing(field string, s Publishing) error {
	longest := time.Duration(s.LongestSilence)
	switch {
	case s.Deadband < 0 || math.IsInf(s.Deadband, 0):
		return FieldErrorf(field+".deadband", "a deadband is not negative")
	case s.DeadbandPercent < 0 || s.DeadbandPercent > 100:
		return FieldErrorf(field+".deadbandPercent", "%g is not between 0 and 100", s.DeadbandPercent)
	case longest < 0 || longest > 7*24*time.Hour || longest > 0 && longest < time.Second:
		return FieldErrorf(field+".longestSilence", "%s is not between 1s and 168h", longest)
	case !s.OnChange && (s.Deadband > 0 || s.DeadbandPercent > 0 || longest > 0):
		return FieldErrorf(field+".onChange", "a deadband and a longest silence need publishing on change")
	}
	return nil
}
