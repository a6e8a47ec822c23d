package gateway

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
)

// PointDifference is what a device has differently than its profile. One of Removed, Set and Added is used.
type PointDifference struct {
	ID      string `json:"id"`
	Removed bool   `json:"removed,omitempty"`
	// Set has the fields that differ, as a merge patch (RFC 7396): null is a field that the device leaves out.
	Set   map[string]any `json:"set,omitempty"`
	Added *Point         `json:"added,omitempty"`
}

// Differences compares points with those of the profile, in the order of points; what was removed comes last.
func (p *Profile) Differences(points []Point) []PointDifference {
	differences := []PointDifference{}
	has := map[string]bool{}
	for _, point := range points {
		has[point.ID] = true
		base, known := p.Point(point.ID)
		switch {
		case !known:
			differences = append(differences, PointDifference{ID: point.ID, Added: &point})
		case !reflect.DeepEqual(base, point):
			if patch := patchOf(fieldTree(base), fieldTree(point)); len(patch) > 0 {
				differences = append(differences, PointDifference{ID: point.ID, Set: patch})
			}
		}
	}
	for _, point := range p.Points {
		if !has[point.ID] {
			differences = append(differences, PointDifference{ID: point.ID, Removed: true})
		}
	}
	return differences
}

// With gives the points of the profile, in its order, with the differences of a device, and behind them what the device
// adds. A difference about a point that the profile does not have any more is left out.
func (p *Profile) With(differences []PointDifference) ([]Point, error) {
	points, added := slices.Clone(p.Points), []Point(nil)
	for i, d := range differences {
		at := slices.IndexFunc(points, func(x Point) bool { return x.ID == d.ID })
		switch {
		case d.Added != nil && at >= 0:
			points[at] = *d.Added
		case d.Added != nil:
			added = append(added, *d.Added)
		case at < 0:
		case d.Removed:
			points = slices.Delete(points, at, at+1)
		default:
			var err error
			if points[at], err = patched(points[at], d.Set); err != nil {
				return nil, FieldErrorf(fmt.Sprintf("differences[%d].set", i), "this does not fit a point: %w", err)
			}
		}
	}
	return append(points, added...), nil
}

func fieldTree(p Point) map[string]any {
	data, err := json.Marshal(p)
	if err != nil {
		panic(err) // a point always marshals
	}
	var tree map[string]any
	if err := json.Unmarshal(data, &tree); err != nil {
		panic(err)
	}
	return tree
}

// patchOf is the merge patch that makes after out of before.
func patchOf(before, after map[string]any) map[string]any {
	patch := map[string]any{}
	for name, value := range after {
		former, was := before[name]
		inner, isObject := value.(map[string]any)
		if formerInner, wasObject := former.(map[string]any); isObject && wasObject {
			if p := patchOf(formerInner, inner); len(p) > 0 {
				patch[name] = p
			}
		} else if !was || !reflect.DeepEqual(former, value) {
			patch[name] = value
		}
	}
	for name := range before {
		if _, stays := after[name]; !stays {
			patch[name] = nil
		}
	}
	return patch
}

func patched(p Point, patch map[string]any) (Point, error) {
	data, err := json.Marshal(merged(fieldTree(p), patch))
	if err != nil {
		return p, err
	}
	var result Point
	return result, json.Unmarshal(data, &result)
}

func merged(tree, patch map[string]any) map[string]any {
	for name, value := range patch {
		inner, isObject := value.(map[string]any)
		if value == nil {
			delete(tree, name)
		} else if isObject {
			former, _ := tree[name].(map[string]any)
			if former == nil {
				former = map[string]any{}
			}
			tree[name] = merged(former, inner)
		} else {
			tree[name] = value
		}
	}
	return tree
}
