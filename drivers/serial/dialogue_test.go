package serial_test

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tidegate/tidegate/drivers/serial"
	"github.com/tidegate/tidegate/gateway"
)

// port is a pseudo terminal: the device's end, and the path of the other one, which stays open.
type port struct {
	device *os.File
	line   *os.File
}

func mustPort(t *testing.T) *port {
	t.Helper()
	device, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := device.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	number := 0
	if err := raw.Control(func(fd uintptr) {
		_ = unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0)
		number, _ = unix.IoctlGetInt(int(fd), unix.TIOCGPTN)
	}); err != nil {
		t.Fatal(err)
	}
	line, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = line.Close()
		_ = device.Close()
	})
	return &port{device: device, line: line}
}

// speed is how fast the line is set: a pseudo terminal keeps that although it does not matter to it.
func (p *port) speed(t *testing.T) uint32 {
	t.Helper()
	speed := uint32(0)
	raw, err := p.line.SyscallConn()
	if err == nil {
		err = raw.Control(func(fd uintptr) {
			if state, failed := unix.IoctlGetTermios(int(fd), unix.TCGETS); failed == nil {
				speed = state.Cflag & unix.CBAUD
			}
		})
	}
	if err != nil {
		t.Error(err)
	}
	return speed
}

// exchange is what a device hears, and what it says to that after a pause.
type exchange struct {
	hears string
	after time.Duration
	says  string
	// speed is how fast the line has to be set when the device hears this and when it is done; 0 does not matter.
	speed, done uint32
}

// play is a device that has one conversation after the other, exactly like this.
func (p *port) play(t *testing.T, conversation ...exchange) *sync.WaitGroup {
	t.Helper()
	var playing sync.WaitGroup
	playing.Go(func() {
		for _, x := range conversation {
			if err := p.device.SetReadDeadline(time.Now().Add(3 * time.Second)); err != nil {
				t.Error(err)
			}
			heard := make([]byte, 0, 100)
			for len(heard) < len(x.hears) {
				chunk := make([]byte, len(x.hears)-len(heard))
				n, err := p.device.Read(chunk)
				if heard = append(heard, chunk[:n]...); err != nil {
					t.Errorf("heard %q instead of %q: %v", heard, x.hears, err)
					return
				}
			}
			if string(heard) != x.hears {
				t.Errorf("heard %q instead of %q", heard, x.hears)
			}
			if speed := p.speed(t); x.speed != 0 && speed != x.speed {
				t.Errorf("%q came at speed %o, want %o", x.hears, speed, x.speed)
			}
			<-time.After(x.after)
			if speed := p.speed(t); x.done != 0 && speed != x.done {
				t.Errorf("the answer to %q is awaited at speed %o, want %o", x.hears, speed, x.done)
			}
			if _, err := p.device.WriteString(x.says); err != nil {
				t.Error(err)
			}
		}
	})
	return &playing
}

func mustAsk(t *testing.T, p *port, parameters string) gateway.Driver {
	t.Helper()
	d, err := serial.Open(t.Context(), gateway.Connection{
		ID: "line", URL: "line://" + p.line.Name() + "?" + parameters, Timeout: gateway.Duration(300 * time.Millisecond),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, streams := d.(gateway.Streamer); streams {
		t.Fatalf("%T does not ask", d)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func mustPollOne(t *testing.T, d gateway.Driver, device gateway.Device) gateway.Reading {
	t.Helper()
	readings, err := d.Poll(t.Context(), device, device.Points)
	if err != nil || len(readings) != len(device.Points) {
		t.Fatalf("%+v, %v", readings, err)
	}
	return readings[0]
}

func pointed(unit int, address string) gateway.Device {
	return gateway.Device{ID: "d", Unit: unit, Points: []gateway.Point{{ID: "p", Address: address, Type: gateway.Float64}}}
}

// bcc is the block check character: all bytes behind STX up to ETX, exclusive or.
func bcc(block string) string {
	var sum byte
	for i := range len(block) {
		sum ^= block[i]
	}
	return string([]byte{sum})
}

// A meter is woken up at 300 baud and read out at the speed that it offers; a readout with a wrong check is dropped and counted.
func TestMeterIsReadOut(t *testing.T) {
	const block = "0.0.0(12345678)\r\n1.8.0(0001234.56*kWh)\r\n!\r\n\x03"
	p := mustPort(t)
	d := mustAsk(t, p, "dialogue=iec62056-21")
	device := pointed(0, "obis:1.8.0")
	readout := func(check string) []exchange {
		return []exchange{
			{hears: "/?!\r\n", speed: unix.B300, after: 20 * time.Millisecond, says: "/ISk5ME162-0033\r\n"},
			{hears: "\x06050\r\n", after: 20 * time.Millisecond, done: unix.B9600, says: "\x02" + block + check},
		}
	}
	playing := p.play(t, append(readout(bcc(block)), append(readout("\x00"), readout(bcc(block))...)...)...)
	if r := mustPollOne(t, d, device); r.Value != gateway.FloatValue(1234.56) || r.Quality != gateway.Good {
		t.Errorf("%+v", r)
	}
	if r := mustPollOne(t, d, device); r.Quality != gateway.Bad || !strings.Contains(r.Reason, "damaged") {
		t.Errorf("%+v", r)
	}
	if r := mustPollOne(t, d, device); r.Quality != gateway.Good {
		t.Errorf("%+v", r)
	}
	playing.Wait()
	if n := d.(gateway.DamageCounter).Damaged(); n != 1 {
		t.Errorf("%d damaged answers, want 1", n)
	}
}

// The block check of two commands whose characters others wrote down: gist hdo/4231981.
func TestBlockCheck(t *testing.T) {
	for command, want := range map[string]string{"P0\x02(00000000)\x03": "\x60", "B0\x03": "\x71"} {
		if got := bcc(command); got != want {
			t.Errorf("%q: %x, want %x", command, got, want)
		}
	}
}

// A sensor that needs time says so, and is asked when it says that it is ready, or when the time is over.
func TestSensorMeasures(t *testing.T) {
	for name, ready := range map[string]string{"service request": "5\r\n", "time is over": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := mustPort(t)
			d := mustAsk(t, p, "dialogue=sdi-12")
			// The conversation of joembedded/SDI12Term's README: two values in a second.
			playing := p.play(t,
				exchange{hears: "5M!", says: "50012\r\n"},
				exchange{after: 100 * time.Millisecond, says: ready},
				exchange{hears: "5D0!", says: "5+0.00180\r\n"},
				exchange{hears: "5D1!", says: "5+26.15\r\n"},
			)
			begin := time.Now()
			r := mustPollOne(t, d, pointed(5, "number:2"))
			playing.Wait()
			if r.Value != gateway.FloatValue(26.15) || r.Quality != gateway.Good {
				t.Errorf("%+v", r)
			}
			if took := time.Since(begin); (took > 900*time.Millisecond) != (ready == "") {
				t.Errorf("took %s", took)
			}
		})
	}
}

// Another sensor, and one that breaks off, are no answer; the next measurement counts again.
func TestSensorThatAnswersWrongly(t *testing.T) {
	p := mustPort(t)
	d := mustAsk(t, p, "dialogue=sdi-12")
	playing := p.play(t,
		exchange{hears: "1M!", says: "20001\r\n"},
		exchange{hears: "1M!", says: "10002\r\n"},
		exchange{hears: "1D0!", says: "1+1.5\r\n"},
		exchange{hears: "1D1!", says: "1\r\n"},
		exchange{hears: "1M!", says: "10001\r\n"},
		exchange{hears: "1D0!", says: "1-1.5\r\n"},
	)
	for _, reason := range []string{"sensor 1 was asked", "announced 2 values", ""} {
		r := mustPollOne(t, d, pointed(1, "number:1"))
		if (r.Quality == gateway.Good) != (reason == "") || !strings.Contains(r.Reason, reason) || reason == "" && r.Value != gateway.FloatValue(-1.5) {
			t.Errorf("%+v, want %q", r, reason)
		}
	}
	playing.Wait()
	if r := mustPollOne(t, d, pointed(1, "number:1")); r.Quality != gateway.Bad || !strings.Contains(r.Reason, "no answer within 300ms") {
		t.Errorf("%+v", r)
	}
	if r := mustPollOne(t, d, pointed(99, "number:1")); r.Quality != gateway.Bad || !strings.Contains(r.Reason, "address of 0 to 61") {
		t.Errorf("%+v", r)
	}
}

// A scale is asked in its own words.
func TestRequest(t *testing.T) {
	p := mustPort(t)
	d := mustAsk(t, p, "request=SI%0D%0A")
	playing := p.play(t, exchange{hears: "SI\r\n", says: "S S     100.00 g\r\n"}, exchange{hears: "SI\r\n", says: "S I\r\n"})
	if r := mustPollOne(t, d, pointed(0, "regex:S S +([0-9.]+)")); r.Value != gateway.FloatValue(100) {
		t.Errorf("%+v", r)
	}
	if r := mustPollOne(t, d, pointed(0, "regex:S S +([0-9.]+)")); r.Quality != gateway.Bad || !strings.Contains(r.Reason, "S I") {
		t.Errorf("%+v", r)
	}
	playing.Wait()
	if _, err := d.Write(t.Context(), gateway.Device{}, gateway.Point{}, gateway.IntValue(1)); gateway.CodeOf(err) != gateway.Invalid {
		t.Error(err)
	}
}

// What is unplugged is an error of the wire, not of a device.
func TestDialogueOnALostWire(t *testing.T) {
	p := mustPort(t)
	d := mustAsk(t, p, "request=SI%0D%0A")
	_ = p.line.Close()
	_ = p.device.Close()
	if r, err := d.Poll(t.Context(), pointed(0, "number:1"), pointed(0, "number:1").Points); err == nil {
		t.Errorf("%+v", r)
	}
}
