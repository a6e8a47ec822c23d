package live

import (
	"context"
	"log/slog"
	"strings"

	"github.com/tidegate/tidegate/gateway"
)

// maxAttributes bounds a line: a stack fits, a document does not.
const maxAttributes = 4000 // bytes

// Handler writes records of at least this level into the ring; combine it with another one by slog.NewMultiHandler. What
// looks like a secret is redacted.
func (l *LogRing) Handler(level slog.Leveler) slog.Handler {
	return &ringHandler{ring: l, level: level}
}

// ringHandler is a slog.Handler; it is never changed.
type ringHandler struct {
	ring       *LogRing
	level      slog.Leveler
	group      string // with a dot at the end, or empty
	attributes string
}

var _ slog.Handler = (*ringHandler)(nil)

// Enabled reports whether the ring keeps records of the level.
func (h *ringHandler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= h.level.Level()
}

// Handle keeps the record.
func (h *ringHandler) Handle(_ context.Context, record slog.Record) error {
	var text strings.Builder
	text.WriteString(h.attributes)
	record.Attrs(func(a slog.Attr) bool {
		write(&text, h.group, a)
		return true
	})
	h.ring.add(gateway.LogLine{
		Time: record.Time.UTC(), Level: levelOf(record.Level), Message: gateway.RedactText(record.Message), Attributes: bounded(text.String()),
	})
	return nil
}

func bounded(text string) string {
	if len(text) <= maxAttributes {
		return text
	}
	return strings.ToValidUTF8(text[:maxAttributes], "") + "…"
}

// WithAttrs is a handler that adds attributes to each record.
func (h *ringHandler) WithAttrs(attributes []slog.Attr) slog.Handler {
	var text strings.Builder
	text.WriteString(h.attributes)
	for _, a := range attributes {
		write(&text, h.group, a)
	}
	next := *h
	next.attributes = text.String()
	return &next
}

// WithGroup is a handler that puts the name before the key of each later attribute.
func (h *ringHandler) WithGroup(name string) slog.Handler {
	next := *h
	if name != "" {
		next.group += name + "."
	}
	return &next
}

func write(text *strings.Builder, group string, a slog.Attr) {
	value := a.Value.Resolve()
	if value.Kind() == slog.KindGroup {
		if a.Key != "" {
			group += a.Key + "."
		}
		for _, member := range value.Group() {
			write(text, group, member)
		}
		return
	}
	if text.Len() > 0 {
		text.WriteByte(' ')
	}
	shown := gateway.RedactText(value.String())
	if gateway.IsSecretName(a.Key) {
		shown = gateway.Redacted
	}
	text.WriteString(group + a.Key + "=" + shown)
}
