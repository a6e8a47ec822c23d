package modbus

import "time"

// foreign notices traffic on a line while nobody was asked: another master, or a device that talks by itself. Its frames
// are never taken for replies, but they spoil some.
type foreign struct {
	times [foreignTimes]time.Time
	next  int
}

const (
	// foreignTimes within foreignWindow make the doubt; a single burst may be a plug that was touched.
	foreignTimes  = 3
	foreignWindow = time.Minute
	// foreignLeast is the shortest frame there is, in bytes; less is noise from the change of direction on the line.
	foreignLeast = 4
)

// saw takes note of bytes that came without a request, and that are no late reply.
func (f *foreign) saw(bytes int, now time.Time) {
	if bytes < foreignLeast {
		return
	}
	f.times[f.next] = now
	f.next = (f.next + 1) % foreignTimes
}

func (f *foreign) often(now time.Time) bool {
	oldest := f.times[f.next]
	return !oldest.IsZero() && now.Sub(oldest) < foreignWindow
}

// Doubt is what is wrong with the wire although devices may answer; empty when nothing is known. See gateway.Doubter.
func (d *Driver) Doubt() string {
	if !d.bus.foreign.often(time.Now()) {
		return ""
	}
	return "something else sends on this line while no device was asked: look for a second master, or a device that speaks by itself"
}
