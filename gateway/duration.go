package gateway

import (
	"encoding/json"
	"fmt"
	"time"
)

// Duration is a time.Duration that reads and writes as text in JSON and YAML: "500ms", "1m30s".
type Duration time.Duration

// String is the usual notation of Go.
func (d Duration) String() string { return time.Duration(d).String() }

// MarshalJSON writes the text form.
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(d.String()) }

// UnmarshalJSON reads the text form.
func (d *Duration) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return fmt.Errorf("a duration is a text like \"1s\": %w", err)
	}
	return d.UnmarshalText([]byte(text))
}

// UnmarshalText reads the text form; the empty text is zero.
func (d *Duration) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = 0
		return nil
	}
	parsed, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("a duration is a number with a unit, like 500ms, 10s or 1m30s: %w", err)
	}
	*d = Duration(parsed)
	return nil
}
