package gateway

import "context"

// Explorer is a driver that can look at devices nobody has configured yet. It is used like a Driver: by one goroutine.
type Explorer interface {
	Driver
	// FindUnits asks each number in the range once for something harmless and gives those that answered, in their order.
	// It blocks for up to search.Timeout per number. The error is that of the wire or of ctx; what was found by then
	// comes with it.
	FindUnits(ctx context.Context, search UnitSearch) ([]FoundUnit, error)
	// ReadRange reads a range of places with all that they may mean. What the device refuses comes as places with a
	// reason.
	ReadRange(ctx context.Context, span Range) ([]Place, error)
}

// Exploration looks at devices before they are configured, and at what a configuration would mean for the wire. Nothing is
// saved. A connection that runs is asked between its polls.
type Exploration interface {
	Commands
	// FindUnits gives the units that answer; see Explorer.
	FindUnits(ctx context.Context, connection Connection, search UnitSearch) ([]FoundUnit, error)
	// ReadRange gives what is at a range of places; see Explorer.
	ReadRange(ctx context.Context, connection Connection, span Range) ([]Place, error)
	// DetectLine tries the settings of a serial line that no connection uses, until a unit answers; nothing found is no
	// error. It ends with ctx.
	DetectLine(ctx context.Context, connection Connection, search LineSearch) ([]FoundLine, error)
	// Plan says how a device would be polled. It touches no wire.
	Plan(connection Connection, device Device) (Plan, error)
	// PointProblems are the points of a device in next that could not be saved, each with its first problem.
	PointProblems(next Config, device string) []*Error
}

// MaxUnitSearch is how many units one search may ask: a wire is nobody else's meanwhile.
const MaxUnitSearch = 32

// UnitSearch is a range of unit numbers to ask, From and To included.
type UnitSearch struct {
	From int `json:"from"`
	To   int `json:"to"`
	// Timeout is how long each may take to answer, 20 to 500 ms; zero means 300 ms.
	Timeout Duration `json:"timeout,omitempty"`
}

// FoundUnit is a unit that answered.
type FoundUnit struct {
	Unit int `json:"unit"`
	// Answer is what it said to the harmless question, for people: a value, or why it has none.
	Answer string `json:"answer"`
	// Identification is what the device says about itself: vendor, product, revision. Empty for most.
	Identification []string `json:"identification,omitempty"`
}

// MaxRange is how many places one look may have.
const MaxRange = 250

// Range is a range of places of a device.
type Range struct {
	Unit int `json:"unit"`
	// Address is the first place, as in Point.Address: holding:100, input:0, coil:5, 40101.
	Address string `json:"address"`
	// Count is the number of places, 1 to MaxRange.
	Count int `json:"count"`
}

// Place is one register or bit with what it may mean.
type Place struct {
	Address string `json:"address"`
	// Raw is the content of a register, or 0 and 1; nil when it could not be read, for Reason.
	Raw    *int   `json:"raw"`
	Reason string `json:"reason,omitempty"`
	// Meanings are values that begin here; empty for bits.
	Meanings []Meaning `json:"meanings,omitempty"`
}

// Meaning is one way to read the bytes from a place on.
type Meaning struct {
	Type      Type   `json:"type"`
	ByteOrder string `json:"byteOrder,omitempty"`
	// Length is the number of bytes of a string.
	Length int   `json:"length,omitempty"`
	Value  Value `json:"value"`
	// Plausible marks what looks like something that somebody measured: it is a hint, not a judgement.
	Plausible bool `json:"plausible,omitempty"`
}

// Plan is how a device would be polled.
type Plan struct {
	Requests []PlannedRequest `json:"requests"`
	// Classes are the loads by scan class, in the order of their intervals.
	Classes []PlannedClass `json:"classes"`
	// Load is the part of the wire's time that this device takes, 1 is all of it. Above about 0.8 intervals cannot be kept.
	Load float64 `json:"load"`
	// Learned is what the plan goes around, since the device refused it before; nil when nothing is known.
	Learned *Learned `json:"learned,omitempty"`
}

// PlannedRequest is one question to the device.
type PlannedRequest struct {
	ScanClass string `json:"scanClass"`
	// Address is the first place; Count is how many are asked for, Points how many points are among them.
	Address string `json:"address"`
	Count   int    `json:"count"`
	Points  int    `json:"points"`
	// Milliseconds is what it takes on the wire by the model of the plan.
	Milliseconds float64 `json:"milliseconds"`
}

// PlannedClass is what is polled together.
type PlannedClass struct {
	ScanClass    string   `json:"scanClass"`
	Interval     Duration `json:"interval"`
	Requests     int      `json:"requests"`
	Milliseconds float64  `json:"milliseconds"`
	// Late says that the requests take longer than the interval.
	Late bool `json:"late,omitempty"`
}
