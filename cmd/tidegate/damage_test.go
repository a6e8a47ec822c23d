package main_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/cmd/tidegate/programtest"
	"github.com/tidegate/tidegate/gateway"
)

// TestStartDamaged: a gateway whose databases were damaged starts, says what happened and what was in them, keeps the
// configuration, and goes on saying so at the next start until somebody took the damaged files away.
func TestStartDamaged(t *testing.T) {
	t.Parallel()
	dir := programtest.ShortDir(t)
	d := startDemo(t, dir)
	programtest.Eventually(t, 10*time.Second, "messages are forwarded", func() bool { return d.status(t).Bridges[0].Forwarded > 0 })
	d.Kill()
	data := filepath.Join(dir, "data")
	for _, name := range []string{"queue.db", "config.db", "history.db"} {
		spoil(t, filepath.Join(data, name))
	}

	d = startDemo(t, dir)
	// The history is opened beside everything else.
	programtest.Eventually(t, 10*time.Second, "all three are named", func() bool { return len(d.status(t).Alarms) == 3 })
	status := d.status(t)
	want := map[string]string{
		"queue.db": "file is not a database", "config.db": "config.db.good-", "history.db": "file is not a database",
	}
	for _, alarm := range status.Alarms {
		if alarm.Code != gateway.AlarmDatabaseReplaced || !strings.Contains(alarm.Detail, want[alarm.Subject]) ||
			!strings.Contains(alarm.Detail, alarm.Subject+".damaged-") {
			t.Errorf("alarm %+v", alarm)
		}
	}
	if len(status.Connections) == 0 || len(status.Bridges) != 1 {
		t.Errorf("%d connections, %d bridges", len(status.Connections), len(status.Bridges))
	}
	programtest.Eventually(t, 10*time.Second, "messages are forwarded again", func() bool { return d.status(t).Bridges[0].Forwarded > 0 })
	d.Interrupt(t)

	d = startDemo(t, dir)
	alarms := d.status(t).Alarms
	if len(alarms) != 3 || slices.ContainsFunc(alarms, func(a gateway.Alarm) bool { return a.Code != gateway.AlarmDatabaseSetAside }) {
		t.Errorf("the second start says %+v", alarms)
	}
	d.Interrupt(t)
	aside, err := filepath.Glob(filepath.Join(data, "*.damaged-*"))
	if err != nil || len(aside) == 0 {
		t.Fatalf("set aside: %v, %v", aside, err)
	}
	for _, path := range aside {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	d = startDemo(t, dir)
	if alarms := d.status(t).Alarms; len(alarms) != 0 {
		t.Errorf("the files are gone, and it still says %+v", alarms)
	}
}

// spoil overwrites the beginning of a file.
func spoil(t *testing.T, path string) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	if _, err := file.WriteAt([]byte(strings.Repeat("spoilt ", 100)), 0); err != nil {
		t.Fatal(err)
	}
}
