package line

// SerialError is what is said about a port that does not open.
func SerialError(path string, err error) error { return serialError(path, err) }
