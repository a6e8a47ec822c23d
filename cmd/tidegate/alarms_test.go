package main_test

import (
	"encoding/json"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/cmd/tidegate/programtest"
	"github.com/tidegate/tidegate/gateway"
)

// TestAnAlarmStaysAcknowledgedOverARestart, although what it is about is only found again afterwards.
func TestAnAlarmStaysAcknowledgedOverARestart(t *testing.T) {
	t.Parallel()
	cloud := startMosquitto(t, "max_packet_size 2000")
	place := newPlace(t)
	s := startService(t, place)
	admin := setUpPage(t, s)
	response, answer := admin.do("POST", "bridges", map[string]any{"revision": 0, "bridge": map[string]any{
		"id": "cloud", "name": "Cloud", "url": "mqtt://127.0.0.1:" + cloud, "version": 5,
		"routes": []map[string]any{{"direction": "out", "filter": "#", "qos": 1}},
	}})
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", response.Status, answer)
	}
	output, err := exec.CommandContext(t.Context(), "mosquitto_pub", "-p", s.port, "-q", "1", "-t", "line/a", "-m", strings.Repeat("x", 3000)).CombinedOutput()
	if err != nil {
		t.Fatalf("publish: %v: %s", err, output)
	}
	parked := func() gateway.Alarm {
		t.Helper()
		var status gateway.Status
		programtest.Eventually(t, 10*time.Second, "there is an alarm", func() bool {
			status = s.status(t)
			return len(status.Alarms) == 1
		})
		return status.Alarms[0]
	}
	alarm := parked()
	if response, answer := admin.do("POST", "alarms/acknowledge", alarm.Key()); response.StatusCode != http.StatusNoContent {
		t.Fatalf("%s: %s", response.Status, answer)
	}
	acknowledged := parked()
	if acknowledged.Acknowledged == nil || acknowledged.Key() != alarm.Key() {
		t.Fatalf("%+v is not acknowledged", acknowledged)
	}
	var past []gateway.AlarmEvent
	_, answer = admin.do("GET", "alarms/past", nil)
	if err := json.Unmarshal(answer, &past); err != nil || len(past) != 1 || past[0].Ended != nil {
		t.Errorf("%s: %v", answer, err)
	}
	s.Interrupt(t)
	s = startService(t, place)
	if diff := cmp.Diff(acknowledged, parked()); diff != "" {
		t.Error(diff)
	}
}
