package config

import (
	"context"
	"fmt"
	"time"

	"github.com/tidegate/tidegate/storage"
)

// NextRun counts a start of the gateway and gives its number. Together with the number of a reading it lets a receiver
// drop duplicates, so a number must never come twice: after the file was replaced, the clock helps to get beyond all
// that were used.
func (s *Store) NextRun(ctx context.Context) (uint64, error) {
	var run int64
	err := s.change(ctx, func(conn *storage.Conn) error {
		var err error
		if run, _, err = conn.Int("SELECT run FROM meta"); err != nil {
			return err
		}
		run++
		if s.db.Recovered != nil {
			run = max(run, time.Now().Unix())
		}
		return conn.Do("UPDATE meta SET run = ?", run)
	})
	if err != nil {
		return 0, fmt.Errorf("count the start: %w", err)
	}
	return uint64(run), nil
}
