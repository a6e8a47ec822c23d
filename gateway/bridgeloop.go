package gateway

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tidegate/tidegate/mqtt"
)

// Circle finds a route out whose messages come back over a route in, to topics that it takes: over MQTT 3.1.1, which knows
// neither no-local nor a count of hops, everything would be there twice, and go round for ever as soon as another bridge
// takes it along. out and in are indexes of Routes; found is false when there is none.
func (b *Bridge) Circle() (out, in int, found bool) {
	for i := range b.Routes {
		for j := range b.Routes {
			if b.Routes[i].Direction == Out && b.Routes[j].Direction == In && circles(&b.Routes[i], &b.Routes[j]) {
				return i, j, true
			}
		}
	}
	return 0, 0, false
}

func circles(out, in *Route) bool {
	_, filter := mqtt.SplitShare(in.Filter)
	remote, local := out.image(), in.image()
	excluded := func(excludes []string, what string) bool {
		return slices.ContainsFunc(excludes, func(e string) bool { return mqtt.Covers(e, what) })
	}
	return mqtt.Overlap(remote, filter) && !excluded(in.Exclude, remote) &&
		mqtt.Overlap(local, out.Filter) && !excluded(out.Exclude, local)
}

// image is a filter that matches every topic that the route makes on the other side.
func (r *Route) image() string {
	_, filter := mqtt.SplitShare(r.Filter)
	if r.Topic == "" {
		return firstOf(r.Prefix + filter)
	}
	pairs := []string{"{topic}", filter, "{#}", "#"}
	for i := range strings.Count(filter, "+") {
		pairs = append(pairs, "{"+strconv.Itoa(i+1)+"}", "+")
	}
	return firstOf(strings.NewReplacer(pairs...).Replace(r.Topic))
}

// firstOf makes a filter of a template whose places have become wildcards: a level that is one in part becomes one, and a
// # ends it.
func firstOf(text string) string {
	levels := strings.Split(text, "/")
	for i, level := range levels {
		switch {
		case strings.Contains(level, "#"):
			return strings.Join(append(levels[:i:i], "#"), "/")
		case strings.Contains(level, "+"):
			levels[i] = "+"
		}
	}
	return strings.Join(levels, "/")
}

func (b *Bridge) validateCircle() error {
	if b.Version != 4 {
		return nil
	}
	out, in, found := b.Circle()
	if !found {
		return nil
	}
	return FieldErrorf("routes["+strconv.Itoa(in)+"].filter", "over MQTT 3.1.1 this route brings back what the route out of %q sends: "+
		"use MQTT 5, another prefix, or an exception", b.Routes[out].Filter)
}
