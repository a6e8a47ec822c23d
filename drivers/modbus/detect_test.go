package modbus_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tidegate/tidegate/drivers/modbus"
	"github.com/tidegate/tidegate/gateway"
)

// mustPlugAt serves units over a pseudo terminal, but understands only what is sent with its settings, as on a real line.
func mustPlugAt(t *testing.T, s *slave, settings uint32, units string) (url string) {
	t.Helper()
	device, path := mustTerminal(t)
	s.answer = func(unit byte, _ []byte) []byte {
		if !strings.Contains(units, string(rune(48+int(unit)))) || settingsOf(t, device) != settings {
			return []byte{}
		}
		return nil
	}
	var serving sync.WaitGroup
	serving.Go(func() { s.serve(device) })
	t.Cleanup(func() {
		_ = device.Close()
		serving.Wait()
	})
	return s.framing + "://" + path
}

// settingsOf are baud and stop bits that the master has set; a pseudo terminal has no parity and always 8 bits.
func settingsOf(t *testing.T, device *os.File) (settings uint32) {
	raw, err := device.SyscallConn()
	if err != nil {
		t.Error(err)
		return 0
	}
	_ = raw.Control(func(fd uintptr) {
		state, err := unix.IoctlGetTermios(int(fd), unix.TCGETS)
		if err != nil {
			t.Error(err)
			return
		}
		settings = state.Cflag & (unix.CBAUD | unix.CSTOPB)
	})
	return settings
}

func TestDetect(t *testing.T) {
	for name, c := range map[string]struct {
		framing  string
		settings uint32
		search   gateway.LineSearch
		want     []string
	}{
		"usual": {
			"rtu", unix.B19200,
			gateway.LineSearch{Timeout: gateway.Duration(50 * time.Millisecond)},
			[]string{"baud=19200&data=8&parity=N&stop=1 1", "baud=19200&data=8&parity=N&stop=1 3"},
		},
		"ascii": {
			"ascii", unix.B4800,
			gateway.LineSearch{Bauds: []int{9600, 4800}, From: 1, To: 1, Timeout: gateway.Duration(50 * time.Millisecond)},
			[]string{"baud=4800&data=7&parity=E&stop=1 1"},
		},
		"two stop bits": {
			"rtu", unix.B38400 | unix.CSTOPB,
			gateway.LineSearch{Bauds: []int{38400}, Formats: []string{"8N1", "8N2"}, From: 3, To: 4, Timeout: gateway.Duration(50 * time.Millisecond)},
			[]string{"baud=38400&data=8&parity=N&stop=2 3"},
		},
		"nobody": {
			"rtu", unix.B50,
			gateway.LineSearch{Bauds: []int{9600}, From: 1, To: 2, Timeout: gateway.Duration(50 * time.Millisecond)},
			nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := mustPlugAt(t, newSlave(c.framing), c.settings, "13")
			found, err := modbus.Detect(t.Context(), gateway.Connection{URL: url}, c.search)
			if err != nil || len(found) != len(c.want) {
				t.Fatalf("%+v, %v, want %v", found, err, c.want)
			}
			for i, f := range found {
				if want := strings.Fields(c.want[i]); f.URL != url+"?"+want[0] || f.Unit != int(want[1][0]-'0') || f.Answer != "holding:0 is 0" {
					t.Errorf("%+v, want %s", f, c.want[i])
				}
			}
		})
	}
}

func TestDetectEnds(t *testing.T) {
	url := mustPlugAt(t, newSlave("rtu"), unix.B50, "")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	begin := time.Now()
	if found, err := modbus.Detect(ctx, gateway.Connection{URL: url}, gateway.LineSearch{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%+v, %v", found, err)
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("it went on for %s", took)
	}
}

func TestDetectRefuses(t *testing.T) {
	for url, s := range map[string]gateway.LineSearch{
		"tcp://host":           {},
		"line:///dev/ttyUSB0":  {},
		"rtu:///dev/ttyUSB0":   {Formats: []string{"7E1"}},
		"rtu:///dev/ttyUSB1":   {Formats: []string{"8X1"}},
		"rtu:///dev/ttyUSB2":   {Formats: []string{"8N"}},
		"rtu:///dev/ttyUSB3":   {Bauds: []int{1}},
		"rtu:///dev/ttyUSB4":   {From: 5, To: 4},
		"rtu:///dev/ttyUSB5":   {To: 248},
		"rtu:///dev/ttyUSB6":   {Timeout: 1},
		"rtu:///dev/ttyUSB7":   {Bauds: make([]int, 100)},
		"rtu:///dev/ttyUSB8?x": {},
	} {
		if _, err := modbus.SearchTime(gateway.Connection{URL: url}, s); gateway.CodeOf(err) != gateway.Invalid {
			t.Errorf("%s %+v: %v", url, s, err)
		}
	}
	took, err := modbus.SearchTime(gateway.Connection{URL: "rtu:///dev/ttyUSB0"}, gateway.LineSearch{})
	if err != nil || took < 14*time.Second || took > 20*time.Second {
		t.Errorf("%s, %v", took, err)
	}
}
