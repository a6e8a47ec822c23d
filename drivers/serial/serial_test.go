package serial_test

import (
	"context"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/drivers/serial"
	"github.com/tidegate/tidegate/gateway"
)

// mustConnect gives an open driver and the device's end of its wire.
func mustConnect(t *testing.T) (*serial.Driver, net.Conn) {
	t.Helper()
	return mustConnectWith(t, "")
}

func mustConnectWith(t *testing.T, parameters string) (*serial.Driver, net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	opened, err := serial.Open(t.Context(), gateway.Connection{ID: "scale", URL: "line+tcp://" + listener.Addr().String() + parameters})
	if err != nil {
		t.Fatal(err)
	}
	d, is := opened.(*serial.Driver)
	if !is {
		t.Fatalf("%T", opened)
	}
	conn, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close()
		_ = d.Close()
	})
	return d, conn
}

func send(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	if _, err := conn.Write([]byte(text)); err != nil {
		t.Error(err)
	}
}

var scale = gateway.Device{ID: "scale", Points: []gateway.Point{
	{ID: "weight", Address: "field:3", Type: gateway.Float64},
	{ID: "tare", Address: "key:T", Type: gateway.Float64},
}}

// start runs Stream until the test ends and gives what it emits, and its end.
func start(t *testing.T, d *serial.Driver) (<-chan []gateway.Reading, <-chan error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	emitted := make(chan []gateway.Reading, 100)
	ended := make(chan error, 1)
	var running sync.WaitGroup
	running.Go(func() { ended <- d.Stream(ctx, []gateway.Device{scale}, func(r []gateway.Reading) { emitted <- r }) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
	return emitted, ended
}

func next(t *testing.T, emitted <-chan []gateway.Reading) map[string]gateway.Reading {
	t.Helper()
	select {
	case readings := <-emitted:
		byPoint := map[string]gateway.Reading{}
		for _, r := range readings {
			byPoint[r.Point.Point] = r
		}
		return byPoint
	case <-time.After(5 * time.Second):
		t.Fatal("no readings")
		return nil
	}
}

func TestStream(t *testing.T) {
	d, conn := mustConnect(t)
	emitted, _ := start(t, d)
	// The first line may have begun before, so only the second one counts.
	send(t, conn, "00.00 g\r\nS S   100.00 g\r\n")
	got := next(t, emitted)
	if w := got["weight"]; w.Value != gateway.FloatValue(100) || w.Quality != gateway.Good || w.Poll == 0 || w.Point.Device != "scale" {
		t.Errorf("%+v", w)
	}
	// A point that never was in a line shows why at once.
	if r := got["tare"]; r.Quality != gateway.Bad || !strings.Contains(r.Reason, `"T"`) || !strings.Contains(r.Reason, "100.00") {
		t.Errorf("%+v", r)
	}
	send(t, conn, "a b 1 T=7\r\n")
	got = next(t, emitted)
	if r := got["tare"]; r.Value != gateway.FloatValue(7) || r.Poll != got["weight"].Poll {
		t.Errorf("%+v", got)
	}
	// Devices send several kinds of lines: one that is not about a known point says nothing about it...
	send(t, conn, "S S 2 g\r\nS I\r\n")
	if r, is := next(t, emitted)["tare"]; is {
		t.Errorf("%+v", r)
	}
	// ...but a field that is missing is missing.
	if w := next(t, emitted)["weight"]; w.Quality != gateway.Bad || !strings.Contains(w.Reason, "field 3") {
		t.Errorf("%+v", w)
	}
}

// After a pause the first bytes are the beginning of a line: a barcode reader's first scan counts.
func TestFirstLineAfterAPause(t *testing.T) {
	d, conn := mustConnect(t)
	emitted, _ := start(t, d)
	<-time.After(300 * time.Millisecond)
	send(t, conn, "S S 5 g\r\n")
	if w := next(t, emitted)["weight"]; w.Value != gateway.FloatValue(5) {
		t.Errorf("%+v", w)
	}
}

// The poller ends a stream for other work on the wire and begins it again: no line is lost or cut by that.
func TestStreamGoesOnAfterABreak(t *testing.T) {
	d, conn := mustConnect(t)
	send(t, conn, "begin\r\nx x 1 T=1\r\nS S 12")
	ctx, cancel := context.WithCancel(t.Context())
	if err := d.Stream(ctx, []gateway.Device{scale}, func([]gateway.Reading) { cancel() }); err != nil {
		t.Error(err)
	}
	emitted, _ := start(t, d)
	send(t, conn, "3 g\r\n")
	if w := next(t, emitted)["weight"]; w.Value != gateway.FloatValue(123) {
		t.Errorf("%+v", w)
	}
}

func TestStreamEnds(t *testing.T) {
	t.Run("WireGone", func(t *testing.T) {
		d, conn := mustConnect(t)
		_, ended := start(t, d)
		_ = conn.Close()
		if err := <-ended; err == nil {
			t.Error("no error when the wire is gone")
		}
	})
	t.Run("Context", func(t *testing.T) {
		d, _ := mustConnect(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := d.Stream(ctx, nil, nil); err != nil {
			t.Error(err)
		}
	})
	t.Run("Close", func(t *testing.T) {
		d, _ := mustConnect(t)
		_, ended := start(t, d)
		if err := d.Close(); err != nil {
			t.Error(err)
		}
		if err := <-ended; err == nil {
			t.Error("no error when the driver is closed")
		}
	})
}

func TestPollAndWriteAreInvalid(t *testing.T) {
	d, _ := mustConnect(t)
	if _, err := d.Poll(t.Context(), scale, scale.Points); gateway.CodeOf(err) != gateway.Invalid {
		t.Error(err)
	}
	if _, err := d.Write(t.Context(), scale, scale.Points[0], gateway.IntValue(1)); gateway.CodeOf(err) != gateway.Invalid {
		t.Error(err)
	}
}
