package modbus_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"go.uber.org/goleak"

	"github.com/tidegate/tidegate/gateway"
)

// pacedSlave answers at the speed of a line: it lets the characters of the request pass, thinks for 5 ms, and its reply
// arrives in pieces as an adapter delivers it. It counts what it is late itself.
type pacedSlave struct {
	*slave
	wire io.ReadWriter
	char time.Duration
	late time.Duration // summed up
}

const turnaround = 5 * time.Millisecond

// slaveSpeed makes the test binary the paced slave, in a process of its own, so that what it uses does not count. It
// speaks over descriptor 3 until that ends.
const slaveSpeed = "TIDEGATE_TEST_SLAVE_BAUD"

func TestMain(m *testing.M) {
	baud, err := strconv.Atoi(os.Getenv(slaveSpeed))
	if err != nil {
		goleak.VerifyTestMain(m) // no test may leave a goroutine
		return
	}
	// Waiting in the kernel itself is the fastest way to notice a request.
	if err := unix.SetNonblock(3, false); err != nil {
		panic(err)
	}
	p := &pacedSlave{slave: newSlave("rtu"), wire: os.NewFile(3, "wire"), char: 10 * time.Second / time.Duration(baud)}
	p.serve()
	fmt.Println(int64(p.late))
}

// mustStartPaced gives the path of the port, and a function that ends the slave and tells how late it was in all.
func mustStartPaced(tb testing.TB, baud int) (path string, end func() time.Duration) {
	tb.Helper()
	wire, path := mustTerminal(tb)
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), fmt.Sprintf("%s=%d", slaveSpeed, baud))
	command.ExtraFiles = []*os.File{wire}
	command.Stderr = os.Stderr
	output := &bytes.Buffer{}
	command.Stdout = output
	if err := command.Start(); err != nil {
		tb.Fatal(err)
	}
	// The slave has its end of the wire; ours would be woken up by each character and count for the master.
	_ = wire.Close()
	return path, func() time.Duration {
		// The frame of nobody with a length that cannot be: the slave's sign to end.
		port, err := os.OpenFile(path, os.O_WRONLY|unix.O_NOCTTY, 0)
		if err != nil {
			tb.Fatal(err)
		}
		defer port.Close()
		if _, err := port.Write(goodbye); err != nil {
			tb.Fatal(err)
		}
		if err := command.Wait(); err != nil {
			tb.Fatal(err)
		}
		late, err := strconv.ParseInt(strings.TrimSpace(output.String()), 10, 64)
		if err != nil {
			tb.Fatal(err)
		}
		return time.Duration(late)
	}
}

var goodbye = []byte("goodbye.")

func (p *pacedSlave) serve() {
	var data []byte
	buffer := make([]byte, 512)
	for {
		n, err := p.wire.Read(buffer)
		now := time.Now()
		if err != nil {
			return
		}
		data = append(data, buffer[:n]...)
		if bytes.Equal(data, goodbye) {
			return
		}
		adu, rest := p.cut(data)
		if adu == nil {
			continue
		}
		data = rest
		p.reply(adu, now)
	}
}

func (p *pacedSlave) reply(adu []byte, asked time.Time) {
	const piece = 16 * time.Millisecond // of an FTDI adapter
	frame := p.pack(adu, adu[0], p.slave.reply(adu[0], adu[1:len(adu)-2]))
	begin := asked.Add(time.Duration(len(adu))*p.char + turnaround)
	end := begin.Add(time.Duration(len(frame)) * p.char)
	for sent, at := 0, begin; sent < len(frame); {
		if at = at.Add(piece); at.After(end) {
			at = end
		}
		waitUntil(at)
		upTo := min(len(frame), int(at.Sub(begin)/p.char))
		if at.Equal(end) {
			upTo = len(frame)
		}
		if _, err := p.wire.Write(frame[sent:upTo]); err != nil {
			return
		}
		sent = upTo
	}
	p.late += time.Since(end)
}

// waitUntil is exact: the timers of the runtime are up to a millisecond late, which is a tenth of a short request.
func waitUntil(at time.Time) {
	for left := time.Until(at); left > 0; left = time.Until(at) {
		rest := unix.NsecToTimespec(int64(left))
		_ = unix.Nanosleep(&rest, nil) // a signal ends it early, then it goes on
	}
}

func used() time.Duration {
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		panic(err) // the process itself is always known
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// waits is how often a thread of this process gave the processor away.
func waits() int64 {
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		panic(err) // the process itself is always known
	}
	return usage.Nvcsw
}

// paced is how one kind of request went.
type paced struct {
	share float64       // of what the line can do
	best  float64       // the same for the fastest request, which is the one that other programs disturbed least
	cpu   time.Duration // of the master for each request
	wakes float64       // how often the master waited in each, also for the scheduler of Go
}

// cycles is how polls over a paced line went.
type cycles struct {
	// mean is without what the slave was late; fastest is the one that other programs disturbed least.
	mean, fastest time.Duration
	cpu           time.Duration // of the master for each
	wakes         float64       // how often one of its threads waited, for each
}

// mustCycle polls points over a line as often as it can.
func mustCycle(tb testing.TB, baud int, points []gateway.Point, polls int) cycles {
	tb.Helper()
	path, end := mustStartPaced(tb, baud)
	d := mustOpen(tb, fmt.Sprintf("rtu://%s?baud=%d&data=8&parity=N", path, baud), time.Second)
	mustPoll(tb, d, 1, points...) // the slave is there
	before, slept, begin := used(), waits(), time.Now()
	var ends []time.Time
	for range polls {
		ends = append(ends, time.Now())
		for i, r := range mustPoll(tb, d, 1, points...) {
			if r.Quality != gateway.Good || points[i].Type == gateway.Uint16 && r.Point.Point != "holding-"+r.Value.String() {
				tb.Fatalf("%+v", r)
			}
		}
	}
	took, cpu, wakes := time.Since(begin), used()-before, waits()-slept
	late := end()
	fastest := time.Hour
	for i := range ends[1:] {
		fastest = min(fastest, ends[i+1].Sub(ends[i]))
	}
	n := time.Duration(polls)
	return cycles{mean: (took - late) / n, fastest: fastest, cpu: cpu / n, wakes: float64(wakes) / float64(n)}
}

// mustPace polls count registers over a line as often as it can.
func mustPace(tb testing.TB, baud, count, requests int) paced {
	tb.Helper()
	numbers := make([]int, count)
	for i := range numbers {
		numbers[i] = i
	}
	got := mustCycle(tb, baud, registers(numbers...), requests)
	char := 10 * time.Second / time.Duration(baud)
	silence := char * 7 / 2
	if baud > 19200 {
		silence = 1750 * time.Microsecond
	}
	one := time.Duration(8+5+2*count)*char + turnaround + silence
	// The silence after the last reply is not waited for any more.
	limit := one - silence/time.Duration(requests)
	return paced{float64(limit) / float64(got.mean), float64(one) / float64(got.fastest), got.cpu, got.wakes}
}

// A paced line is used as well as physics allows. A machine that wakes late disturbs the slave, for which share is
// corrected, and busy programs disturb the master, but not at every request; what the driver itself wastes is in both. Two
// wake-ups of the master, each up to a millisecond late, are 15 % of the 11 ms of a request; the benchmark has the figures.
func TestPacedLine(t *testing.T) {
	if got := mustPace(t, 115200, 10, 60); max(got.best, got.share) < 0.8 {
		t.Errorf("%+v", got)
	}
}

// The same for all rates and lengths. On an idle machine it is to be 97 % of the line and more, and less than 1 ms of CPU.
func BenchmarkPacedLine(b *testing.B) {
	for _, baud := range []int{9600, 19200, 115200} {
		for _, count := range []int{1, 10, 125} {
			b.Run(fmt.Sprintf("%d/%d", baud, count), func(b *testing.B) {
				got := mustPace(b, baud, count, max(2, b.N))
				b.ReportMetric(100*got.share, "%line")
				b.ReportMetric(100*got.best, "%best")
				b.ReportMetric(float64(got.cpu.Microseconds()), "us-cpu/op")
				b.ReportMetric(got.wakes, "waits/op")
			})
		}
	}
}
