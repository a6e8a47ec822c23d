package web

import (
	"context"
	"fmt"
	"strings"

	"github.com/tidegate/tidegate/gateway"
)

// WireUnit is a unit to look at.
type WireUnit struct {
	// Connection may be one that is not saved.
	Connection gateway.Connection `json:"connection"`
	Unit       int                `json:"unit"`
}

// Identified is what is known of a unit.
type Identified struct {
	// Identification is what the device says about itself: vendor, product, revision.
	Identification []string `json:"identification"`
	// Profiles are those whose rule fits.
	Profiles []gateway.ProfileRef   `json:"profiles"`
	SunSpec  *gateway.SunSpecDevice `json:"sunSpec,omitempty" doc:"Only when the device has a SunSpec map"`
}

type (
	identifyIn  struct{ Body WireUnit }
	identifyOut struct{ Body Identified }
)

func (s *Server) identify(ctx context.Context, in *identifyIn) (*identifyOut, error) {
	ctx, cancel := context.WithTimeout(ctx, wireTimeout)
	defer cancel()
	config := s.Control.Config()
	connection, err := withKey(&config, in.Body.Connection)
	if err != nil {
		return nil, err
	}
	units, err := s.Exploration.FindUnits(ctx, connection, gateway.UnitSearch{From: in.Body.Unit, To: in.Body.Unit})
	if err != nil {
		return nil, err
	}
	if len(units) == 0 {
		return nil, gateway.Errorf(gateway.Unavailable, "unit %d does not answer", in.Body.Unit)
	}
	u := unit{server: s, connection: connection, number: in.Body.Unit, says: units[0].Identification}
	found := Identified{Identification: list(u.says), Profiles: []gateway.ProfileRef{}}
	for _, p := range s.newest(&config) {
		if u.is(ctx, p.Identification) {
			found.Profiles = append(found.Profiles, p.Ref())
		}
	}
	device, err := s.Profiles.SunSpec(func(address, count int) ([]uint16, error) { return u.read(ctx, address, count) })
	if err == nil {
		found.SunSpec = &device
	} else if gateway.CodeOf(err) != gateway.NotFound {
		s.Logger.Debug("a SunSpec map cannot be read", "connection", connection.ID, "unit", in.Body.Unit, "error", err)
	}
	return &identifyOut{Body: found}, ctx.Err()
}

// unit is a device that is looked at.
type unit struct {
	server     *Server
	connection gateway.Connection
	number     int
	says       []string
}

// is reports whether a rule fits; no rule fits nothing.
func (u *unit) is(ctx context.Context, rule gateway.ProfileIdentification) bool {
	if rule == (gateway.ProfileIdentification{}) || !strings.Contains(strings.Join(u.says, "\n"), rule.Text) {
		return false
	}
	if rule.Address == "" {
		return true
	}
	places, err := u.server.Exploration.ReadRange(ctx, u.connection, gateway.Range{Unit: u.number, Address: rule.Address, Count: 1})
	return err == nil && len(places) == 1 && places[0].Raw != nil && *places[0].Raw == rule.Equals
}

// read gives registers; NotFound when the device refuses one of them.
func (u *unit) read(ctx context.Context, address, count int) ([]uint16, error) {
	places, err := u.server.Exploration.ReadRange(ctx, u.connection,
		gateway.Range{Unit: u.number, Address: fmt.Sprintf("holding:%d", address), Count: count})
	if err != nil {
		return nil, err
	}
	registers := make([]uint16, 0, count)
	for _, p := range places {
		if p.Raw == nil {
			return nil, gateway.Errorf(gateway.NotFound, "%s: %s", p.Address, p.Reason)
		}
		registers = append(registers, uint16(*p.Raw))
	}
	return registers, nil
}
