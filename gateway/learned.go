package gateway

import (
	"context"
	"encoding/json"
	"time"
)

// Learned is what a driver has found out about a device that nobody told it: what may not be asked for in one request. The
// zero value is nothing.
type Learned struct {
	// Since is when the first of it was found out. After a day all of it is tried again.
	Since time.Time `json:"since,omitzero"`
	// Tables are those of which something is known.
	Tables []LearnedTable `json:"tables,omitempty"`
}

// LearnedTable is what is known about one table of a device.
type LearnedTable struct {
	// Table is the word in an address: coil, discrete, input or holding.
	Table string `json:"table"`
	// Holes are addresses that no request for several points may touch.
	Holes []LearnedHole `json:"holes,omitempty"`
	// Cuts are addresses at which a request has to begin: none may cross them.
	Cuts []int `json:"cuts,omitempty"`
}

// LearnedHole is a range of addresses, both ends included.
type LearnedHole struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// Empty reports whether nothing is known.
func (l Learned) Empty() bool { return len(l.Tables) == 0 }

// Learner is a driver that finds out such things while it polls. It is used like a Driver: by one goroutine.
type Learner interface {
	// Discoveries counts what was found out or forgotten; while it stays the same, Learned does.
	Discoveries() uint64
	// Learned is what is known about a device.
	Learned(device Device) Learned
	// Learn puts l in the place of what is known about a device; the zero value forgets all of it.
	Learn(device Device, l Learned)
}

// Memory keeps what drivers have learned, also while the gateway is off; see gateway/memory. Its methods may be called from
// any goroutine.
type Memory interface {
	// Recall gives what is kept about a device. It is nothing when it was learned at another address, or before the profile
	// or the habits of the device were changed.
	Recall(connection Connection, device Device) Learned
	// Remember keeps l in the place of what was kept before. It never waits.
	Remember(connection Connection, device Device, l Learned)
	// Forget drops what is kept about a device; it returns when that is on disk.
	Forget(ctx context.Context, device string) error
}

// LearnedDevices is what people may do about what was learned.
type LearnedDevices interface {
	// ForgetLearned has a device asked as on the first day: nothing is known about it any more. It returns when that is on
	// disk; a device that is not there is NotFound.
	ForgetLearned(ctx context.Context, device string) error
}

// StoredLearned is what is kept about one device.
type StoredLearned struct {
	Device string
	// Subject is what it was learned about; see LearnedAbout.
	Subject string
	Learned Learned
}

// LearnedAbout names what decides whether something learned still holds: where the device is, and what was said about it.
func LearnedAbout(connection Connection, device Device) string {
	text, err := json.Marshal(struct {
		URL     string
		Unit    int
		Profile ProfileRef
		Quirks  DeviceQuirks
	}{connection.URL, device.Unit, device.Profile, device.Quirks})
	if err != nil {
		panic(err) // texts and numbers
	}
	return string(text)
}
