package storage

import "time"

const (
	// reclaimFree is how many pages must be free, and more than all others, before space is given back: 16 MB. A queue
	// that breathes keeps its pages.
	reclaimFree = 4096
	// reclaimPause bounds how often free pages are counted.
	reclaimPause = time.Second
)

// reclaim gives free pages back to the file system, a step at a time, when nothing else is to do. more: call again; else
// later, when not 0, is when it should be called even if nothing was written until then.
func (w *Writer) reclaim() (more bool, later time.Duration) {
	if passed := time.Since(w.reclaimed); passed < reclaimPause {
		return false, reclaimPause - passed
	}
	more, err := reclaimSome(w.db.writer, w.db.space().error() != nil)
	if err != nil {
		more = false
		w.options.Logger.Warn("free space could not be given back", "path", w.db.path, "error", err)
		w.db.noticeDamage(err)
	}
	if !more {
		w.reclaimed = time.Now()
	}
	notify(w.checkpoint)
	return more, 0
}

// reclaimSome gives all back that is free while room is short.
func reclaimSome(conn *Conn, short bool) (more bool, err error) {
	free, _, err := conn.Int("PRAGMA freelist_count")
	if err != nil {
		return false, err
	}
	total, _, err := conn.Int("PRAGMA page_count")
	worth := free >= reclaimFree && free >= total/2 || short && free > 0
	if err != nil || !worth {
		return false, err
	}
	// The pragma gives one page back per step of the statement, so it has to be read to its end. It is a transaction.
	return true, conn.Query(func(Row) error { return nil }, "PRAGMA incremental_vacuum(1000)")
}
