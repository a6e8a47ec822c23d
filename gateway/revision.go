package gateway

import (
	"context"
	"time"
)

// Revision is one save of the configuration.
type Revision struct {
	Number int64     `json:"number"`
	Time   time.Time `json:"time"`
	// Author is the name of the user, or of what else made the change.
	Author string `json:"author"`
}

// Revisions are the configurations of before; see storage/config.
type Revisions interface {
	// Revisions lists the newest revisions, newest first, at most limit.
	Revisions(ctx context.Context, limit int) ([]Revision, error)
	// Revision gives one with its secrets redacted. NotFound when it is not kept any more.
	Revision(ctx context.Context, number int64) (Config, error)
}

// ChangeKind says what became of an object of the configuration.
type ChangeKind string

// The kinds.
const (
	ChangeAdded   ChangeKind = "added"
	ChangeRemoved ChangeKind = "removed"
	ChangeChanged ChangeKind = "changed"
)

// ObjectKind is what a change is about.
type ObjectKind string

// The kinds of objects.
const (
	ObjectGateway    ObjectKind = "gateway"
	ObjectScanClass  ObjectKind = "scanClass"
	ObjectConnection ObjectKind = "connection"
	ObjectDevice     ObjectKind = "device"
	ObjectPoint      ObjectKind = "point"
	ObjectBridge     ObjectKind = "bridge"
	ObjectListener   ObjectKind = "listener"
	ObjectProfile    ObjectKind = "profile"
)

// Change is what two configurations have differently about one object.
type Change struct {
	Object ObjectKind `json:"object"`
	// ID is that of the object; device/point for a point, empty for the gateway itself.
	ID   string     `json:"id,omitempty"`
	Name string     `json:"name,omitempty"`
	Kind ChangeKind `json:"kind"`
	// Fields are those that differ, sorted by name; all that are set for an object that was added or removed.
	Fields []FieldChange `json:"fields"`
}

// FieldChange is a field of an object that differs. A field that is not set is "".
type FieldChange struct {
	// Field is the path within the object: routes[0].filter.
	Field  string `json:"field"`
	Before string `json:"before"`
	After  string `json:"after"`
}
