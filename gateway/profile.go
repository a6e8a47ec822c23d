package gateway

// Profile is a template of a device: what its registers mean, where that was read, and how it was proven. A version never
// changes once devices refer to it; a correction is the next version. drivers/profiles/README.md describes the format.
type Profile struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
	// Name is what people look for: manufacturer and model.
	Name         string   `json:"name"`
	Manufacturer string   `json:"manufacturer"`
	Models       []string `json:"models"`
	Notes        string   `json:"notes,omitempty"`
	// Source is where the registers were read.
	Source ProfileSource `json:"source"`
	// Checked says against what: the document alone, or a device too.
	Checked ProfileCheck `json:"checked"`
	// Line is how the device comes from the factory.
	Line           ProfileLine           `json:"line,omitzero"`
	Quirks         DeviceQuirks          `json:"quirks,omitzero"`
	Identification ProfileIdentification `json:"identification,omitzero"`
	Points         []Point               `json:"points"`
	// Vectors are registers with the value that they stand for, as somebody else wrote them down.
	Vectors []ProfileVector `json:"vectors,omitempty"`
	// Unproven is why there are no Vectors.
	Unproven string `json:"unproven,omitempty"`
}

// ProfileRef names a version of a profile.
type ProfileRef struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
}

// Ref is the name of this version.
func (p *Profile) Ref() ProfileRef { return ProfileRef{ID: p.ID, Version: p.Version} }

// ProfileSource is a place that can be opened again: a file of a repository at a commit, or a page of a document.
type ProfileSource struct {
	Repository string `json:"repository,omitempty"`
	Path       string `json:"path,omitempty"`
	Commit     string `json:"commit,omitempty"`
	Document   string `json:"document,omitempty"`
	Page       string `json:"page,omitempty"`
}

// ProfileCheck says what a profile was compared with.
type ProfileCheck string

// The checks.
const (
	CheckedDocument ProfileCheck = "document"
	CheckedDevice   ProfileCheck = "device"
)

// ProfileLine is the setting of a serial line, and the unit number; zero values are not known.
type ProfileLine struct {
	Baud     int    `json:"baud,omitempty"`
	Parity   string `json:"parity,omitempty"`
	StopBits int    `json:"stopBits,omitempty"`
	Unit     int    `json:"unit,omitempty"`
}

// ProfileIdentification tells the device from others; all that is set has to be so.
type ProfileIdentification struct {
	// Text is part of what the device says about itself (function 43/14).
	Text string `json:"text,omitempty"`
	// Address is a register whose content is Equals.
	Address string `json:"address,omitempty"`
	Equals  int    `json:"equals,omitempty"`
}

// ProfileVector proves a point.
type ProfileVector struct {
	Point string `json:"point"`
	// Registers are the bytes of the wire, two hexadecimal digits each; blanks do not count.
	Registers string `json:"registers"`
	// Value is the engineering value; null for what stands for no value.
	Value  Value  `json:"value"`
	Source string `json:"source"`
}

// Profiles are the profiles that come with the program, and what only drivers know about any.
type Profiles interface {
	// BuiltIn lists the profiles of this version of the program, by name.
	BuiltIn() []Profile
	// Check reads all vectors of a profile and judges the addresses. The error is Invalid and points at the field.
	Check(p *Profile) error
	// SunSpec looks for a SunSpec map with read, which gives count holding registers from an address on. NotFound when the
	// device has none.
	SunSpec(read func(address, count int) ([]uint16, error)) (SunSpecDevice, error)
}

// SunSpecDevice is what a device says about itself in the way of the SunSpec Alliance.
type SunSpecDevice struct {
	// Address is where the map begins.
	Address      int            `json:"address"`
	Manufacturer string         `json:"manufacturer"`
	Model        string         `json:"model"`
	Version      string         `json:"version,omitempty"`
	Serial       string         `json:"serial,omitempty"`
	Models       []SunSpecModel `json:"models"`
	// Points are those of the known models that the device fills in.
	Points []Point `json:"points"`
}

// SunSpecModel is one block of the map.
type SunSpecModel struct {
	ID int `json:"id"`
	// Address is that of the first register after the header.
	Address int `json:"address"`
	Length  int `json:"length"`
	// Name is empty for a model that the program does not know; Source is where it was read.
	Name   string `json:"name,omitempty"`
	Source string `json:"source,omitempty"`
}
