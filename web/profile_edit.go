package web

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tidegate/tidegate/gateway"
)

// ProfileChange is a profile to take: an uploaded text, or the built-in one of that ID as it is now.
type ProfileChange struct {
	Text string `json:"text,omitempty" maxLength:"524288" doc:"A profile in YAML"`
	ID   string `json:"id,omitempty" doc:"The built-in profile to bring its devices up to date with"`
}

// ProfilePreview is what a profile would change.
type ProfilePreview struct {
	// Revision is the one in force, for the change that follows.
	Revision int64              `json:"revision"`
	Profile  gateway.ProfileRef `json:"profile"`
	Name     string             `json:"name"`
	// Devices are those that get other points.
	Devices []string `json:"devices"`
	// Appear and Vanish are topics.
	Appear  []string         `json:"appear"`
	Vanish  []string         `json:"vanish"`
	Changes []gateway.Change `json:"changes"`
}

// DeviceBatch is several devices of one kind.
type DeviceBatch struct {
	Revision int64 `json:"revision" doc:"Revision of the configuration from which the form was made"`
	// Connection is sent when it is new or changed.
	Connection *gateway.Connection `json:"connection,omitempty" doc:"Only when it is new or changed"`
	// Profile of version 0 is the newest; without one the devices get Points.
	Profile gateway.ProfileRef `json:"profile,omitzero" doc:"Version 0 is the newest; without a profile the devices get points"`
	Points  []gateway.Point    `json:"points,omitempty"`
	Devices []BatchDevice      `json:"devices" minItems:"1" maxItems:"247"`
}

// BatchDevice is what tells one device of a batch from the others.
type BatchDevice struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Connection string `json:"connection"`
	Unit       int    `json:"unit"`
	ScanClass  string `json:"scanClass"`
}

type (
	previewProfileIn  struct{ Body ProfileChange }
	previewProfileOut struct{ Body ProfilePreview }
	putProfileIn      struct {
		Body struct {
			ProfileChange
			FromRevision
		}
	}
	addDevicesIn struct{ Body DeviceBatch }
	detachIn     struct {
		ID   string `path:"id"`
		Body FromRevision
	}
)

// changed is the profile that is meant.
func (s *Server) changed(change ProfileChange) (gateway.Profile, error) {
	builtIn := s.Profiles.BuiltIn()
	if change.Text == "" {
		p, known := one(builtIn, func(p gateway.Profile) bool { return p.ID == change.ID })
		if !known {
			return p, notFound("built-in profile", change.ID)
		}
		return p, nil
	}
	p, err := gateway.ReadProfile(change.Text)
	if err != nil {
		return p, err
	}
	if isBuiltIn(builtIn, p.ID) {
		return p, gateway.FieldErrorf("id", "%q is a profile of the program: choose another one for yours", p.ID)
	}
	return p, s.Profiles.Check(&p)
}

// withProfile makes the configuration that a profile leads to. A version that is there is never changed.
func withProfile(config gateway.Config, p gateway.Profile) (gateway.Config, error) {
	for _, known := range config.Profiles {
		if known.ID == p.ID && known.Version >= p.Version && len(gateway.DiffFields(known, p)) > 0 {
			return config, gateway.FieldErrorf("version", "version %d of %q is there already: give this one version %d",
				known.Version, p.ID, known.Version+1)
		}
	}
	return config.WithProfile(p)
}

func (s *Server) previewProfile(_ context.Context, in *previewProfileIn) (*previewProfileOut, error) {
	p, err := s.changed(in.Body)
	if err != nil {
		return nil, err
	}
	current := s.Control.Config()
	next, err := withProfile(current, p)
	if err != nil {
		return nil, err
	}
	if err := next.Validate(); err != nil {
		return nil, err
	}
	next = next.WithoutIdleProfiles(s.Profiles.BuiltIn())
	preview := ProfilePreview{
		Revision: current.Revision, Profile: p.Ref(), Name: p.Name, Devices: []string{}, Changes: gateway.Diff(current, next),
	}
	for _, use := range usesOf(&current, p.ID) {
		if use.Version != p.Version {
			preview.Devices = append(preview.Devices, use.Device)
		}
	}
	before, after := topicsOf(&current), topicsOf(&next)
	preview.Appear, preview.Vanish = without(after, before), without(before, after)
	return &previewProfileOut{Body: preview}, nil
}

func topicsOf(config *gateway.Config) []string {
	var topics []string
	for _, device := range config.Devices {
		for _, point := range device.Points {
			topics = append(topics, point.Topic(config.Name, device.ID))
		}
	}
	slices.Sort(topics)
	return topics
}

// without is what only the first has; both are sorted.
func without(topics, others []string) []string {
	return list(slices.DeleteFunc(slices.Clone(topics), func(topic string) bool {
		_, there := slices.BinarySearch(others, topic)
		return there
	}))
}

func (s *Server) putProfile(ctx context.Context, in *putProfileIn) (*savedOut, error) {
	p, err := s.changed(in.Body.ProfileChange)
	if err != nil {
		return nil, err
	}
	config, err := s.apply(ctx, in.Body.Revision, sentIDs{}, func(config gateway.Config) (gateway.Config, error) {
		return withProfile(config, p)
	})
	if err != nil {
		return nil, err
	}
	noteOf(ctx).subject = fmt.Sprintf("%s/%d", p.ID, p.Version)
	return &savedOut{Body: Saved{Revision: config.Revision}}, nil
}

func (s *Server) removeProfile(ctx context.Context, in *removeIn) (*savedOut, error) {
	config, err := s.apply(ctx, in.Revision, sentIDs{}, func(config gateway.Config) (gateway.Config, error) {
		return withoutProfile(config, in.ID)
	})
	if err != nil {
		return nil, err
	}
	return &savedOut{Body: Saved{Revision: config.Revision}}, nil
}

func withoutProfile(config gateway.Config, id string) (gateway.Config, error) {
	isIt := func(p gateway.Profile) bool { return p.ID == id }
	if !slices.ContainsFunc(config.Profiles, isIt) {
		return config, gateway.Errorf(gateway.NotFound, "there is no uploaded profile %q", id)
	}
	if uses := usesOf(&config, id); len(uses) > 0 {
		return config, gateway.Errorf(gateway.Conflict, "device %q refers to this profile (%d devices in all): detach or remove them first",
			uses[0].Device, len(uses))
	}
	config.Profiles = slices.DeleteFunc(slices.Clone(config.Profiles), isIt)
	return config, nil
}

// addDevices is one revision, whatever the number of devices.
func (s *Server) addDevices(ctx context.Context, in *addDevicesIn) (*savedOut, error) {
	ids := sentIDs{}
	for _, d := range in.Body.Devices {
		ids.batch = append(ids.batch, d.ID)
	}
	if in.Body.Connection != nil {
		ids.connection = in.Body.Connection.ID
	}
	config, err := s.apply(ctx, in.Body.Revision, ids, func(config gateway.Config) (gateway.Config, error) {
		return s.withBatch(config, in.Body)
	})
	if err != nil {
		return nil, err
	}
	noteOf(ctx).subject = in.Body.Devices[0].ID
	return &savedOut{Body: Saved{Revision: config.Revision}}, nil
}

func (s *Server) withBatch(config gateway.Config, batch DeviceBatch) (gateway.Config, error) {
	p, known := s.profile(&config, batch.Profile)
	switch {
	case known && len(batch.Points) > 0:
		return config, gateway.FieldErrorf("points", "the points come from the profile: leave one of them out")
	case known:
		config = config.KeepProfile(p)
	case batch.Profile.ID != "":
		return config, gateway.FieldErrorf("profile", "there is no profile %q", batch.Profile.ID)
	}
	for i, d := range batch.Devices {
		device := gateway.Device{
			ID: d.ID, Name: d.Name, Connection: d.Connection, Unit: d.Unit, ScanClass: d.ScanClass, Points: slices.Clone(batch.Points),
		}
		if known {
			device = config.FromProfile(device, p)
		}
		edit := DeviceEdit{Device: device}
		if i == 0 {
			edit.Connection = batch.Connection
		}
		var err error
		if config, err = withNewDevice(config, edit); err != nil {
			return config, inBatch(i, err)
		}
	}
	return config, nil
}

// detachDevice leaves the points as they are.
func (s *Server) detachDevice(ctx context.Context, in *detachIn) (*savedOut, error) {
	config, err := s.apply(ctx, in.Body.Revision, sentIDs{}, func(config gateway.Config) (gateway.Config, error) {
		i := slices.IndexFunc(config.Devices, func(d gateway.Device) bool { return d.ID == in.ID })
		if i < 0 {
			return config, notFound("device", in.ID)
		}
		config.Devices = slices.Clone(config.Devices)
		config.Devices[i].Profile = gateway.ProfileRef{}
		return config, nil
	})
	if err != nil {
		return nil, err
	}
	return &savedOut{Body: Saved{Revision: config.Revision}}, nil
}

// inBatch points into the list of a batch.
func inBatch(i int, err error) error {
	e, is := errors.AsType[*gateway.Error](err)
	if !is {
		return err
	}
	if rest, found := strings.CutPrefix(e.Field, "device"); found {
		moved := *e
		moved.Field = fmt.Sprintf("devices[%d]", i) + rest
		return &moved
	}
	return err
}
