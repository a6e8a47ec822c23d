package gateway

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// profileText is a profile as it is written: what most points have in common is said once.
type profileText struct {
	Profile
	Defaults struct {
		Type      Type   `json:"type"`
		ByteOrder string `json:"byteOrder"`
		ScanClass string `json:"scanClass"`
		Invalid   string `json:"invalid"`
	} `json:"defaults"`
}

// ReadProfile reads a profile from YAML, as it is uploaded, and validates it. The error points at a field of the text.
func ReadProfile(text string) (Profile, error) {
	var read profileText
	if err := ReadYAML("text", "a profile", text, &read); err != nil {
		return Profile{}, err
	}
	p := read.Profile
	if p.Points == nil {
		p.Points = []Point{}
	}
	for i := range p.Points {
		read.complete(&p.Points[i])
	}
	return p, p.Validate()
}

func (t *profileText) complete(p *Point) {
	if p.Expression != "" {
		return
	}
	if p.Type == "" {
		p.Type = t.Defaults.Type
	}
	if p.ByteOrder == "" && p.Type.Bytes() > 2 {
		p.ByteOrder = t.Defaults.ByteOrder
	}
	if p.ScanClass == "" {
		p.ScanClass = t.Defaults.ScanClass
	}
	if p.Decoding.Invalid == "" && p.Type != Bool && p.Type != String {
		p.Decoding.Invalid = t.Defaults.Invalid
	}
}

// Validate checks a profile without what only drivers know; see Profiles.Check.
func (p *Profile) Validate() error {
	switch {
	case !idPattern.MatchString(p.ID):
		return idError("id", p.ID)
	case p.Version < 1 || p.Version > 1_000_000:
		return FieldErrorf("version", "versions count from 1, this is %d", p.Version)
	case p.Name == "":
		return FieldErrorf("name", "a name is needed: manufacturer and model")
	case p.Checked != CheckedDocument && p.Checked != CheckedDevice:
		return FieldErrorf("checked", "%q is not document or device", p.Checked)
	case !slices.Contains([]string{"", "N", "E", "O"}, p.Line.Parity):
		return FieldErrorf("line.parity", "%q is not N, E or O", p.Line.Parity)
	case len(p.Vectors) == 0 && p.Unproven == "":
		return FieldErrorf("unproven", "say why there is no vector, or give one")
	}
	checks := []func() error{p.Source.validate, p.validatePoints, p.validateVectors}
	for _, check := range checks {
		if err := check(); err != nil {
			return err
		}
	}
	return validateQuirks("quirks", p.Quirks)
}

func (s ProfileSource) validate() error {
	if s.Repository != "" && s.Path != "" && s.Commit != "" || s.Document != "" && s.Page != "" {
		return nil
	}
	return FieldErrorf("source", "say where the registers were read: repository, path and commit, or document and page")
}

// validatePoints takes all scan classes that the points name as given: a gateway that lacks one uses the device's.
func (p *Profile) validatePoints() error {
	config := Config{}
	for _, point := range p.Points {
		config.ScanClasses = append(config.ScanClasses, ScanClass{ID: point.ScanClass})
	}
	if len(p.Points) == 0 {
		return FieldErrorf("points", "a profile has at least one point")
	}
	for i, point := range p.Points {
		at := fmt.Sprintf("points[%d]", i)
		if err := config.validatePoint(at, point); err != nil {
			return err
		}
		if point.Expression == "" {
			continue
		}
		if err := validateComputed(at, point, p.Points); err != nil {
			return err
		}
	}
	return uniqueIDs("points", p.Points, func(p Point) string { return p.ID })
}

func (p *Profile) validateVectors() error {
	for i, v := range p.Vectors {
		at := fmt.Sprintf("vectors[%d]", i)
		_, known := p.Point(v.Point)
		_, err := v.Bytes()
		switch {
		case !known:
			return FieldErrorf(at+".point", "there is no point %q", v.Point)
		case err != nil:
			return FieldErrorf(at+".registers", "%q is not two hexadecimal digits for each byte", v.Registers)
		case v.Source == "":
			return FieldErrorf(at+".source", "say where the value was read: one that was computed proves nothing")
		}
	}
	return nil
}

// Point finds a point by its ID.
func (p *Profile) Point(id string) (Point, bool) {
	return find(p.Points, func(x Point) bool { return x.ID == id })
}

// Bytes are the Registers as they come from the wire.
func (v ProfileVector) Bytes() ([]byte, error) {
	return hex.DecodeString(strings.Join(strings.Fields(v.Registers), ""))
}
