package queue

import (
	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/storage"
)

// applyMarks remembers which identifiers messages have now.
func applyMarks(conn *storage.Conn, u *mqtt.Unit) error {
	if !u.ForgetMarks.IsZero() {
		if err := conn.Do("DELETE FROM mark WHERE at < ?", toMillis(u.ForgetMarks)); err != nil {
			return err
		}
	}
	if u.Mark == nil {
		return nil
	}
	return conn.Do("INSERT OR REPLACE INTO mark (at, message) VALUES (?, ?)", toMillis(u.Mark.At), int64(u.Mark.MessageID))
}

func (l *loading) marks(conn *storage.Conn) error {
	return conn.Query(func(row storage.Row) error {
		l.snapshot.Marks = append(l.snapshot.Marks, mqtt.Mark{At: fromMillis(row.Int(0)), MessageID: uint64(row.Int(1))})
		return nil
	}, "SELECT at, message FROM mark ORDER BY at")
}
