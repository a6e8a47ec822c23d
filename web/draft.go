package web

import (
	"context"

	"github.com/tidegate/tidegate/gateway"
)

// DevicePreview is what would become of a device that somebody edits, against the configuration in force.
type DevicePreview struct {
	// Revision is the one in force. When it is not the one of the draft, somebody else changed something meanwhile.
	Revision int64 `json:"revision"`
	// Problems are the points that could not be saved, each with its first wrong field.
	Problems []FieldProblem   `json:"problems"`
	Changes  []gateway.Change `json:"changes"`
	// Appearing and Disappearing are topics.
	Appearing    []string `json:"appearing"`
	Disappearing []string `json:"disappearing"`
	// Cleared are topics whose retained message is removed, here and behind the bridges that carry it.
	Cleared []string `json:"cleared"`
	// Plan is missing while there are problems.
	Plan *gateway.Plan `json:"plan,omitempty"`
}

type devicePreviewOut struct{ Body DevicePreview }

// previewDevice says what an edit would do; nothing is saved, and no wire is touched.
func (s *Server) previewDevice(_ context.Context, in *changeDeviceIn) (*devicePreviewOut, error) {
	current := shown(s.Control.Config())
	next, err := withChangedDevice(shown(s.Control.Config()), in.ID, in.Body)
	if err != nil {
		return nil, err
	}
	preview := DevicePreview{Revision: current.Revision, Problems: []FieldProblem{}, Changes: gateway.Diff(current, next)}
	preview.Appearing, preview.Disappearing = gateway.TopicChanges(current, next)
	preview.Cleared = gateway.LeftBehind(current, next)
	for _, problem := range s.Exploration.PointProblems(next, in.ID) {
		preview.Problems = append(preview.Problems, FieldProblem{Field: problem.Field, Detail: problem.Message})
	}
	if len(preview.Problems) == 0 {
		connection, err := connectionOf(&next, in.Body.Connection, in.Body.Device)
		if err != nil {
			return nil, err
		}
		plan, err := s.Exploration.Plan(connection, in.Body.Device)
		if err != nil {
			return nil, err
		}
		preview.Plan = &plan
	}
	return &devicePreviewOut{Body: preview}, nil
}
