package config

import (
	"context"
	"database/sql/driver"
	"fmt"
	"math"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage"
)

// maxAlarms bounds how many alarms of the past are kept.
const maxAlarms = 1000

// PutAlarms keeps alarms, each in the place of what was kept of it before. The oldest that have ended go when there are more
// than 1,000.
func (s *Store) PutAlarms(ctx context.Context, events []gateway.AlarmEvent) error {
	err := s.db.Update(ctx, func(conn *storage.Conn) error {
		for i := range events {
			if err := putAlarm(conn, &events[i]); err != nil {
				return err
			}
		}
		return conn.Do("DELETE FROM alarm WHERE ended > 0 AND number <= (SELECT max(number) FROM alarm) - ?", int64(maxAlarms))
	})
	if err != nil {
		return fmt.Errorf("note alarms: %w", err)
	}
	return nil
}

func putAlarm(conn *storage.Conn, e *gateway.AlarmEvent) error {
	var ended, acknowledged int64
	by, key := "", e.Key()
	if e.Ended != nil {
		ended = e.Ended.UnixMilli()
	}
	if e.Acknowledged != nil {
		acknowledged, by = e.Acknowledged.At.UnixMilli(), e.Acknowledged.By
	}
	return conn.Do("INSERT INTO alarm (code, subject, began, severity, detail, ended, acknowledged, acknowledged_by) "+
		"VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (code, subject, began) DO UPDATE SET severity = excluded.severity, "+
		"detail = excluded.detail, ended = excluded.ended, acknowledged = excluded.acknowledged, acknowledged_by = excluded.acknowledged_by",
		string(key.Code), key.Subject, key.Since.UnixMilli(), string(e.Severity), e.Detail, ended, acknowledged, by)
}

// HeldAlarms gives those whose end is not noted.
func (s *Store) HeldAlarms(ctx context.Context) ([]gateway.AlarmEvent, error) {
	return s.alarms(ctx, "WHERE ended = 0 ORDER BY number")
}

// PastAlarms gives those that came, newest first.
func (s *Store) PastAlarms(ctx context.Context, q gateway.AlarmQuery) ([]gateway.AlarmEvent, error) {
	if q.Before <= 0 {
		q.Before = math.MaxInt64
	}
	code := string(q.Code)
	return s.alarms(ctx, "WHERE number < ? AND (? = '' OR code = ?) AND (? = '' OR instr(lower(subject), lower(?)) > 0) "+
		"ORDER BY number DESC LIMIT ?", q.Before, code, code, q.Subject, q.Subject, int64(q.Limit))
}

func (s *Store) alarms(ctx context.Context, which string, args ...driver.Value) (events []gateway.AlarmEvent, err error) {
	err = s.db.Read(ctx, func(conn *storage.Conn) error {
		events = nil
		return conn.Query(func(row storage.Row) error {
			events = append(events, alarmOf(row))
			return nil
		}, "SELECT number, code, subject, began, severity, detail, ended, acknowledged, acknowledged_by FROM alarm "+which, args...)
	})
	if err != nil {
		return nil, fmt.Errorf("read alarms: %w", err)
	}
	return events, nil
}

func alarmOf(row storage.Row) gateway.AlarmEvent {
	event := gateway.AlarmEvent{Number: row.Int(0), Alarm: gateway.Alarm{
		Code: gateway.AlarmCode(row.Text(1)), Subject: row.Text(2), Since: time.UnixMilli(row.Int(3)).UTC(),
		Severity: gateway.Severity(row.Text(4)), Detail: row.Text(5),
	}}
	if ended := row.Int(6); ended > 0 {
		event.Ended = new(time.UnixMilli(ended).UTC())
	}
	if at := row.Int(7); at > 0 {
		event.Acknowledged = &gateway.Acknowledgement{By: row.Text(8), At: time.UnixMilli(at).UTC()}
	}
	return event
}
