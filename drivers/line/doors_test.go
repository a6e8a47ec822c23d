package line_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/drivers/line"
	"github.com/tidegate/tidegate/gateway"
)

func mustHaveDoors(t *testing.T) *line.Doors {
	t.Helper()
	d := line.NewDoors()
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// place is a free address to listen at.
func place(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// call is what the modem of a device does: until somebody listens.
func call(t *testing.T, address, say string) net.Conn {
	t.Helper()
	for deadline := soon(); ; {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			t.Cleanup(func() { _ = conn.Close() })
			if _, err := conn.Write([]byte(say)); err != nil {
				t.Fatal(err)
			}
			return conn
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
		<-time.After(5 * time.Millisecond)
	}
}

func answer(t *testing.T, d *line.Doors, url string) line.Line {
	t.Helper()
	a, err := line.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	l, err := d.Open(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// mustBe checks that a line ends at the device that greets with a word.
func mustBe(t *testing.T, l line.Line, device net.Conn, word string) {
	t.Helper()
	if _, err := device.Write([]byte(word)); err != nil {
		t.Fatal(err)
	}
	buffer := make([]byte, 64)
	n := 0
	for n < len(word) {
		more, err := l.Read(t.Context(), buffer[n:], soon())
		if err != nil {
			t.Fatalf("%q, %v, want %q", buffer[:n], err, word)
		}
		n += more
	}
	if string(buffer[:n]) != word {
		t.Errorf("%q, want %q: it is another device", buffer[:n], word)
	}
}

func TestDevicesCallAtOneDoor(t *testing.T) {
	doors, at := mustHaveDoors(t), place(t)
	urls := []string{
		"rtu+listen://" + at + "?id=pump", "rtu+listen://" + at + "?id=0x01FF",
		"tcp+listen://" + at + "?from=127.0.0.0/8", "tcp+listen://" + at + "?from=127.0.0.0/9", "tcp+listen://" + at,
	}
	for _, url := range urls {
		mustWait(t, doors, url) // from now on the caller is known
	}
	devices := []net.Conn{call(t, at, "pump\r\n"), call(t, at, "\x01\xff"), call(t, at, "whatever")}
	for i, which := range []int{0, 1, 3} { // the narrowest network wins
		mustBe(t, answer(t, doors, urls[which]), devices[i], []string{"i am the pump", "i am the heater", "i am the meter"}[i])
	}
}

// mustWait asks for a device that does not call.
func mustWait(t *testing.T, d *line.Doors, url string) {
	t.Helper()
	a, err := line.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := d.Open(ctx, a); gateway.CodeOf(err) != gateway.Unavailable {
		t.Fatalf("%v", err)
	}
}

// A device that calls again has lost its former call.
func TestTheLatestCallCounts(t *testing.T) {
	doors, at := mustHaveDoors(t), place(t)
	url := "rtu+listen://" + at
	var opening sync.WaitGroup
	var first line.Line
	opening.Go(func() { first = answer(t, doors, url) })
	mustBeTaken := call(t, at, "")
	opening.Wait()
	mustBe(t, first, mustBeTaken, "one")
	again := call(t, at, "")
	if _, err := first.Read(t.Context(), make([]byte, 1), soon()); err == nil {
		t.Error("the former call goes on")
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	mustBe(t, answer(t, doors, url), again, "two")
}

func TestNobodyCalls(t *testing.T) {
	doors, at := mustHaveDoors(t), place(t)
	a, err := line.Parse("tcp+listen://" + at + "?id=pump&from=127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	var calling sync.WaitGroup
	calling.Go(func() {
		stranger := call(t, at, "stranger")
		_, _ = stranger.Read(make([]byte, 1)) // until it is refused
		cancel()
	})
	defer calling.Wait()
	_, err = doors.Open(ctx, a)
	for _, part := range []string{"pump", "127.0.0.1/32", `"stranger"`} {
		if gateway.CodeOf(err) != gateway.Unavailable || !strings.Contains(err.Error(), part) {
			t.Errorf("%v, want %s in it", err, part)
		}
	}
}

// Whoever calls and says nothing does not keep others out.
func TestSilentStrangers(t *testing.T) {
	doors, at := mustHaveDoors(t), place(t)
	var opening sync.WaitGroup
	var l line.Line
	opening.Go(func() { l = answer(t, doors, "rtu+listen://"+at+"?id=pump") })
	for range 10 {
		call(t, at, "")
	}
	device := call(t, at, "pump")
	opening.Wait()
	mustBe(t, l, device, "hello")
}

func TestDoorThatCannotBeOpened(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	a, err := line.Parse(fmt.Sprintf("rtu+listen://%s", listener.Addr()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := mustHaveDoors(t).Open(t.Context(), a); gateway.CodeOf(err) != gateway.Unavailable || !strings.Contains(err.Error(), "another program") {
		t.Errorf("%v", err)
	}
}

// Close ends calls in use and those who wait.
func TestCloseDoors(t *testing.T) {
	doors, at := mustHaveDoors(t), place(t)
	var opening sync.WaitGroup
	var l line.Line
	opening.Go(func() { l = answer(t, doors, "rtu+listen://"+at) })
	call(t, at, "")
	opening.Wait()
	if err := doors.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Read(t.Context(), make([]byte, 1), soon()); err == nil {
		t.Error("a call goes on")
	}
	a, _ := line.Parse("rtu+listen://" + at)
	if _, err := doors.Open(t.Context(), a); gateway.CodeOf(err) != gateway.Unavailable {
		t.Errorf("%v", err)
	}
}
