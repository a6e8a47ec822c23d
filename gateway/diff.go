package gateway

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
)

// Diff says what after has differently than before, object by object: those of after in its order, then what is gone.
// Secrets are compared, and shown as redacted, so a changed password is a field with stars on both sides. The order of
// objects is not looked at, but for what stands in lists within an object.
func Diff(before, after Config) []Change {
	old, young := objectsOf(before), objectsOf(after)
	known := make(map[objectKey]object, len(old))
	for _, o := range old {
		known[o.key] = o
	}
	changes := []Change{}
	for _, o := range young {
		former, was := known[o.key]
		delete(known, o.key)
		switch {
		case !was:
			changes = append(changes, o.change(ChangeAdded, object{}, o))
		case !reflect.DeepEqual(former.value, o.value):
			if change := o.change(ChangeChanged, former, o); len(change.Fields) > 0 {
				changes = append(changes, change)
			}
		}
	}
	for _, o := range old {
		if _, gone := known[o.key]; gone {
			changes = append(changes, o.change(ChangeRemoved, o, object{}))
		}
	}
	return changes
}

type objectKey struct {
	kind ObjectKind
	id   string
}

// object is a part of the configuration that has a name of its own; value is without the objects inside.
type object struct {
	key   objectKey
	name  string
	value any
}

func objectsOf(c Config) []object {
	objects := []object{{objectKey{ObjectGateway, ""}, c.Name, struct {
		Name       string        `json:"name"`
		TimeZone   string        `json:"timeZone,omitempty"`
		LocalLogin LocalLogin    `json:"localLogin"`
		History    HistoryLimits `json:"history,omitzero"`
	}{c.Name, c.TimeZone, c.LocalLogin, c.History}}}
	for _, x := range c.ScanClasses {
		objects = append(objects, object{objectKey{ObjectScanClass, x.ID}, "", x})
	}
	for _, x := range c.Connections {
		objects = append(objects, object{objectKey{ObjectConnection, x.ID}, x.Name, x})
	}
	for _, x := range c.Devices {
		points := x.Points
		x.Points = nil
		objects = append(objects, object{objectKey{ObjectDevice, x.ID}, x.Name, x})
		for _, p := range points {
			objects = append(objects, object{objectKey{ObjectPoint, x.ID + "/" + p.ID}, p.Name, p})
		}
	}
	for _, x := range c.Bridges {
		objects = append(objects, object{objectKey{ObjectBridge, x.ID}, x.Name, x})
	}
	for _, x := range c.Listeners {
		objects = append(objects, object{objectKey{ObjectListener, x.ID}, "", x})
	}
	for _, x := range c.Profiles {
		x.Vectors = nil
		objects = append(objects, object{objectKey{ObjectProfile, fmt.Sprintf("%s/%d", x.ID, x.Version)}, x.Name, x})
	}
	return objects
}

// DiffFields compares two values of one type, field by field; a nil one has no fields.
func DiffFields(before, after any) []FieldChange {
	return object{}.change(ChangeChanged, object{value: before}, object{value: after}).Fields
}

// change compares two objects field by field; an object without a value has no fields.
func (o object) change(kind ChangeKind, before, after object) Change {
	change := Change{Object: o.key.kind, ID: o.key.id, Name: o.name, Kind: kind, Fields: []FieldChange{}}
	old, young := fieldsOf(before.value), fieldsOf(after.value)
	all := maps.Clone(old)
	maps.Copy(all, young)
	for _, field := range slices.Sorted(maps.Keys(all)) {
		if old[field] != young[field] {
			change.Fields = append(change.Fields, FieldChange{field, old[field].shown, young[field].shown})
		}
	}
	return change
}

// fieldText is what a field has: as it is shown, and what tells secrets apart.
type fieldText struct{ shown, secret string }

// fieldsOf are the fields of an object by their paths in JSON.
func fieldsOf(value any) map[string]fieldText {
	fields := map[string]fieldText{}
	if value == nil {
		return fields
	}
	data, err := json.Marshal(value)
	if err != nil {
		panic(err) // the types of the configuration always marshal
	}
	var tree any
	if err := json.Unmarshal(data, &tree); err != nil {
		panic(err)
	}
	flatten(fields, "", tree)
	if bridge, is := value.(Bridge); is {
		for _, s := range bridge.secrets() {
			if text := fields[s.path]; text.shown != "" {
				fields[s.path] = fieldText{text.shown, s.secret.Reveal()}
			}
		}
	}
	return fields
}

func flatten(fields map[string]fieldText, path string, value any) {
	switch v := value.(type) {
	case map[string]any:
		for name, inner := range v {
			if path != "" {
				name = path + "." + name
			}
			flatten(fields, name, inner)
		}
	case []any:
		for i, inner := range v {
			flatten(fields, fmt.Sprintf("%s[%d]", path, i), inner)
		}
	case string:
		fields[path] = fieldText{shown: v}
	case bool:
		fields[path] = fieldText{shown: strconv.FormatBool(v)}
	case float64:
		fields[path] = fieldText{shown: strconv.FormatFloat(v, 'f', -1, 64)}
	}
}

// WithSecretsOf makes an old or foreign configuration, whose secrets are redacted, ready to take the place of c: secrets of
// bridges that are there, with the same address, are kept. A bridge whose secret is not known for its address comes
// switched off and without it; incomplete are their identifiers. The revision is that of c.
func (c *Config) WithSecretsOf(next Config) (ready Config, incomplete []string) {
	next.Revision = c.Revision
	next.Bridges = slices.Clone(next.Bridges)
	for i := range next.Bridges {
		bridge := &next.Bridges[i]
		if _, _, hidden := bridge.HiddenSecret(); !hidden {
			continue
		}
		stored, known := c.Bridge(bridge.ID)
		if known && stored.URL == bridge.URL && stored.Proxy.URL == bridge.Proxy.URL && bridge.KeepSecrets(stored, "") == nil {
			continue
		}
		for _, s := range bridge.secrets() {
			if *s.secret == Redacted {
				*s.secret = ""
			}
		}
		bridge.Disabled = true
		incomplete = append(incomplete, bridge.ID)
	}
	return next, incomplete
}
