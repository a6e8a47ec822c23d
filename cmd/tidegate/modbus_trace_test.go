package main_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/cmd/tidegate/programtest"
	"github.com/tidegate/tidegate/gateway"
)

// TestModbusTrace: what goes over the wires of a running gateway is shown from the command line, decoded, over TCP and over
// a line, and written as a file for Wireshark.
func TestModbusTrace(t *testing.T) {
	dir := t.TempDir()
	d := startDemo(t, dir)
	for connection, part := range map[string]string{"plc-net": "Read Input Registers input:", "meter-line": " ms) [01 04 ", "scale-line": `kg\r\n"`} {
		programtest.Eventually(t, 10*time.Second, "frames of "+connection, func() bool {
			return strings.Contains(d.run(t, "modbus", "trace", connection, "--demo"), part)
		})
	}
	for text := range strings.Lines(d.run(t, "modbus", "trace", "plc-net", "--demo", "--json")) {
		var f gateway.Frame
		if err := json.Unmarshal([]byte(text), &f); err != nil || f.Modbus == nil {
			t.Fatalf("%v: %s", err, text)
		}
	}
	if output := d.run(t, "modbus", "trace", "plc-net", "--demo", "--problems"); output != "" {
		t.Errorf("problems of a healthy device: %s", output)
	}
	file := filepath.Join(dir, "plc.pcapng")
	d.run(t, "modbus", "trace", "plc-net", "--demo", "--pcapng", file)
	if data, err := os.ReadFile(file); err != nil || len(data) < 200 || !bytes.HasPrefix(data, []byte{0x0A, 0x0D, 0x0D, 0x0A}) {
		t.Errorf("%d bytes, %v", len(data), err)
	}
	follow := programtest.Start(t, nil, program, "modbus", "trace", "plc-net", "--demo", "--follow", "--runtime", d.runtime)
	first := 0
	programtest.Eventually(t, 10*time.Second, "the first frames", func() bool { first = len(follow.Output()); return first > 0 })
	programtest.Eventually(t, 10*time.Second, "frames that come", func() bool { return len(follow.Output()) > first })
}
