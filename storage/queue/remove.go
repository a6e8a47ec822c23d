package queue

import (
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/storage"
)

// removeStep is how many deliveries one removal takes, so that others get their turn in between.
const removeStep = 1000

// Remove makes one step of a removal behind all units that were committed before. done comes on the goroutine of Run.
// Bodies are not read, only their topics, for the audit.
func (q *Queue) Remove(r mqtt.Removal, done func(mqtt.Removed, error)) {
	var removed mqtt.Removed
	q.writer.Commit(storage.Member{
		Class: storage.Now, Size: rowSize,
		Apply: func(conn *storage.Conn) error {
			s := &step{batch: q.batch, conn: conn, wanted: &r}
			err := s.run(q.time.clock.Now())
			removed = s.removed
			return err
		},
		Done: func(err error) {
			if err != nil {
				removed = mqtt.Removed{}
			}
			done(removed, err)
		},
	})
}

// step is one step of a removal.
type step struct {
	*batch
	conn    *storage.Conn
	wanted  *mqtt.Removal
	session int64
	removed mqtt.Removed
	rows    int
	losses  map[string]*mqtt.GivenUp
}

func (s *step) run(wall time.Time) error {
	// What was gathered must be there to be removed.
	if err := s.flush(s.conn); err != nil {
		return err
	}
	id, found, err := s.batch.session(s.conn, s.wanted.Session)
	if err != nil || !found {
		return err
	}
	s.session, s.losses = id, map[string]*mqtt.GivenUp{}
	if err := s.choose(); err != nil {
		return err
	}
	if err := s.flush(s.conn); err != nil {
		return err
	}
	if err := s.writeAudit(wall); err != nil {
		return err
	}
	return s.lookAhead()
}

// removable are the columns and conditions that all removals share: the position from which QoS 2 may go comes last.
const (
	removableColumns = "SELECT d.position, d.message, d.size, m.topic FROM delivery d "
	removableRows    = "LEFT JOIN message m ON m.id = d.message " +
		"WHERE d.session = ? AND d.lane = ? AND d.position >= ? AND d.position < ? AND d.state = 0 " +
		"AND (d.qos < 2 OR d.position >= ?) "
	removeOldest  = removableColumns + removableRows + "ORDER BY d.position LIMIT ?"
	removeExpired = removableColumns + "INDEXED BY delivery_expires " + removableRows +
		"AND d.expires > 0 AND d.expires <= ? LIMIT ?"
)

func (s *step) choose() error {
	trusted, err := s.firstTrusted()
	if err != nil {
		return err
	}
	w := s.wanted
	if !w.Expired.IsZero() {
		return s.conn.Query(s.take, removeExpired, s.session, int64(w.Lane), int64(w.From), int64(w.Below), trusted,
			w.Expired.UnixMilli(), int64(removeStep))
	}
	return s.conn.Query(s.take, removeOldest, s.session, int64(w.Lane), int64(w.From), int64(w.Below), trusted,
		int64(removeStep))
}

// firstTrusted is the position behind the suspects.
func (s *step) firstTrusted() (int64, error) {
	w := s.wanted
	if w.Suspects == 0 {
		return int64(w.From), nil
	}
	position, found, err := s.conn.Int("SELECT position FROM delivery WHERE session = ? AND lane = ? AND position >= ? "+
		"ORDER BY position LIMIT 1 OFFSET ?", s.session, int64(w.Lane), int64(w.From), int64(w.Suspects))
	if !found {
		position = int64(w.Below)
	}
	return position, err
}

// take adds a row, unless it is more than was asked for.
func (s *step) take(row storage.Row) error {
	w := s.wanted
	message, size := uint64(row.Int(1)), row.Int(2)
	enough := w.Messages <= s.removed.Messages && w.Bytes <= s.removed.Bytes
	switch {
	case w.Before != 0 && message >= w.Before:
		return storage.ErrStop
	case w.Before == 0 && w.Expired.IsZero() && enough:
		return storage.ErrStop
	}
	s.rows++
	s.removed.More = s.rows == removeStep
	if w.Choose != nil {
		s.removed.Next = uint64(row.Int(0)) + 1
		if !w.Choose(row.Text(3), message) {
			return nil
		}
	}
	s.finished = append(s.finished, position{
		session: s.session, lane: w.Lane, position: uint64(row.Int(0)), message: message,
	})
	s.removed.Messages++
	s.removed.Bytes += size
	s.count(row.Text(3), uint64(size))
	return nil
}

// count adds to the losses of a topic. A step names few topics; the audit bounds those of an episode.
func (s *step) count(topic string, size uint64) {
	if s.losses[topic] == nil && len(s.losses) >= mqtt.MaxTopics {
		topic = ""
	}
	g := s.losses[topic]
	if g == nil {
		g = &mqtt.GivenUp{Session: s.wanted.Session, Reason: s.wanted.Reason, Topic: topic}
		s.losses[topic] = g
	}
	g.Messages++
	g.Bytes += size
}

func (s *step) writeAudit(wall time.Time) error {
	losses := make([]mqtt.GivenUp, 0, len(s.losses))
	for _, g := range s.losses {
		g.First, g.Last = wall, wall
		losses = append(losses, *g)
	}
	return audit(s.conn, losses)
}

// lookAhead tells the caller what is to be expected of a next step.
func (s *step) lookAhead() (err error) {
	w := s.wanted
	_, s.removed.Left, err = s.conn.Int("SELECT 1 FROM delivery WHERE session = ? AND lane = ? AND position >= ? "+
		"AND position < ? LIMIT 1", s.session, int64(w.Lane), int64(w.From), int64(w.Below))
	if err != nil || w.Expired.IsZero() {
		return err
	}
	next, _, err := s.conn.Int("SELECT expires FROM delivery INDEXED BY delivery_expires "+
		"WHERE session = ? AND expires > 0 AND expires > ? ORDER BY expires LIMIT 1", s.session, w.Expired.UnixMilli())
	s.removed.NextExpiry = fromMillis(next)
	return err
}
