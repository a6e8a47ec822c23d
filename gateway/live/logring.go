package live

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"github.com/tidegate/tidegate/gateway"
)

// LogRing keeps the most recent lines of the log.
type LogRing struct {
	limit int

	mu      sync.Mutex        // guards everything that follows
	lines   []gateway.LogLine // a ring once it is full
	next    int               // where the next line goes
	count   uint64            // lines since the start
	changed chan struct{}     // closed with the next line; nil while nobody waits
}

var _ gateway.Logs = (*LogRing)(nil)

func newLogRing(limit int) *LogRing { return &LogRing{limit: max(limit, 1)} }

// Lines gives what a query finds, in the order in which it came.
func (l *LogRing) Lines(q gateway.LogQuery) []gateway.LogLine {
	l.mu.Lock()
	lines := slices.Concat(l.lines[l.next:], l.lines[:l.next])
	l.mu.Unlock()
	search := strings.ToLower(q.Search)
	found := slices.DeleteFunc(lines, func(line gateway.LogLine) bool {
		return line.Number <= q.After || rankOf(line.Level) < rankOf(q.Level) ||
			!strings.Contains(strings.ToLower(line.Message+" "+line.Attributes), search)
	})
	if q.Limit > 0 {
		found = found[max(0, len(found)-q.Limit):]
	}
	return found
}

// Wait returns when a line came after that number, or with the error of ctx.
func (l *LogRing) Wait(ctx context.Context, after uint64) error {
	for {
		l.mu.Lock()
		if l.count > after {
			l.mu.Unlock()
			return nil
		}
		if l.changed == nil {
			l.changed = make(chan struct{})
		}
		changed := l.changed
		l.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (l *LogRing) add(line gateway.LogLine) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count++
	line.Number = l.count
	if l.changed != nil {
		close(l.changed)
		l.changed = nil
	}
	if len(l.lines) < l.limit {
		l.lines = append(l.lines, line)
		return
	}
	l.lines[l.next] = line
	l.next = (l.next + 1) % l.limit
}

// levels is the order of the levels; an empty one is below all.
var levels = []gateway.LogLevel{"", gateway.LogDebug, gateway.LogInfo, gateway.LogWarn, gateway.LogError}

func rankOf(level gateway.LogLevel) int { return slices.Index(levels, level) }

func levelOf(level slog.Level) gateway.LogLevel {
	switch {
	case level >= slog.LevelError:
		return gateway.LogError
	case level >= slog.LevelWarn:
		return gateway.LogWarn
	case level >= slog.LevelInfo:
		return gateway.LogInfo
	default:
		return gateway.LogDebug
	}
}
