package serial_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/drivers/serial"
	"github.com/tidegate/tidegate/gateway"
)

// p1Telegram is a shortened one of a KAIFA meter with the CRC that others computed: matthijskooijman/arduino-dsmr and its
// successor arduino_dsmr_2 test their accumulators with it.
const p1Telegram = "/KFM5KAIFA-METER\r\n\r\n1-3:0.2.8(40)\r\n0-0:1.0.0(150117185916W)\r\n" +
	"0-0:96.1.1(0000000000000000000000000000000000)\r\n1-0:1.8.1(000671.578*kWh)\r\n!60e5\r\n"

var meter = gateway.Device{ID: "meter", Points: []gateway.Point{
	{ID: "energy", Address: "obis:1-0:1.8.1", Type: gateway.Float64},
	{ID: "time", Address: "obis:1.0.0", Type: gateway.String, Length: 20},
}}

// listen gives the readings of what is sent over a line, one telegram after the other, until it has so many.
func listen(t *testing.T, d *serial.Driver, device gateway.Device, telegrams int) [][]gateway.Reading {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	var got [][]gateway.Reading
	err := d.Stream(ctx, []gateway.Device{device}, func(r []gateway.Reading) {
		if got = append(got, r); len(got) == telegrams {
			cancel()
		}
	})
	if err != nil || len(got) != telegrams {
		t.Fatalf("%d telegrams: %v, %v", len(got), got, err)
	}
	return got
}

// A telegram with a wrong CRC, a cut one and one with noise in it are dropped and counted; the whole ones around them count,
// also the one behind that begins in the middle of another.
func TestP1Telegrams(t *testing.T) {
	d, conn := mustConnectWith(t, "?telegram=p1")
	wrong := strings.Replace(p1Telegram, "671.578", "971.578", 1)
	send(t, conn, "0-0:96.1.1(00)\r\n!1234\r\n"+p1Telegram+wrong+p1Telegram[:60]+"\r\n"+p1Telegram)
	for _, readings := range listen(t, d, meter, 2) {
		energy, at := readings[0], readings[1]
		if energy.Value != gateway.FloatValue(671.578) || energy.Quality != gateway.Good || at.Value != gateway.TextValue("150117185916W") {
			t.Errorf("%+v", readings)
		}
	}
	if n := d.Damaged(); n != 2 {
		t.Errorf("%d damaged telegrams, want 2", n)
	}
}

// Each bit of a telegram is flipped in turn: none gives a wrong value.
func TestP1TelegramsWithFlippedBits(t *testing.T) {
	d, conn := mustConnectWith(t, "?telegram=p1")
	var all strings.Builder
	for bit := range 8 * len(p1Telegram) {
		flipped := []byte(p1Telegram)
		flipped[bit/8] ^= 1 << (bit % 8)
		all.Write(flipped)
	}
	all.WriteString(strings.Repeat(p1Telegram, 2))
	go send(t, conn, all.String())
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	last, count := time.AfterFunc(time.Hour, cancel), 0
	defer last.Stop()
	err := d.Stream(ctx, []gateway.Device{meter}, func(r []gateway.Reading) {
		count++
		if r[0].Quality == gateway.Good && r[0].Value != gateway.FloatValue(671.578) {
			t.Errorf("%+v", r[0])
		}
		last.Reset(200 * time.Millisecond)
	})
	if err != nil || count == 0 || d.Damaged() < uint64(6*len(p1Telegram)) {
		t.Errorf("%d telegrams, %d damaged, %v", count, d.Damaged(), err)
	}
}

// DSMR 2 and 3 have no CRC.
func TestP1TelegramWithoutCRC(t *testing.T) {
	d, conn := mustConnectWith(t, "?telegram=p1")
	old := "/ISk5\\2MT382-1000\r\n\r\n0-0:96.1.1(4B384547303034303436333935353037)\r\n1-0:1.8.1(12345.678*kWh)\r\n!\r\n"
	send(t, conn, old)
	if got := listen(t, d, meter, 1)[0][0]; got.Value != gateway.FloatValue(12345.678) {
		t.Errorf("%+v", got)
	}
}

func TestFindNumbers(t *testing.T) {
	for _, c := range []struct{ address, line, want string }{
		{"number:1", "S S     100.00 g", "100"},
		{"number:2", "+21.4-3.2+1", "-3.2"},
		{"obis:1-0:1.8.1", "/X\n1-0:1.8.1(000671.578*kWh)\n", "671.578"},
		{"obis:1.8.0", "1.8.0(0012.5*kWh)", "12.5"},
		{"obis:0-1:24.2.1", "0-1:24.2.1(101209110000W)(12785.123*m3)", "12785.123"},
		{"obis:8.0", "1.8.0(0012.5*kWh)", ""},
		{"number:3", "+21.4-3.2", ""},
	} {
		e, err := serial.Compile(gateway.Point{Address: c.address, Type: gateway.Float64})
		if err != nil {
			t.Fatal(err)
		}
		if v, err := e.Extract(c.line); err == nil && v.String() != c.want || (err != nil) != (c.want == "") {
			t.Errorf("%s in %q: %s, %v, want %q", c.address, c.line, v, err, c.want)
		}
	}
	for _, address := range []string{"number:0", "number:x", "obis:", "obis:1.8.0(", "obis:kWh"} {
		if _, err := serial.Compile(gateway.Point{Address: address, Type: gateway.Float64}); gateway.CodeOf(err) != gateway.Invalid {
			t.Errorf("%s: %v", address, err)
		}
	}
}
