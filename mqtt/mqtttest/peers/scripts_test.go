package peers_test

import (
	"context"
	"net"
	"os/exec"
	"testing"
	"time"
)

// scriptTime bounds a script, which bounds each of its own steps.
const scriptTime = 90 * time.Second

// runScript runs a script of another language, which ends with 0 when all that it saw is as MQTT has it.
func runScript(t *testing.T, name string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), scriptTime)
	defer cancel()
	if out, err := exec.CommandContext(ctx, name, args...).CombinedOutput(); err != nil {
		t.Errorf("%s %v: %v\n%s", name, args, err, out)
	}
}

// unlimited is for Mosquitto, which else forgets what clients with large windows have in flight.
const unlimited = "max_inflight_messages 0"

// TestMQTTjs plays javascript/talk.mjs; its one dependency comes with npm ci in that folder.
func TestMQTTjs(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, address string) {
		runScript(t, "node", "javascript/talk.mjs", "mqtt://"+address)
	}, unlimited)
	t.Run("tidegate over WebSocket", func(t *testing.T) {
		t.Parallel()
		runScript(t, "node", "javascript/talk.mjs", "ws://"+MustBroker(t, webSockets))
	})
}

// TestPahoPython plays python/talk.py with Debian's python3-paho-mqtt.
func TestPahoPython(t *testing.T) {
	t.Parallel()
	talk := func(t *testing.T, transport, address string) {
		t.Helper()
		host, port, err := net.SplitHostPort(address)
		if err != nil {
			t.Fatal(err)
		}
		runScript(t, "/usr/bin/python3", "python/talk.py", transport, host, port)
	}
	onEach(t, func(t *testing.T, address string) { talk(t, "tcp", address) }, unlimited)
	t.Run("tidegate over WebSocket", func(t *testing.T) {
		t.Parallel()
		talk(t, "websockets", MustBroker(t, webSockets))
	})
}
