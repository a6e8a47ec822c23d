package sim_test

import (
	"bufio"
	"context"
	"encoding/hex"
	"io"
	"math"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/drivers/sim"
)

// run runs a slave until the test ends.
func run(t *testing.T, serve func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}

func testUnit() *sim.Unit {
	u := sim.NewUnit(16, 16, 16, 16)
	for i := range 16 {
		u.Coils[i], u.Discretes[i] = i%3 == 0, i%2 == 0
		u.Inputs[i], u.Holdings[i] = uint16(1000+i), uint16(100+i)
	}
	return u
}

func mustTCP(t *testing.T, units map[byte]*sim.Unit) *sim.TCPSlave {
	t.Helper()
	slave, err := sim.ListenTCP(t.Context(), "127.0.0.1:0", units)
	if err != nil {
		t.Fatal(err)
	}
	run(t, slave.Run)
	return slave
}

func mustRTU(t *testing.T, units map[byte]*sim.Unit) (*sim.LineSlave, string) {
	t.Helper()
	slave, err := sim.OpenRTU(0, units)
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "rtu")
	if err := slave.Link(link); err != nil {
		t.Fatal(err)
	}
	run(t, slave.Run)
	return slave, link
}

// ask sends a request over a connection of its own and gives the PDU of the reply.
func ask(t *testing.T, address string, unit byte, pdu string) string {
	t.Helper()
	conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(2 * time.Second)); err != nil {
		t.Fatal(err)
	}
	body, err := hex.DecodeString(strings.ReplaceAll(pdu, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write(append([]byte{0x12, 0x34, 0, 0, 0, byte(len(body) + 1), unit}, body...)); err != nil {
		t.Fatal(err)
	}
	header := make([]byte, 7)
	if _, err := io.ReadFull(conn, header); err != nil {
		t.Fatalf("no reply to %s: %v", pdu, err)
	}
	if header[0] != 0x12 || header[1] != 0x34 || header[6] != unit {
		t.Errorf("header %x", header)
	}
	reply := make([]byte, int(header[5])-1)
	if _, err := io.ReadFull(conn, reply); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(reply)
}

// TestFunctions has requests in the order in which they are sent: writes show in later reads.
func TestFunctions(t *testing.T) {
	slave := mustTCP(t, map[byte]*sim.Unit{1: testUnit()})
	for _, test := range []struct{ name, request, reply string }{
		{"read coils", "01 0000 0009", "01024900"},
		{"read discretes", "02 0000 0008", "020155"},
		{"read holding", "03 0001 0002", "030400650066"},
		{"read input", "04 000f 0001", "040203f7"},
		{"write coil", "05 0001 ff00", "050001ff00"},
		{"coil is written", "01 0001 0001", "010101"},
		{"write coil with another value", "05 0001 1234", "8503"},
		{"write register", "06 0003 beef", "060003beef"},
		{"write coils", "0f 0004 0003 01 05", "0f00040003"},
		{"coils are written", "01 0004 0003", "010105"},
		{"write registers", "10 0004 0002 04 0102 0304", "1000040002"},
		{"registers are written", "03 0003 0003", "0306beef01020304"},
		{"mask register", "16 0004 00f2 0025", "16000400f20025"},
		{"register is masked", "03 0004 0001", "03020007"},
		{"read and write", "17 0005 0001 0005 0001 02 aaaa", "1702aaaa"},
		{"address beyond the end", "03 000f 0002", "8302"},
		{"none", "03 0000 0000", "8303"},
		{"too many", "03 0000 007e", "8303"},
		{"too short", "03 00", "8303"},
		{"byte count that lies", "10 0004 0002 02 0102", "9003"},
		{"unknown function", "41 0e01", "c101"},
		{"identification", "2b 0e0102", "2b0e0101000001020131"},
	} {
		if got := ask(t, slave.Addr(), 1, test.request); got != test.reply {
			t.Errorf("%s: %s got %s, want %s", test.name, test.request, got, test.reply)
		}
	}
	if got := ask(t, slave.Addr(), 9, "03 0000 0001"); got != "830b" {
		t.Errorf("unknown unit: %s", got)
	}
}

// mbpoll reads with a master that we did not write.
func mbpoll(t *testing.T, arguments ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	output, err := exec.CommandContext(ctx, "mbpoll", arguments...).CombinedOutput()
	if err != nil {
		t.Fatalf("mbpoll %v: %v\n%s", arguments, err, output)
	}
	return string(output)
}

var mbpollValue = regexp.MustCompile(`(?m)^\[(\d+)\]:\s+(\d+)`)

func wantValues(t *testing.T, output string, values ...int) {
	t.Helper()
	found := mbpollValue.FindAllStringSubmatch(output, -1)
	if len(found) != len(values) {
		t.Fatalf("%d values, want %d:\n%s", len(found), len(values), output)
	}
	for i, want := range values {
		if got, _ := strconv.Atoi(found[i][2]); got != want {
			t.Errorf("value %d is %d, want %d", i, got, want)
		}
	}
}

func TestMbpollOverTCP(t *testing.T) {
	unit := testUnit()
	slave := mustTCP(t, map[byte]*sim.Unit{1: unit})
	_, port, err := net.SplitHostPort(slave.Addr())
	if err != nil {
		t.Fatal(err)
	}
	tcp := []string{"-m", "tcp", "-p", port, "-0", "-1", "-q", "-a", "1"}
	wantValues(t, mbpoll(t, append(tcp, "-t", "4", "-r", "2", "-c", "3", "127.0.0.1")...), 102, 103, 104)
	wantValues(t, mbpoll(t, append(tcp, "-t", "3", "-r", "0", "-c", "2", "127.0.0.1")...), 1000, 1001)
	wantValues(t, mbpoll(t, append(tcp, "-t", "0", "-r", "0", "-c", "4", "127.0.0.1")...), 1, 0, 0, 1)
	mbpoll(t, append(tcp, "-t", "4", "-r", "5", "127.0.0.1", "4711", "4712")...)
	unit.Update(func(u *sim.Unit) {
		if u.Holdings[5] != 4711 || u.Holdings[6] != 4712 {
			t.Errorf("written registers %v", u.Holdings[5:7])
		}
	})
}

func TestMbpollOverRTU(t *testing.T) {
	second := testUnit()
	second.Holdings[2] = 2222
	_, link := mustRTU(t, map[byte]*sim.Unit{1: testUnit(), 2: second})
	rtu := []string{"-m", "rtu", "-b", "19200", "-P", "none", "-0", "-1", "-q"}
	wantValues(t, mbpoll(t, append(rtu, "-a", "1", "-t", "4", "-r", "2", "-c", "2", link)...), 102, 103)
	wantValues(t, mbpoll(t, append(rtu, "-a", "2", "-t", "4", "-r", "2", "-c", "2", link)...), 2222, 103)
	mbpoll(t, append(rtu, "-a", "2", "-t", "0", "-r", "1", link, "1")...)
	second.Update(func(u *sim.Unit) {
		if !u.Coils[1] {
			t.Error("the coil was not written")
		}
	})
}

func TestAnRTUFrameIsFoundBehindNoise(t *testing.T) {
	slave, link := mustRTU(t, map[byte]*sim.Unit{1: testUnit()})
	_ = slave
	line, err := os.OpenFile(link, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = line.Close() }()
	// Noise that looks like the beginning of a frame, then a read of register 0, in two pieces.
	for _, piece := range []string{"0055ff", "01030000", "0001840a"} {
		bytes, err := hex.DecodeString(piece)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := line.Write(bytes); err != nil {
			t.Fatal(err)
		}
	}
	if err := line.SetReadDeadline(time.Now().Add(2 * time.Second)); err != nil {
		t.Fatal(err)
	}
	reply := make([]byte, 7)
	if _, err := io.ReadFull(line, reply); err != nil {
		t.Fatal(err)
	}
	if got := hex.EncodeToString(reply[:5]); got != "0103020064" {
		t.Errorf("reply %s", got)
	}
}

func TestTheScaleSendsLines(t *testing.T) {
	scale, err := sim.OpenScale(20 * time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "scale")
	if err := scale.Link(link); err != nil {
		t.Fatal(err)
	}
	run(t, scale.Run)
	line, err := os.OpenFile(link, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = line.Close() }()
	if err := line.SetReadDeadline(time.Now().Add(2 * time.Second)); err != nil {
		t.Fatal(err)
	}
	reader := bufio.NewReader(line)
	for range 3 {
		text, err := reader.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile(`^S [SD] +\d+\.\d\d kg\r\n$`).MatchString(text) {
			t.Errorf("line %q", text)
		}
	}
}

func TestTheTankFollowsItsPump(t *testing.T) {
	plc := sim.NewPLC()
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	level := func(pump bool, from, seconds int) uint16 {
		var last uint16
		plc.Update(func(u *sim.Unit) {
			u.Coils[0] = pump
			for s := range seconds {
				u.Refresh(u, start.Add(time.Duration(from+s)*time.Second))
			}
			last = u.Inputs[5]
		})
		return last
	}
	low := level(true, 0, 60)
	if high := level(false, 60, 60); high <= low {
		t.Errorf("level %d with the pump on, %d after a minute without", low, high)
	}
	plc.Update(func(u *sim.Unit) {
		bits := uint32(u.Inputs[1])<<16 | uint32(u.Inputs[0])
		if v := math.Float32frombits(bits); v < 40 || v > 80 {
			t.Errorf("temperature %g in the order CDAB", v)
		}
		if counter := uint32(u.Inputs[10])<<16 | uint32(u.Inputs[11]); counter != 120 {
			t.Errorf("counter %d after 120 readings", counter)
		}
	})
}
