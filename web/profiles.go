package web

import (
	"cmp"
	"context"
	"slices"

	"github.com/tidegate/tidegate/gateway"
)

// ProfileSummary is a profile in a list.
type ProfileSummary struct {
	gateway.ProfileRef
	Name         string                `json:"name"`
	Manufacturer string                `json:"manufacturer"`
	Models       []string              `json:"models"`
	Source       gateway.ProfileSource `json:"source"`
	Checked      gateway.ProfileCheck  `json:"checked"`
	Line         gateway.ProfileLine   `json:"line,omitzero"`
	BuiltIn      bool                  `json:"builtIn" doc:"It comes with the program; others were uploaded"`
	Points       int                   `json:"points"`
	Vectors      int                   `json:"vectors" doc:"How many registers of other people are decoded to prove it"`
	Devices      []ProfileUse          `json:"devices" doc:"Devices that refer to it, to any version"`
}

// ProfileUse is a device with a profile.
type ProfileUse struct {
	Device  string `json:"device"`
	Version int    `json:"version"`
	// Differences is how many points the device has differently.
	Differences int `json:"differences"`
}

// ProfileDetail is all of a profile.
type ProfileDetail struct {
	Profile gateway.Profile `json:"profile"`
	BuiltIn bool            `json:"builtIn"`
	Devices []ProfileUse    `json:"devices"`
}

type (
	profilesOut  struct{ Body []ProfileSummary }
	getProfileIn struct {
		ID      string `path:"id"`
		Version int    `query:"version" minimum:"0" doc:"0 is the newest"`
	}
	profileOut struct{ Body ProfileDetail }
)

func (s *Server) getProfiles(context.Context, *none) (*profilesOut, error) {
	config, builtIn := s.Control.Config(), s.Profiles.BuiltIn()
	summaries := []ProfileSummary{}
	for _, p := range s.newest(&config) {
		summaries = append(summaries, ProfileSummary{
			ProfileRef: p.Ref(), Name: p.Name, Manufacturer: p.Manufacturer, Models: list(p.Models), Source: p.Source, Checked: p.Checked,
			Line: p.Line, BuiltIn: isBuiltIn(builtIn, p.ID), Points: len(p.Points), Vectors: len(p.Vectors), Devices: usesOf(&config, p.ID),
		})
	}
	return &profilesOut{Body: summaries}, nil
}

// newest is each profile in its newest version, by name.
func (s *Server) newest(config *gateway.Config) []gateway.Profile {
	profiles := map[string]gateway.Profile{}
	for _, p := range slices.Concat(config.Profiles, s.Profiles.BuiltIn()) {
		if p.Version >= profiles[p.ID].Version {
			profiles[p.ID] = p
		}
	}
	sorted := make([]gateway.Profile, 0, len(profiles))
	for _, p := range profiles {
		sorted = append(sorted, p)
	}
	slices.SortFunc(sorted, func(a, b gateway.Profile) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return sorted
}

func (s *Server) getProfile(_ context.Context, in *getProfileIn) (*profileOut, error) {
	config := s.Control.Config()
	p, known := s.profile(&config, gateway.ProfileRef{ID: in.ID, Version: in.Version})
	if !known {
		return nil, notFound("profile", in.ID)
	}
	return &profileOut{Body: ProfileDetail{Profile: p, BuiltIn: isBuiltIn(s.Profiles.BuiltIn(), p.ID), Devices: usesOf(&config, p.ID)}}, nil
}

// profile finds a version, of the configuration or built in; version 0 is the newest.
func (s *Server) profile(config *gateway.Config, ref gateway.ProfileRef) (gateway.Profile, bool) {
	if ref.Version == 0 {
		return one(s.newest(config), func(p gateway.Profile) bool { return p.ID == ref.ID })
	}
	if p, known := config.Profile(ref); known {
		return p, true
	}
	return one(s.Profiles.BuiltIn(), func(p gateway.Profile) bool { return p.Ref() == ref })
}

func one[T any](items []T, is func(T) bool) (item T, known bool) {
	if i := slices.IndexFunc(items, is); i >= 0 {
		return items[i], true
	}
	return item, false
}

func isBuiltIn(builtIn []gateway.Profile, id string) bool {
	return slices.ContainsFunc(builtIn, func(p gateway.Profile) bool { return p.ID == id })
}

func usesOf(config *gateway.Config, id string) []ProfileUse {
	uses := []ProfileUse{}
	for _, device := range config.Devices {
		if p, known := config.Profile(device.Profile); known && p.ID == id {
			uses = append(uses, ProfileUse{Device: device.ID, Version: p.Version, Differences: len(p.Differences(device.Points))})
		}
	}
	return uses
}
