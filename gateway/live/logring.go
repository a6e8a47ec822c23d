package live

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"
)

// Line is one record of the log. A line is never changed.
type Line struct {
	Time    time.Time  `json:"time"`
	Level   slog.Level `json:"level"`
	Message string     `json:"message"`
	// Attributes is key=value for each attribute, separated by blanks.
	Attributes string `json:"attributes,omitempty"`
}

// LogRing keeps the most recent lines of the log.
type LogRing struct {
	limit int

	mu    sync.Mutex // guards everything that follows
	lines []Line     // a ring once it is full
	next  int        // where the next line goes
}

func newLogRing(limit int) *LogRing { return &LogRing{limit: max(limit, 1)} }

// Handler writes records of at least this level into the ring; combine it with another one by slog.NewMultiHandler.
func (l *LogRing) Handler(level slog.Leveler) slog.Handler {
	return &ringHandler{ring: l, level: level}
}

// Lines gives the lines in the order in which they came.
func (l *LogRing) Lines() []Line {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Concat(l.lines[l.next:], l.lines[:l.next])
}

func (l *LogRing) add(line Line) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.lines) < l.limit {
		l.lines = append(l.lines, line)
		return
	}
	l.lines[l.next] = line
	l.next = (l.next + 1) % l.limit
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
	h.ring.add(Line{Time: record.Time, Level: record.Level, Message: record.Message, Attributes: text.String()})
	return nil
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
	text.WriteString(group + a.Key + "=" + value.String())
}
