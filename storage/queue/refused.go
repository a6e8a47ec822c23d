package queue

import (
	"errors"
	"fmt"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/storage"
)

// refusal puts the failure of a unit into the words of the broker: whether nothing was kept, or nobody knows.
func refusal(err error) error {
	switch {
	case errors.Is(err, storage.ErrUncertain):
		return fmt.Errorf("%w: %w", mqtt.ErrUncertain, err)
	case storage.IsFull(err), errors.Is(err, storage.ErrUnwritten):
		return fmt.Errorf("%w: %w", mqtt.QuotaExceeded, err)
	}
	return err
}

// isSmall reports whether a unit may run from the ballast: it brings no message, since one without deliveries is not
// written. New sessions and subscriptions are rows of their own, but the broker asks Admit before it makes them; an inbound
// identifier is a few bytes, and a client has a bounded number of them.
func isSmall(u *mqtt.Unit) bool {
	if len(u.Deliveries) > 0 {
		return false
	}
	for _, m := range u.Retained {
		if len(m.Payload) > 0 {
			return false
		}
	}
	return true
}

// undo removes what a unit may have left on the disk although it failed: its log was written, could not be synced, and
// was found again when the file was opened anew. It comes before anything else that is written then, so that no
// acknowledgement follows before file and memory agree. Mostly there is nothing to remove.
func (q *Queue) undo(u *mqtt.Unit) {
	if len(u.Deliveries) == 0 && u.InboundAdd.IsZero() {
		return
	}
	undone := &mqtt.Unit{Class: mqtt.Now, InboundRemove: u.InboundAdd}
	for _, d := range u.Deliveries {
		// Without the message: this may wait for hours.
		undone.Finished = append(undone.Finished, &mqtt.Queued{
			Session: d.Session, Lane: d.Lane, Position: d.Position, MessageID: d.MessageID,
		})
	}
	q.writer.Commit(storage.Member{
		Class: storage.Now, Size: unitSize(undone), Small: true, Owed: true,
		Apply: func(conn *storage.Conn) error {
			_, err := q.batch.apply(conn, undone)
			return err
		},
	})
}
