package line

// Plugged says what ports there are.
func Plugged(ports []Port) string { return plugged(ports) }

// SerialError is what is said about a port that does not open.
func SerialError(path string, err error) error { return serialError(path, err) }
