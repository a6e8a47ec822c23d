package main_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"testing"
	"time"

	"github.com/tidegate/tidegate/cmd/tidegate/programtest"
	"github.com/tidegate/tidegate/gateway"
)

// TestWhatIsRetainedGoesWithItsDevice, here and in the cloud behind the bridge. Nobody answers at the device's address: its
// state is retained all the same.
func TestWhatIsRetainedGoesWithItsDevice(t *testing.T) {
	t.Parallel()
	cloud := startMosquitto(t)
	s := startService(t, newPlace(t))
	admin := setUpPage(t, s)
	var config gateway.Config
	do := func(method, path string, body any) {
		t.Helper()
		if response, answer := admin.do(method, path, body); response.StatusCode != http.StatusOK {
			t.Fatalf("%s %s: %s %s", method, path, response.Status, answer)
		}
		_, answer := admin.do("GET", "config", nil)
		if err := json.Unmarshal(answer, &config); err != nil {
			t.Fatal(err)
		}
	}
	do("GET", "config", nil)
	do("POST", "bridges", map[string]any{"revision": config.Revision, "bridge": gateway.Bridge{
		ID: "cloud", Name: "Cloud", URL: "mqtt://127.0.0.1:" + cloud, Routes: []gateway.Route{{Direction: gateway.Out, Filter: "#", QoS: 1}},
	}})
	do("POST", "devices", map[string]any{
		"revision":   config.Revision,
		"connection": gateway.Connection{ID: "bus", Name: "Bus", URL: "tcp://127.0.0.1:1"},
		"device":     gateway.Device{ID: "pump", Name: "Pump", Connection: "bus", Unit: 1, ScanClass: config.ScanClasses[0].ID, Points: []gateway.Point{{ID: "speed", Address: "holding:0", Type: gateway.Uint16}}},
	})
	topic := gateway.StateTopic(config.Name, "pump")
	retained := func(port string) bool {
		return exec.CommandContext(t.Context(), "mosquitto_sub", "-p", port, "-t", topic, "-C", "1", "-W", "1").Run() == nil
	}
	programtest.Eventually(t, 20*time.Second, "the state is retained on both sides", func() bool { return retained(s.port) && retained(cloud) })
	do("DELETE", "devices/pump?revision="+fmt.Sprint(config.Revision), nil)
	programtest.Eventually(t, 20*time.Second, "it is gone on both sides", func() bool { return !retained(s.port) && !retained(cloud) })
}
