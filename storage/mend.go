package storage

import (
	"errors"
	"time"
)

// reopenPause keeps a dead disk from being asked for every group.
const reopenPause = 500 * time.Millisecond

// fail remembers that the connection must not be used any more.
func (w *Writer) fail(err error) {
	w.mu.Lock()
	known := w.stats.Failure != nil
	if !known {
		w.stats.FailedSince = time.Now()
	}
	w.stats.Failure = certain(err) // for those who come later
	w.mu.Unlock()
	if closed := w.db.closeWriter(); closed != nil {
		w.options.Logger.Debug("closing a broken connection", "path", w.db.path, "error", closed)
	}
	switch full := IsFull(err) && w.db.space().exhausted(); {
	case known:
	case full:
		// The Space says it, once.
		w.options.Logger.Debug("no room for the database", "path", w.db.path, "error", err)
	default:
		w.options.Logger.Error("database cannot be written", "path", w.db.path, "error", err)
	}
	// At once: a full disk may have room a moment later, and Admit refuses as long as this has not worked.
	w.mend()
}

// mend opens the database again if it is time.
func (w *Writer) mend() {
	if err := w.usable(); err != nil {
		w.options.Logger.Debug("database cannot be opened again yet", "path", w.db.path, "error", err)
	}
}

// usable opens the database again after a failure, but not too often.
func (w *Writer) usable() error {
	if w.db.writer != nil {
		return nil
	}
	w.mu.Lock()
	failure, again := w.stats.Failure, time.Since(w.reopened) >= reopenPause
	w.mu.Unlock()
	if !again {
		return errors.Join(ErrUnwritten, failure)
	}
	if err := w.reopen(); err != nil {
		return errors.Join(ErrUnwritten, err)
	}
	return nil
}

// reopen starts on a clean connection.
func (w *Writer) reopen() error {
	w.mu.Lock()
	w.reopened = time.Now()
	w.mu.Unlock()
	if err := w.db.reopenWriter(); err != nil {
		return err
	}
	w.mu.Lock()
	full := IsFull(w.stats.Failure)
	w.stats.Failure = nil
	w.mu.Unlock()
	if !full {
		w.options.Logger.Info("database can be written again", "path", w.db.path)
	}
	return nil
}
