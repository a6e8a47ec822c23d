package line

// Plugged says what ports there are.
func Plugged(ports []Port) string { return plugged(ports) }

// CheckParity says what a port of a file system cannot do.
func CheckParity(root string, a Address) error { return checkParity(root, a) }

// SerialError is what is said about a port that does not open.
func SerialError(path string, err error) error { return serialError(path, err) }
