package broker

import (
	"slices"
	"strings"
	"time"

	"github.com/tidegate/tidegate/mqtt"
)

// LevelQuery chooses levels of the tree of retained topics.
type LevelQuery struct {
	// Prefix is the beginning of a topic up to and with a slash: "plant/hall/"; empty for the first levels.
	Prefix string
	// Search is a part of the name of the level, in any case; empty chooses all.
	Search string
	// Offset and Limit choose from those found.
	Offset, Limit int
}

// RetainedLevel is one level of a topic directly below a prefix.
type RetainedLevel struct {
	Name string
	// Message is what is retained of the topic that ends here; nil when there is nothing.
	Message *mqtt.Message
	// Below counts the levels directly below.
	Below int
}

// FindLevels gives a part of the levels that a query finds, sorted by name, and how many it finds.
func (b *Broker) FindLevels(q LevelQuery) (page []RetainedLevel, total int) {
	names := b.retained.names(q.Prefix)
	search := strings.ToLower(q.Search)
	names = slices.DeleteFunc(names, func(name string) bool { return !strings.Contains(strings.ToLower(name), search) })
	slices.Sort(names) // the lock is not held: nobody waits for a long list
	from := min(max(q.Offset, 0), len(names))
	to := min(from+max(q.Limit, 0), len(names))
	return b.retained.levels(q.Prefix, names[from:to], b.now()), len(names)
}

// RetainedMessage is what is retained of a topic; false when there is nothing.
func (b *Broker) RetainedMessage(topic string) (*mqtt.Message, bool) {
	m := b.retained.get(topic)
	return m, m != nil && !m.Expired(b.now())
}

// RetainedTopics are the topics that match a filter and of which something is retained, in no order. What has just expired
// may be among them.
func (b *Broker) RetainedTopics(filter string) []string {
	found := b.retained.match(filter)
	topics := make([]string, len(found))
	for i, m := range found {
		topics[i] = m.Topic
	}
	return topics
}

func (r *retained) names(prefix string) []string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	at := r.root.at(prefix)
	if at == nil {
		return nil
	}
	names := make([]string, 0, len(at.children))
	for name := range at.children {
		names = append(names, name)
	}
	return names
}

// levels leaves out those that went meanwhile.
func (r *retained) levels(prefix string, names []string, now time.Time) []RetainedLevel {
	r.mu.RLock()
	defer r.mu.RUnlock()
	at := r.root.at(prefix)
	if at == nil {
		return nil
	}
	var found []RetainedLevel
	for _, name := range names {
		child := at.children[name]
		if child == nil {
			continue
		}
		level := RetainedLevel{Name: name, Message: child.message, Below: len(child.children)}
		if level.Message != nil && level.Message.Expired(now) {
			level.Message = nil
		}
		found = append(found, level)
	}
	return found
}

// at is the level that a prefix leads to; nil when there is none.
func (s *shelf) at(prefix string) *shelf {
	for s != nil && prefix != "" {
		level, rest, _ := strings.Cut(prefix, "/")
		s, prefix = s.children[level], rest
	}
	return s
}
