package gateway

import "time"

// HistoryLimits say how much of the past is kept for charts. A zero value means the default.
type HistoryLimits struct {
	// RawDays are for the readings themselves: 1 to 366 days; 0 means 7.
	RawDays int `json:"rawDays,omitempty"`
	// MinuteDays are for minimum, mean and maximum of each minute and hour: RawDays to 3660 days; 0 means 365.
	MinuteDays int `json:"minuteDays,omitempty"`
	// MaxBytes is what all of it may take on the disk: 8 MiB to 1 TiB; 0 means what the start-up file says. The oldest goes
	// first, readings before minutes.
	MaxBytes int64 `json:"maxBytes,omitempty"`
}

// The bounds of HistoryLimits.
const (
	DefaultRawDays    = 7
	DefaultMinuteDays = 365

	maxRawDays      = 366
	maxMinuteDays   = 3660
	minHistoryBytes = 8 << 20
	maxHistoryBytes = 1 << 40
)

// WithDefaults has a value for everything; maxBytes is what the start-up file says.
func (l HistoryLimits) WithDefaults(maxBytes int64) HistoryLimits {
	if l.RawDays == 0 {
		l.RawDays = DefaultRawDays
	}
	if l.MinuteDays == 0 {
		l.MinuteDays = max(DefaultMinuteDays, l.RawDays)
	}
	if l.MaxBytes == 0 {
		l.MaxBytes = maxBytes
	}
	return l
}

// RawAge and MinuteAge are the days as durations.
func (l HistoryLimits) RawAge() time.Duration    { return days(l.RawDays) }
func (l HistoryLimits) MinuteAge() time.Duration { return days(l.MinuteDays) }

func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }

func (l HistoryLimits) validate(field string) error {
	switch full := l.WithDefaults(minHistoryBytes); {
	case full.RawDays < 1 || full.RawDays > maxRawDays:
		return FieldErrorf(field+".rawDays", "%d is not between 1 and %d days", l.RawDays, maxRawDays)
	case full.MinuteDays < full.RawDays || full.MinuteDays > maxMinuteDays:
		return FieldErrorf(field+".minuteDays", "%d is not between %d, for which readings are kept, and %d days", l.MinuteDays, full.RawDays, maxMinuteDays)
	case full.MaxBytes < minHistoryBytes || full.MaxBytes > maxHistoryBytes:
		return FieldErrorf(field+".maxBytes", "%d is not between %d (8 MiB) and %d bytes (1 TiB)", l.MaxBytes, minHistoryBytes, int64(maxHistoryBytes))
	}
	return nil
}
