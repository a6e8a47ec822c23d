package main

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/gateway/alarms"
	"github.com/tidegate/tidegate/storage"
	"github.com/tidegate/tidegate/storage/history"
)

// storageAlarms say what became of a database at this start or an earlier one. They hold until somebody has taken the
// files away that were set aside, so that a second start does not hide a loss.
func storageAlarms(path string, recovered *storage.Recovered, started time.Time, logger *slog.Logger) []gateway.Alarm {
	if recovered != nil {
		return []gateway.Alarm{replacedAlarm(path, recovered, started)}
	}
	return asideAlarms(path, logger)
}

// historyAlarms are those of a database that is opened, and perhaps replaced, while the gateway runs; aside is what
// asideAlarms said before.
func historyAlarms(path string, history *history.History, aside []gateway.Alarm) []gateway.Alarm {
	if recovered, at := history.Recovered(); recovered != nil {
		return []gateway.Alarm{replacedAlarm(path, recovered, at)}
	}
	return aside
}

// openAlarms keeps what becomes of alarms.
func (p *program) openAlarms(ctx context.Context) (err error) {
	p.alarms, err = alarms.Open(ctx, alarms.Options{
		Store: p.config, Logger: p.logger,
		// Nobody asks before everything is open: monitor is set by then.
		Holding: func() []gateway.Alarm { return p.monitor.holding() },
	})
	return err
}

func replacedAlarm(path string, recovered *storage.Recovered, at time.Time) gateway.Alarm {
	return gateway.Alarm{
		Code: gateway.AlarmDatabaseReplaced, Severity: gateway.SeverityError, Since: at, Subject: filepath.Base(path),
		Detail: replacedText(recovered),
	}
}

// asideAlarms are about what lies there since an earlier start.
func asideAlarms(path string, logger *slog.Logger) []gateway.Alarm {
	aside, err := storage.SetAside(path)
	if err != nil {
		logger.Warn("look for databases that were set aside", "path", path, "error", err)
	}
	if len(aside) == 0 {
		return nil
	}
	return []gateway.Alarm{{
		Code: gateway.AlarmDatabaseSetAside, Severity: gateway.SeverityWarning, Since: aside[0].At,
		Subject: filepath.Base(path), Detail: aside[0].Path,
	}}
}

func replacedText(r *storage.Recovered) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%v. ", r.Reason)
	if contents := r.ContentsText(); contents != "" {
		fmt.Fprintf(&text, "It had: %s. ", contents)
	}
	if r.Snapshot != "" {
		fmt.Fprintf(&text, "%s took its place. ", r.Snapshot)
	}
	fmt.Fprintf(&text, "Set aside: %s", strings.Join(r.SetAside, ", "))
	return text.String()
}
