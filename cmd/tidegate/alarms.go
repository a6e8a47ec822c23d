package main

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage"
)

// storageAlarms say what became of a database at this start or an earlier one. They hold until somebody has taken the
// files away that were set aside, so that a second start does not hide a loss.
func storageAlarms(path string, recovered *storage.Recovered, started time.Time, logger *slog.Logger) []gateway.Alarm {
	alarm := gateway.Alarm{Severity: gateway.SeverityError, Since: started, Subject: filepath.Base(path)}
	if recovered != nil {
		alarm.Code, alarm.Detail = gateway.AlarmDatabaseReplaced, replacedText(recovered)
		return []gateway.Alarm{alarm}
	}
	aside, err := storage.SetAside(path)
	if err != nil {
		logger.Warn("look for databases that were set aside", "path", path, "error", err)
	}
	if len(aside) == 0 {
		return nil
	}
	alarm.Code, alarm.Severity, alarm.Since = gateway.AlarmDatabaseSetAside, gateway.SeverityWarning, aside[0].At
	alarm.Detail = aside[0].Path
	return []gateway.Alarm{alarm}
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
