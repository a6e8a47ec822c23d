package web

import (
	"reflect"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tidegate/tidegate/gateway"
)

// The vocabulary does not know the API's library. Types whose JSON does not follow from their Go kind get their schema
// here, by an alias.
type (
	valueSchema     struct{}
	durationSchema  struct{}
	secretSchema    struct{}
	stateSchema     struct{}
	qualitySchema   struct{}
	roleSchema      struct{}
	typeSchema      struct{}
	encodingSchema  struct{}
	directionSchema struct{}
	payloadSchema   struct{}
	codeSchema      struct{}
	actionSchema    struct{}
	effectSchema    struct{}
	causeSchema     struct{}
	checkSchema     struct{}
	frameSchema     struct{}
)

func newRegistry() huma.Registry {
	registry := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	for from, to := range map[reflect.Type]reflect.Type{
		reflect.TypeFor[gateway.Value]():        reflect.TypeFor[valueSchema](),
		reflect.TypeFor[gateway.Duration]():     reflect.TypeFor[durationSchema](),
		reflect.TypeFor[gateway.Secret]():       reflect.TypeFor[secretSchema](),
		reflect.TypeFor[gateway.State]():        reflect.TypeFor[stateSchema](),
		reflect.TypeFor[gateway.Quality]():      reflect.TypeFor[qualitySchema](),
		reflect.TypeFor[gateway.Role]():         reflect.TypeFor[roleSchema](),
		reflect.TypeFor[gateway.Encoding]():     reflect.TypeFor[encodingSchema](),
		reflect.TypeFor[gateway.Type]():         reflect.TypeFor[typeSchema](),
		reflect.TypeFor[gateway.Direction]():    reflect.TypeFor[directionSchema](),
		reflect.TypeFor[gateway.Payload]():      reflect.TypeFor[payloadSchema](),
		reflect.TypeFor[gateway.Code]():         reflect.TypeFor[codeSchema](),
		reflect.TypeFor[gateway.Action]():       reflect.TypeFor[actionSchema](),
		reflect.TypeFor[gateway.Effect]():       reflect.TypeFor[effectSchema](),
		reflect.TypeFor[gateway.MQTTCause]():    reflect.TypeFor[causeSchema](),
		reflect.TypeFor[gateway.ProfileCheck](): reflect.TypeFor[checkSchema](),
		reflect.TypeFor[gateway.FrameProblem](): reflect.TypeFor[frameSchema](),
	} {
		registry.RegisterTypeAlias(from, to)
	}
	registry.Schema(reflect.TypeFor[Problem](), true, "")
	return registry
}

// tidySchemas drops the library's own error types, which are never sent, and the "or null" of lists: none is ever null.
func tidySchemas(api *huma.OpenAPI) {
	schemas := api.Components.Schemas.Map()
	delete(schemas, "ErrorModel")
	delete(schemas, "ErrorDetail")
	for _, schema := range schemas {
		for _, property := range schema.Properties {
			property.Nullable = property.Nullable && property.Type != huma.TypeArray
		}
	}
	for _, path := range api.Paths {
		for _, operation := range []*huma.Operation{path.Get, path.Post, path.Put, path.Delete} {
			tidyResponses(operation)
		}
	}
}

func tidyResponses(operation *huma.Operation) {
	if operation == nil {
		return
	}
	for _, response := range operation.Responses {
		for _, content := range response.Content {
			content.Schema.Nullable = content.Schema.Nullable && content.Schema.Type != huma.TypeArray
		}
	}
}

// named gives a schema a name of its own, so that the page's types have it too.
func named(registry huma.Registry, name string, schema *huma.Schema) *huma.Schema {
	schema.PrecomputeMessages()
	registry.Map()[name] = schema
	return &huma.Schema{Ref: "#/components/schemas/" + name}
}

// Schema is null, a number, a truth value, a text or a list.
func (valueSchema) Schema(r huma.Registry) *huma.Schema {
	return named(r, "Value", &huma.Schema{
		Description: "A number, a truth value, a text, a list of those, or null for unknown. Whole numbers beyond 2^53 are texts.",
		OneOf:       append(oneValue(), &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{OneOf: oneValue()}}),
	})
}

func oneValue() []*huma.Schema {
	return []*huma.Schema{{Type: huma.TypeNumber}, {Type: huma.TypeString, Nullable: true}, {Type: huma.TypeBoolean}}
}

// Schema is a number with a unit.
func (durationSchema) Schema(r huma.Registry) *huma.Schema {
	return named(r, "Duration", &huma.Schema{
		Type:               huma.TypeString,
		Pattern:            `^(0|([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+)?$`,
		PatternDescription: "a number with a unit, like 500ms, 10s or 1m30s",
		Examples:           []any{"500ms", "1m30s"},
	})
}

// Schema is a text that comes back as stars.
func (secretSchema) Schema(r huma.Registry) *huma.Schema {
	return named(r, "Secret", &huma.Schema{
		Type: huma.TypeString,
		Description: "Shown as " + gateway.Redacted + "; an edit that sends this keeps the stored secret, and an empty text " +
			"removes it.",
	})
}

// Schema is one of the states.
func (stateSchema) Schema(r huma.Registry) *huma.Schema {
	return oneOf(r, "State", gateway.StateStarting, gateway.StateUp, gateway.StateDegraded, gateway.StateDown, gateway.StateDisabled,
		gateway.StatePaused, gateway.StateConnecting, gateway.StateStalled, gateway.StateIdle)
}

// Schema is one of the qualities.
func (qualitySchema) Schema(r huma.Registry) *huma.Schema {
	return oneOf(r, "Quality", gateway.Good, gateway.Uncertain, gateway.Bad)
}

// Schema is one of the roles that a user can have.
func (roleSchema) Schema(r huma.Registry) *huma.Schema {
	return oneOf(r, "Role", viewer, operator, administrator)
}

// Schema is one of the types of a point.
func (typeSchema) Schema(r huma.Registry) *huma.Schema {
	return oneOf(r, "PointType", gateway.Types()...)
}

// Schema is one of the encodings of any type.
func (encodingSchema) Schema(r huma.Registry) *huma.Schema {
	encodings := []gateway.Encoding{""}
	for _, t := range gateway.Types() {
		for _, e := range gateway.EncodingsOf(t) {
			if !slices.Contains(encodings, e) {
				encodings = append(encodings, e)
			}
		}
	}
	return oneOf(r, "Encoding", encodings...)
}

// Schema is one of the directions of a route.
func (directionSchema) Schema(r huma.Registry) *huma.Schema {
	return oneOf(r, "Direction", gateway.Out, gateway.In)
}

// Schema is one of the payload presets; empty is the default.
func (payloadSchema) Schema(r huma.Registry) *huma.Schema {
	return oneOf(r, "Payload", "", gateway.PayloadJSON, gateway.PayloadPlain)
}

// Schema is one of the codes of errors.
func (codeSchema) Schema(r huma.Registry) *huma.Schema {
	return oneOf(r, "Code", gateway.Invalid, gateway.NotFound, gateway.Conflict, gateway.Unauthorized, gateway.Forbidden, gateway.HasBacklog,
		gateway.TooMany, gateway.Unavailable, codeInternal)
}

// Schema is one of the actions on MQTT.
func (actionSchema) Schema(r huma.Registry) *huma.Schema {
	return oneOf(r, "Action", gateway.ActionPublish, gateway.ActionSubscribe, gateway.ActionBoth)
}

// Schema is what a rule says.
func (effectSchema) Schema(r huma.Registry) *huma.Schema {
	return oneOf(r, "Effect", gateway.Allow, gateway.Deny)
}

// Schema is why something is allowed on MQTT or not.
func (causeSchema) Schema(r huma.Registry) *huma.Schema {
	return oneOf(r, "MQTTCause", gateway.CauseRule, gateway.CauseNoRule, gateway.CauseReserved, gateway.CauseDisabled,
		gateway.CauseNoRight, gateway.CauseNoName)
}

// Schema is one of the checks of a profile.
func (checkSchema) Schema(r huma.Registry) *huma.Schema {
	return oneOf(r, "ProfileCheck", gateway.CheckedDocument, gateway.CheckedDevice)
}

// Schema is why something on a wire is no good.
func (frameSchema) Schema(r huma.Registry) *huma.Schema {
	return oneOf(r, "FrameProblem", gateway.FrameProblems()...)
}

func oneOf[T ~string](registry huma.Registry, name string, values ...T) *huma.Schema {
	schema := &huma.Schema{Type: huma.TypeString}
	for _, value := range values {
		schema.Enum = append(schema.Enum, string(value))
	}
	return named(registry, name, schema)
}
