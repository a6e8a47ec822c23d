package broker

import (
	"math"
	"strconv"
	"time"
)

// spans are those of the load averages, by the names that they have in topics.
var spans = [...]struct {
	name string
	time time.Duration
}{{"1min", time.Minute}, {"5min", 5 * time.Minute}, {"15min", 15 * time.Minute}}

// load is how much is counted per minute: exponentially weighted means, as Mosquitto computes them.
type load struct {
	last  uint64
	means [len(spans)]float64
}

// loads are those of several counters. The zero value is ready.
type loads struct {
	updated time.Time
	byName  map[string]*load
}

// update takes in what the counters, by name, have become. The first time only says where they begin.
func (l *loads) update(now time.Time, counters map[string]uint64) {
	first, passed := l.updated.IsZero(), now.Sub(l.updated)
	if first {
		l.byName = map[string]*load{}
	}
	for name, count := range counters {
		if first {
			l.byName[name] = &load{last: count}
		} else if passed > 0 {
			l.byName[name].update(passed, count)
		}
	}
	if first || passed > 0 {
		l.updated = now
	}
}

func (l *load) update(passed time.Duration, count uint64) {
	perMinute := float64(count-l.last) / passed.Minutes()
	for i, span := range spans {
		l.means[i] = perMinute + math.Exp(-passed.Seconds()/span.time.Seconds())*(l.means[i]-perMinute)
	}
	l.last = count
}

// texts are the means by name and span: publish/received/5min.
func (l *loads) texts() map[string]string {
	texts := map[string]string{}
	for name, load := range l.byName {
		for i, span := range spans {
			texts[name+"/"+span.name] = strconv.FormatFloat(load.means[i], 'f', 2, 64)
		}
	}
	return texts
}
