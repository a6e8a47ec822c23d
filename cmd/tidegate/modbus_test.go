package main_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/cmd/tidegate/programtest"
)

// startSim runs `tidegate sim` and gives the URL that it prints.
func startSim(t *testing.T, args ...string) string {
	t.Helper()
	slave := programtest.Start(t, nil, program, append([]string{"sim"}, args...)...)
	deadline := time.Now().Add(20 * time.Second)
	for tick := time.NewTicker(5 * time.Millisecond); time.Now().Before(deadline); <-tick.C {
		if lines := slave.Output(); len(lines) > 0 {
			return lines[0]
		}
	}
	t.Fatal("the simulator does not start")
	return ""
}

// modbusTool runs `tidegate modbus` and gives its standard output, or what it says on standard error when it fails.
func modbusTool(t *testing.T, args ...string) (output, complaint string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), program, append([]string{"modbus"}, args...)...)
	var out, errors strings.Builder
	command.Stdout, command.Stderr = &out, &errors
	if err := command.Run(); err != nil {
		return out.String(), errors.String()
	}
	return out.String(), ""
}

// TestModbusTools: what the simulator holds is read, written and identified from the command line, over TCP and over a
// line at 115200 baud.
func TestModbusTools(t *testing.T) {
	for name, where := range map[string]string{
		"tcp": "tcp://127.0.0.1:" + freePort(t), "rtu": "rtu://" + filepath.Join(t.TempDir(), "line") + "?baud=115200",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := startSim(t, where)
			for _, c := range []struct{ args, want string }{
				{"read URL holding:1000 --count 2", "holding:1000  1000  good  \nholding:1001  1001  good  \n"},
				{"read URL input:1 --type uint32", "input:1  65538  good  \n"},
				{"read URL coil:3", "coil:3  true  good  \n"},
				{"write URL holding:5 77", "holding:5  77  good  \n"},
				{"write URL coil:4 true", "coil:4  true  good  \n"},
				{"read URL 40006", "holding:5  77  good  \n"},
				{"raw URL 0300050001", "03 02 00 4d\n"},
				{"mask URL holding:5 0xFFF0 0x000A", ""},
				{"exchange URL 5 2 holding:200 0xFFFF 0x10", "holding:5  74\nholding:6  6\n"},
				{"read URL holding:200 --count 2", "holding:200  65535  good  \nholding:201  16     good  \n"},
				{"identify URL", "vendor    \"Tidegate\"\nproduct   \"SIM\"\nrevision  \"1\"\n"},
			} {
				output, complaint := modbusTool(t, append(strings.Fields(strings.Replace(c.args, "URL", url, 1)), "--timeout", "5s")...)
				if complaint != "" || output != c.want {
					t.Errorf("%s: %q, %s", c.args, output, complaint)
				}
			}
		})
	}
}

// TestModbusScanAndExplore find what the simulator is.
func TestModbusScanAndExplore(t *testing.T) {
	t.Parallel()
	url := startSim(t, "tcp://127.0.0.1:"+freePort(t), "--units", "2,9", "--profile", "meter")
	output, complaint := modbusTool(t, "scan", url, "--to", "40", "--think", "50ms")
	for _, want := range []string{"unit 2", "unit 9"} {
		if !strings.Contains(output, want) || strings.Count(output, "unit ") != 2 {
			t.Errorf("%s %s", output, complaint)
		}
	}
	output, complaint = modbusTool(t, "explore", url, "input:0", "--unit", "2", "--count", "4")
	if !strings.Contains(output, "input:0") || !strings.Contains(output, "float32") {
		t.Errorf("%s %s", output, complaint)
	}
}

// TestModbusToolsSayWhatIsWrong: a fault ends with a failure, a reason, and null instead of a value.
func TestModbusToolsSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	url := startSim(t, "tcp://127.0.0.1:"+freePort(t), "--exception", "4")
	output, complaint := modbusTool(t, "read", url, "holding:1", "--json")
	var readings []struct {
		Value  any    `json:"value"`
		Reason string `json:"reason"`
	}
	if err := json.Unmarshal([]byte(output), &readings); err != nil || len(readings) != 1 || readings[0].Value != nil {
		t.Errorf("%s: %v", output, err)
	}
	if !strings.Contains(output, "exception 4") || !strings.Contains(complaint, "not all values") {
		t.Errorf("%s %s", output, complaint)
	}
	for args, want := range map[string]string{
		"identify " + url:                              "exception 4",
		"read " + url + " holding:1 --count 0":         "1 to 2000 values",
		"read " + url + " register:1":                  "use coil, discrete, input or holding",
		"read " + url + " holding:65535 --count 2":     "65535",
		"read " + url + " holding:1 --type int17":      "no type",
		"read " + url + " holding:1 --unit 300":        "between 0 and 255",
		"read line:///dev/ttyUSB0 holding:1":           "no Modbus wire",
		"read tcp://127.0.0.1:1 holding:1":             "refused",
		"scan " + url + " --think 5s":                  "20ms to 500ms",
		"explore " + url + " holding:1 --count 251":    "1 to 250",
		"write " + url + " input:1 5":                  "can only be read",
		"read rtu:///dev/nothing-here?baud=9600 40001": "nothing-here",
	} {
		if _, complaint := modbusTool(t, strings.Fields(args)...); !strings.Contains(complaint, want) {
			t.Errorf("%s: %s", args, complaint)
		}
	}
}

// TestSimTakesNobodysPlace: a simulated line never replaces a file, which could be a real port.
func TestSimTakesNobodysPlace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "port")
	if err := os.WriteFile(path, []byte("real"), 0o600); err != nil {
		t.Fatal(err)
	}
	output, err := exec.CommandContext(t.Context(), program, "sim", "rtu://"+path).CombinedOutput()
	if err == nil || !strings.Contains(string(output), "is there already") {
		t.Errorf("%s, %v", output, err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "real" {
		t.Errorf("%q, %v", text, err)
	}
}

// TestSerialList: the list is there and empty, or has names of device files.
func TestSerialList(t *testing.T) {
	output, err := exec.CommandContext(t.Context(), program, "serial", "list", "--json").Output()
	if err != nil {
		t.Fatal(err)
	}
	var ports []struct{ Path, Device string }
	if err := json.Unmarshal(output, &ports); err != nil || ports == nil {
		t.Errorf("%s: %v", output, err)
	}
	for _, p := range ports {
		if !strings.HasPrefix(p.Path, "/dev/") || !strings.HasPrefix(p.Device, "/dev/tty") {
			t.Errorf("%+v", p)
		}
	}
}
