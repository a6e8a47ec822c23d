package line_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tidegate/tidegate/drivers/line"
	"github.com/tidegate/tidegate/gateway"
)

// mustTerminal makes a pseudo terminal: the device's end, and the path of the port.
func mustTerminal(tb testing.TB) (*os.File, string) {
	tb.Helper()
	device, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	if err != nil {
		tb.Fatal(err)
	}
	raw, err := device.SyscallConn()
	if err != nil {
		tb.Fatal(err)
	}
	var number int
	var ioctlErr error
	err = raw.Control(func(fd uintptr) {
		if ioctlErr = unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0); ioctlErr == nil {
			number, ioctlErr = unix.IoctlGetInt(int(fd), unix.TIOCGPTN)
		}
	})
	if err != nil || ioctlErr != nil {
		tb.Fatal(err, ioctlErr)
	}
	path := fmt.Sprintf("/dev/pts/%d", number)
	port, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = port.Close()
		_ = device.Close()
	})
	return device, path
}

func mustOpen(tb testing.TB, url string) line.Line {
	tb.Helper()
	l, err := open(tb.Context(), url)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = l.Close() })
	return l
}

func open(ctx context.Context, url string) (line.Line, error) {
	a, err := line.Parse(url)
	if err != nil {
		return nil, err
	}
	return a.Open(ctx)
}

type peer interface {
	Read(p []byte) (int, error)
	Write(p []byte) (int, error)
	Close() error
}

// wires runs a test over both kinds of wire.
func wires(t *testing.T, test func(t *testing.T, l line.Line, device peer)) {
	t.Run("serial", func(t *testing.T) {
		device, path := mustTerminal(t)
		test(t, mustOpen(t, "rtu://"+path), device)
	})
	t.Run("tcp", func(t *testing.T) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		l := mustOpen(t, "tcp://"+listener.Addr().String())
		device, err := listener.Accept()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = device.Close() })
		test(t, l, device)
	})
	t.Run("tls", func(t *testing.T) {
		l, device := mustOpenTLS(t)
		test(t, l, device)
	})
}

func soon() time.Time { return time.Now().Add(5 * time.Second) }

func TestBothWays(t *testing.T) {
	wires(t, func(t *testing.T, l line.Line, device peer) {
		all := make([]byte, 256)
		for i := range all {
			all[i] = byte(i)
		}
		if err := l.Write(all, soon()); err != nil {
			t.Fatal(err)
		}
		var got []byte
		buffer := make([]byte, 512)
		for len(got) < len(all) {
			n, err := device.Read(buffer)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, buffer[:n]...)
		}
		if _, err := device.Write(got); err != nil {
			t.Fatal(err)
		}
		got = nil
		for len(got) < len(all) {
			n, err := l.Read(t.Context(), buffer, soon())
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, buffer[:n]...)
		}
		if !bytes.Equal(got, all) {
			t.Errorf("% x", got)
		}
	})
}

func TestReadDeadline(t *testing.T) {
	wires(t, func(t *testing.T, l line.Line, _ peer) {
		begin := time.Now()
		n, err := l.Read(t.Context(), make([]byte, 10), begin.Add(50*time.Millisecond))
		took := time.Since(begin)
		if n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) || took < 50*time.Millisecond || took > 2*time.Second {
			t.Errorf("%d, %v after %s", n, err, took)
		}
	})
}

// A line that takes nothing must not hold the writer.
func TestWriteDeadline(t *testing.T) {
	wires(t, func(t *testing.T, l line.Line, _ peer) {
		if err := l.Write(make([]byte, 64<<20), time.Now().Add(100*time.Millisecond)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error(err)
		}
	})
}

func TestFlushAndBuffered(t *testing.T) {
	wires(t, func(t *testing.T, l line.Line, device peer) {
		buffer := make([]byte, 10)
		if n, err := l.Buffered(buffer); n != 0 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		mustArrive := func(text string) {
			t.Helper()
			if _, err := device.Write([]byte(text)); err != nil {
				t.Fatal(err)
			}
			// The first byte shows that the rest, written at once, is there too.
			if n, err := l.Read(t.Context(), buffer[:1], soon()); n != 1 || err != nil {
				t.Fatal(n, err)
			}
		}
		mustArrive("-old")
		if err := l.Flush(); err != nil {
			t.Fatal(err)
		}
		mustArrive("-new")
		if n, err := l.Buffered(buffer); string(buffer[:n]) != "new" || err != nil {
			t.Errorf("%q, %v", buffer[:n], err)
		}
	})
}

func TestContextAndCloseEndARead(t *testing.T) {
	wires(t, func(t *testing.T, l line.Line, device peer) {
		ctx, cancel := context.WithCancel(t.Context())
		defer time.AfterFunc(20*time.Millisecond, cancel).Stop()
		if _, err := l.Read(ctx, make([]byte, 1), time.Time{}); !errors.Is(err, context.Canceled) {
			t.Errorf("context: %v", err)
		}
		// The end of one context is not felt by the next call.
		if _, err := device.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		if n, err := l.Read(t.Context(), make([]byte, 1), soon()); n != 1 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		var closing sync.WaitGroup
		closing.Go(func() {
			<-time.After(20 * time.Millisecond)
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		})
		if _, err := l.Read(t.Context(), make([]byte, 1), soon()); !errors.Is(err, os.ErrClosed) && !errors.Is(err, net.ErrClosed) {
			t.Errorf("close: %v", err)
		}
		closing.Wait()
		if err := l.Close(); err != nil {
			t.Errorf("second close: %v", err)
		}
	})
}

func TestPeerGone(t *testing.T) {
	wires(t, func(t *testing.T, l line.Line, device peer) {
		if err := device.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := l.Read(t.Context(), make([]byte, 1), soon()); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%v", err)
		}
	})
}

// Closing while others write: no byte may end up in a file that got the descriptor's number meanwhile.
func TestNothingIsWrittenAfterClose(t *testing.T) {
	directory := t.TempDir()
	for round := range 20 {
		device, path := mustTerminal(t)
		l := mustOpen(t, "line://"+path)
		var working sync.WaitGroup
		working.Go(func() {
			buffer := make([]byte, 4096)
			for {
				if _, err := device.Read(buffer); err != nil {
					return
				}
			}
		})
		for range 4 {
			working.Go(func() {
				for err := error(nil); err == nil; {
					err = l.Write([]byte("frame"), soon())
				}
			})
		}
		_ = l.Close()
		var files []*os.File
		for i := range 10 {
			f, err := os.Create(filepath.Join(directory, fmt.Sprintf("%d-%d", round, i)))
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, f)
		}
		_ = device.Close()
		working.Wait()
		for _, f := range files {
			if info, err := f.Stat(); err != nil || info.Size() != 0 {
				t.Errorf("%s has %d bytes, %v", f.Name(), info.Size(), err)
			}
			_ = f.Close()
		}
	}
}

func TestStaleInputIsDroppedOnOpen(t *testing.T) {
	device, path := mustTerminal(t)
	first := mustOpen(t, "rtu://"+path)
	if _, err := device.Write([]byte("stale")); err != nil {
		t.Fatal(err)
	}
	if _, err := first.Read(t.Context(), make([]byte, 1), soon()); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := mustOpen(t, "rtu://"+path)
	if n, err := second.Buffered(make([]byte, 10)); n != 0 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

// A port has one master, also under another name; when it is closed, it is free.
func TestPortIsExclusive(t *testing.T) {
	_, path := mustTerminal(t)
	link := filepath.Join(t.TempDir(), "by-id")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	l := mustOpen(t, "rtu://"+path)
	if _, err := open(t.Context(), "rtu://"+link); gateway.CodeOf(err) != gateway.Unavailable || !strings.Contains(err.Error(), "in use") {
		t.Errorf("%v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	mustOpen(t, "rtu://"+link)
}

func TestOpenSaysWhatToDo(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := listener.Addr().String()
	_ = listener.Close()
	_, terminal := mustTerminal(t)
	for url, hint := range map[string]string{
		"rtu://" + terminal + "?rs485=on": "cannot switch the direction",
		"rtu:///dev/ttyNOTTHERE":          "plug the adapter in",
		"rtu://" + file:                   "not a serial port",
		"tcp://" + nobody:                 "check address, port and cable",
	} {
		_, err := open(t.Context(), url)
		if gateway.CodeOf(err) != gateway.Unavailable || !strings.Contains(err.Error(), hint) {
			t.Errorf("%s: %v", url, err)
		}
	}
}

// More than 1024 descriptors are open in a gateway with many clients.
func TestHighDescriptors(t *testing.T) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if limit.Cur < 1400 {
		t.Fatalf("the limit of open files is %d: raise it to 1400", limit.Cur)
	}
	for range 1100 {
		f, err := os.Open("/dev/null")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
	}
	device, path := mustTerminal(t)
	l := mustOpen(t, "rtu://"+path)
	if _, err := device.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if n, err := l.Read(t.Context(), make([]byte, 1), soon()); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}
