package gateway

import "time"

// Location is the time zone of the site: the one that was chosen, or that of the machine until then. Times for people and
// the hours of schedules are in it; payloads are always in UTC.
func (c *Config) Location() *time.Location {
	if c.TimeZone == "" {
		return time.Local
	}
	// Validate has seen that it exists.
	zone, err := time.LoadLocation(c.TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// ValidateTimeZone checks the name of a time zone of the IANA data base, such as Europe/Berlin. The error points at field.
func ValidateTimeZone(field, name string) error {
	// Local would be another zone on another machine.
	if _, err := time.LoadLocation(name); err != nil || name == "Local" {
		return FieldErrorf(field, "%q is not a time zone: use a name such as Europe/Berlin, America/New_York or UTC", name)
	}
	return nil
}
