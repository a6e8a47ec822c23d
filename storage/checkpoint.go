package storage

import (
	"context"
	"errors"
	"time"
)

const (
	// checkpointFrames is how many pages wait in the log before they are copied back: 4 MB, as SQLite has it.
	checkpointFrames = 1000
	// checkpointPause bounds how often the log is looked at.
	checkpointPause = 100 * time.Millisecond
	// normalLoss is what a power cut may cost at durability Normal, where nothing but a checkpoint syncs the log: there
	// whatever is in it is copied back once in this time.
	normalLoss = time.Second
)

// checkpoints copies the log back into the file beside the writer, on a connection of its own, so that commits do not
// wait for it. When it cannot keep up, the writer's automatic checkpoint bounds the log.
func (w *Writer) checkpoints(ctx context.Context) {
	var conn *Conn
	failing := false
	for {
		select {
		case <-w.checkpoint:
		case <-ctx.Done():
			if conn != nil {
				w.closed(conn)
			}
			return
		}
		var err error
		if conn, err = w.checkpointOnce(conn); err != nil && !failing {
			w.options.Logger.Warn("log cannot be copied back", "path", w.db.path, "error", err)
		}
		failing = err != nil
		_, pause := w.checkpointPace()
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
}

// checkpointPace is how many pages are worth a checkpoint, and how long to wait before the next look. A commit in between
// is not forgotten: its signal stays.
func (w *Writer) checkpointPace() (frames int64, pause time.Duration) {
	if w.db.options.Durability == Normal {
		return 1, normalLoss
	}
	return checkpointFrames, checkpointPause
}

// checkpointOnce keeps the connection for the next time, but not after an error.
func (w *Writer) checkpointOnce(conn *Conn) (*Conn, error) {
	if conn == nil {
		var err error
		if conn, err = openFile(w.db.path, w.db.options, "rw"); err != nil {
			return nil, err
		}
	}
	waiting, err := walFrames(conn, "PRAGMA wal_checkpoint(NOOP)")
	// The file gets shorter only when all of the log is in it.
	short := waiting > 0 && w.db.space().error() != nil
	if frames, _ := w.checkpointPace(); err == nil && (waiting >= frames || short) {
		point("checkpoint.before", w.db.path)
		// PASSIVE waits for nobody and makes nobody wait. What a reader keeps from it comes with the next look.
		waiting, err = walFrames(conn, "PRAGMA wal_checkpoint(PASSIVE)")
		point("checkpoint.after", w.db.path)
		w.mu.Lock()
		w.stats.Checkpoints++
		w.mu.Unlock()
		if waiting >= frames {
			notify(w.checkpoint)
		}
	}
	if err != nil {
		return nil, errors.Join(err, conn.close())
	}
	return conn, nil
}

func (w *Writer) closed(conn *Conn) {
	if err := conn.close(); err != nil {
		w.options.Logger.Warn("close a connection", "path", w.db.path, "error", err)
	}
}

// walFrames is the number of pages in the log that are not yet in the file.
func walFrames(conn *Conn, pragma string) (frames int64, err error) {
	err = conn.Query(func(row Row) error {
		frames = row.Int(1) - row.Int(2)
		return ErrStop
	}, pragma)
	return frames, err
}
