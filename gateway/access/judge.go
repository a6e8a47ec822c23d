package access

import "strings"

// pattern is a rule made ready for one client: its filter in levels.
type pattern struct {
	levels []string
	allow  bool
	rule   int // the place of the rule among all
}

// verdict is what rules say.
type verdict struct {
	allowed bool
	// rule is the place of the rule that decided, noRule when none has the topic.
	rule int
}

const noRule = -1

// maxSteps bounds a judgement: rules that split a filter into more parts than that refuse it.
const maxSteps = 10_000

// judge decides about all topics that a filter matches, in levels: they are allowed when the first pattern that has a
// topic allows it, for each of them. A topic is a filter that matches itself.
//
// It walks through these topics level by level. Where the filter has a wildcard it goes through the levels that patterns
// name there, and through one that none names, which stands for all others. So it is exact, and ends where the patterns
// that are left say the same about everything below.
func judge(filter []string, patterns []pattern) verdict {
	if strings.HasPrefix(filter[0], "$") {
		patterns = withoutWildcards(patterns)
	}
	w := walk{steps: maxSteps}
	return w.from(filter, patterns, false)
}

// withoutWildcards leaves the patterns that match topics which start with $ [MQTT-4.7.2-1].
func withoutWildcards(patterns []pattern) []pattern {
	var kept []pattern
	for _, p := range patterns {
		if p.levels[0] != "+" && p.levels[0] != "#" {
			kept = append(kept, p)
		}
	}
	return kept
}

type walk struct{ steps int }

// from judges all topics below a point that was reached with the same levels by filter and patterns. There is at least
// one. mayEnd: a topic may end here, which needs a level.
func (w *walk) from(filter []string, patterns []pattern, mayEnd bool) verdict {
	w.steps--
	if w.steps < 0 || len(patterns) == 0 {
		return verdict{rule: noRule}
	}
	if patterns[0].levels != nil && hasAll(patterns[0].levels) {
		return verdict{patterns[0].allow, patterns[0].rule}
	}
	result := verdict{true, noRule}
	if mayEnd && canEnd(filter) {
		if result = decide(patterns); !result.allowed || len(filter) == 0 {
			return result
		}
	}
	for _, level := range w.levels(filter[0], patterns, !mayEnd) {
		below := filter
		if filter[0] != "#" {
			below = filter[1:]
		}
		if result = w.from(below, step(patterns, level), true); !result.allowed {
			return result
		}
	}
	return result
}

// hasAll: the pattern has everything from here on.
func hasAll(levels []string) bool { return len(levels) == 1 && levels[0] == "#" }

// canEnd: "a/#" has "a" too.
func canEnd(levels []string) bool { return len(levels) == 0 || hasAll(levels) }

// decide is for the topic that ends here.
func decide(patterns []pattern) verdict {
	for _, p := range patterns {
		if canEnd(p.levels) {
			return verdict{p.allow, p.rule}
		}
	}
	return verdict{rule: noRule}
}

// unnamed stands for a level that no pattern names: no topic has NUL.
const unnamed = "\x00"

// levels are those that have to be looked at where the filter has a level.
func (w *walk) levels(of string, patterns []pattern, first bool) []string {
	if of != "+" && of != "#" {
		return []string{of}
	}
	levels := []string{unnamed}
	seen := map[string]bool{"+": true, "#": true}
	for _, p := range patterns {
		if len(p.levels) == 0 || seen[p.levels[0]] || first && strings.HasPrefix(p.levels[0], "$") {
			continue
		}
		seen[p.levels[0]] = true
		levels = append(levels, p.levels[0])
	}
	return levels
}

// step goes one level down with the patterns that have it.
func step(patterns []pattern, level string) []pattern {
	below := make([]pattern, 0, len(patterns))
	for _, p := range patterns {
		switch {
		case len(p.levels) == 0:
		case p.levels[0] == "#":
			below = append(below, p)
		case p.levels[0] == "+", p.levels[0] == level:
			p.levels = p.levels[1:]
			below = append(below, p)
		}
	}
	return below
}
