package broker

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/mqtt"
)

// losses is what was given up by the whole broker: counters, and episodes for log and audit.
type losses struct {
	counts [mqtt.Reasons]atomic.Uint64

	mu   sync.Mutex // guards what follows
	open map[lossKey]*episode
}

type lossKey struct {
	session string
	reason  mqtt.Reason
}

// episode is a time of losses without a quiet minute in between.
type episode struct {
	messages, bytes uint64
	// last is when the tick last saw a loss; active: there was one since then.
	last   time.Time
	active bool
	told   bool
	// unwritten is by topic what is not in the audit yet: losses that no commit went with.
	unwritten map[string]*mqtt.GivenUp
}

// maxEpisodes bounds the episodes that are open; what comes beyond counts for all sessions together.
const maxEpisodes = 1000

// add counts a loss. audited: its line in the audit is written by the commit that removes it.
func (l *losses) add(session string, g *mqtt.GivenUp, audited bool) {
	l.counts[g.Reason].Add(g.Messages)
	l.mu.Lock()
	defer l.mu.Unlock()
	key := lossKey{session, g.Reason}
	e := l.open[key]
	if e == nil && len(l.open) >= maxEpisodes {
		key.session = ""
		e = l.open[key]
	}
	if e == nil {
		e = &episode{}
		if l.open == nil {
			l.open = map[lossKey]*episode{}
		}
		l.open[key] = e
	}
	e.messages += g.Messages
	e.bytes += g.Bytes
	e.active = true
	if !audited {
		e.note(key, g)
	}
}

// note keeps a line for the audit.
func (e *episode) note(key lossKey, g *mqtt.GivenUp) {
	topic := g.Topic
	if e.unwritten == nil {
		e.unwritten = map[string]*mqtt.GivenUp{}
	}
	if e.unwritten[topic] == nil && len(e.unwritten) >= mqtt.MaxTopics {
		topic = ""
	}
	line := e.unwritten[topic]
	if line == nil {
		now := time.Now()
		line = &mqtt.GivenUp{Session: key.session, Reason: key.reason, Topic: topic, First: now, Last: now}
		e.unwritten[topic] = line
	}
	line.Messages += g.Messages
	line.Bytes += g.Bytes
}

// told is an episode of which the log has to hear.
type told struct {
	lossKey
	messages, bytes uint64
	over            bool
}

// take gives the lines that the audit does not have yet.
func (e *episode) take() (lines []mqtt.GivenUp) {
	now := time.Now()
	for _, line := range e.unwritten {
		line.Last = now
		lines = append(lines, *line)
	}
	e.unwritten = nil
	return lines
}

// tick finds what began and what is over at a time; lines are what the audit still has to hear of it.
func (l *losses) tick(now time.Time) (news []told, lines []mqtt.GivenUp) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for key, e := range l.open {
		switch {
		case !e.told:
			news = append(news, told{key, e.messages, e.bytes, false})
			e.told, e.active, e.last = true, false, now
		case e.active:
			e.active, e.last = false, now
		case now.Sub(e.last) >= mqtt.QuietTime:
			news = append(news, told{key, e.messages, e.bytes, true})
			lines = append(lines, e.take()...)
			delete(l.open, key)
		}
	}
	return news, lines
}

// unwritten are the lines that the audit does not have yet; they are the caller's from now on.
func (l *losses) unwritten() (lines []mqtt.GivenUp) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.open {
		lines = append(lines, e.take()...)
	}
	return lines
}

// counted are the counters since the start.
func (l *losses) counted() (counts mqtt.Losses) {
	for i := range counts {
		counts[i] = l.counts[i].Load()
	}
	return counts
}

// tellLosses logs the beginning and the end of episodes, one line each.
func (b *Broker) tellLosses() {
	news, lines := b.losses.tick(b.now())
	b.writeLines(lines)
	for _, t := range news {
		log := b.logger.With("client", t.session, "reason", t.reason.String(), "messages", t.messages, "bytes", t.bytes)
		if t.over {
			log.Warn("messages were given up")
		} else {
			log.Warn("messages are being given up")
		}
	}
}

// writeLosses puts into the audit what was lost without a commit.
func (b *Broker) writeLosses() { b.writeLines(b.losses.unwritten()) }

func (b *Broker) writeLines(lines []mqtt.GivenUp) {
	if len(lines) > 0 {
		b.commitSoon(&mqtt.Unit{Class: mqtt.Soon, GivenUp: lines})
	}
}

// lostLocked counts messages that no commit goes with: the audit hears of them soon.
func (s *session) lostLocked(reason mqtt.Reason, m *mqtt.Message) {
	s.losses[reason]++
	s.broker.losses.add(s.id, &mqtt.GivenUp{
		Reason: reason, Topic: m.Topic, Messages: 1, Bytes: uint64(m.Size()),
	}, false)
}

func (s *session) lost(reason mqtt.Reason, m *mqtt.Message) {
	s.mu.Lock()
	s.lostLocked(reason, m)
	s.mu.Unlock()
}

// removedLocked counts what a commit gives up, with its line in the audit.
func (s *session) removedLocked(reason mqtt.Reason, messages, bytes int64) {
	if messages == 0 {
		return
	}
	s.losses[reason] += uint64(messages)
	s.broker.losses.add(s.id, &mqtt.GivenUp{Reason: reason, Messages: uint64(messages), Bytes: uint64(bytes)}, true)
}

// giveUp removes deliveries that are finished already, for a reason.
func (s *session) giveUp(reason mqtt.Reason, over ...*delivery) {
	if len(over) == 0 {
		return
	}
	if !s.durable {
		s.mu.Lock()
		for _, d := range over {
			s.lostLocked(reason, d.row.Message)
		}
		s.mu.Unlock()
		return
	}
	now := time.Now()
	unit := &mqtt.Unit{Class: mqtt.Soon}
	lines := map[string]*mqtt.GivenUp{}
	var bytes int64
	for _, d := range over {
		if !d.row.Elide() {
			unit.Finished = append(unit.Finished, d.row)
		}
		bytes += int64(d.row.Size)
		topic := d.row.Message.Topic
		if lines[topic] == nil && len(lines) >= mqtt.MaxTopics {
			topic = ""
		}
		if lines[topic] == nil {
			lines[topic] = &mqtt.GivenUp{Session: s.id, Reason: reason, Topic: topic, First: now, Last: now}
		}
		lines[topic].Messages++
		lines[topic].Bytes += uint64(d.row.Size)
	}
	for _, line := range lines {
		unit.GivenUp = append(unit.GivenUp, *line)
	}
	s.broker.store.Commit(unit, nil)
	s.mu.Lock()
	s.removedLocked(reason, int64(len(over)), bytes)
	s.mu.Unlock()
}

// tick is what Run does every second.
func (b *Broker) tick(ctx context.Context, n int) {
	b.tellLosses()
	b.markAge()
	if n%sweepTicks == 0 {
		b.sweep()
	}
	b.trimQueues(ctx)
	if n%auditTicks == 0 {
		b.writeLosses()
	}
	if n%refreshTicks == 0 {
		b.refreshRetained(ctx)
	}
	b.sysDue(ctx)
}

// sweepTicks is how many seconds lie between two looks for what is too old or expired.
const sweepTicks = 2

// auditTicks is how many seconds losses without a commit may wait for the audit.
const auditTicks = 5
