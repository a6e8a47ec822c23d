package line_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// watched counts the descriptors of a file that wake this process up when bytes come, as the kernel lists them.
func watched(t *testing.T, path string) (n int) {
	t.Helper()
	infos, err := filepath.Glob("/proc/self/fdinfo/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, info := range infos {
		text, err := os.ReadFile(info)
		if err != nil {
			continue // closed meanwhile
		}
		for entry := range strings.Lines(string(text)) {
			fields := strings.Fields(entry)
			if len(fields) < 4 || fields[0] != "tfd:" {
				continue
			}
			events, err := strconv.ParseUint(fields[3], 16, 32)
			name, _ := os.Readlink("/proc/self/fd/" + fields[1])
			const in = 1
			if err == nil && events&in != 0 && name == path {
				n++
			}
		}
	}
	return n
}

// While nobody waits for them, the characters of a frame wake nobody up: at 9600 baud there is one each millisecond.
func TestAPortIsWatchedOnlyDuringARead(t *testing.T) {
	device, path := mustTerminal(t)
	before := watched(t, path)
	l := mustOpen(t, fmt.Sprintf("rtu://%s?baud=9600", path))
	if n := watched(t, path); n != before {
		t.Errorf("%d are watched after it was opened, %d before", n, before)
	}
	during := make(chan int, 1)
	go func() {
		<-time.After(20 * time.Millisecond)
		during <- watched(t, path)
		_, _ = device.WriteString("x")
	}()
	if n, err := l.Read(t.Context(), make([]byte, 1), time.Now().Add(5*time.Second)); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if n := <-during; n != before+1 {
		t.Errorf("%d are watched during a read, want one more than %d", n, before)
	}
	if _, err := l.Read(t.Context(), make([]byte, 1), time.Now().Add(5*time.Millisecond)); err == nil {
		t.Error("nothing came, but there is something")
	}
	if n := watched(t, path); n != before {
		t.Errorf("%d are watched after reads, %d before", n, before)
	}
}
