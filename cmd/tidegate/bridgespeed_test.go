package main_test

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/tidegate/tidegate/cmd/tidegate/programtest"
	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
)

// stretch is a link with what waits at its near end.
type stretch struct {
	qos mqtt.QoS
	// window is how much either bridge is told to have unacknowledged: 20 is Mosquitto's as it comes, 1000 is ours. After an
	// outage Mosquitto 2.0.11 does not keep to it: it sends all that waits.
	window    int
	roundTrip time.Duration
	messages  int
}

// stretches take about as long, each.
var stretches = []stretch{
	{1, 20, 0, 20_000},
	{1, 1000, 0, 20_000},
	{2, 20, 0, 20_000},
	{2, 1000, 0, 20_000},
	{1, 20, 50 * time.Millisecond, 4_000},
	{1, 1000, 50 * time.Millisecond, 20_000},
	{2, 20, 50 * time.Millisecond, 2_000},
	{2, 1000, 50 * time.Millisecond, 20_000},
}

func (s stretch) String() string {
	return fmt.Sprintf("QoS %d, window %d, %s", s.qos, s.window, s.roundTrip)
}

// limit is what the window and the length of the link allow, per second; 0 is no limit. QoS 2 goes there and back twice.
// The length is that of an echo just now: on a busy machine it is more than was asked for.
func (s stretch) limit(t *testing.T) float64 {
	t.Helper()
	if s.roundTrip == 0 {
		return 0
	}
	return float64(s.window) / (echoTime(t, s.roundTrip).Seconds() * float64(s.qos))
}

// echoTime is how long a few bytes take there and back over a link of this length: the median of several.
func echoTime(t *testing.T, roundTrip time.Duration) time.Duration {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	go func() { // ends with the link
		if far, err := listener.Accept(); err == nil {
			_, _ = io.Copy(far, far)
			_ = far.Close()
		}
	}()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	link := startLongLink(t, port, roundTrip/2)
	link.set(true)
	near, err := net.Dial("tcp", "127.0.0.1:"+link.port)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = near.Close() }()
	var took []time.Duration
	for packet := make([]byte, 100); len(took) < 15; {
		began := time.Now()
		if _, err := near.Write(packet); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(near, packet); err != nil {
			t.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	return took[len(took)/2]
}

// drained is how a backlog went over a stretch.
type drained struct {
	perSecond float64
	// sent and received are bytes inside of TCP, for each message.
	sent, received float64
	// processor time for each message.
	processor time.Duration
	// memory with the whole backlog, and after it was sent.
	full, empty int
}

// speedPayload is the size of each message.
const speedPayload = 100

// TestBridgeSpeed drains the same backlog over the same link through our bridge and through Mosquitto's, in turns, to a
// Mosquitto that is the cloud. It measures when TIDEGATE_BRIDGE_SPEED says how often; the table has medians.
func TestBridgeSpeed(t *testing.T) {
	rounds, err := strconv.Atoi(os.Getenv("TIDEGATE_BRIDGE_SPEED"))
	if err != nil {
		t.Skip("TIDEGATE_BRIDGE_SPEED=5 compares our bridge with Mosquitto's in five rounds")
	}
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(table, "QoS\twindow\tround trip\tmessages\tours/s\tMosquitto/s\tratio\tof window/RTT\tbytes sent\t\tbytes received\t\tCPU us\t\tMB full\t\tMB after\t\t\n")
	for _, s := range stretches {
		t.Run(s.String(), func(t *testing.T) {
			var ours, theirs []drained
			for range rounds {
				ours = append(ours, s.drain(t, startOurBridge))
				theirs = append(theirs, s.drain(t, startTheirBridge))
			}
			s.row(table, s.limit(t), medianDrain(ours), medianDrain(theirs))
		})
	}
	if err := table.Flush(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d rounds, %d bytes of payload; ours beside Mosquitto's; the disk syncs %.0f times a second\n%s", rounds, speedPayload, syncsPerSecond(t), text.String())
}

func (s stretch) row(table *tabwriter.Writer, limit float64, a, b drained) {
	part := "-"
	if limit > 0 {
		part = fmt.Sprintf("%.2f %.2f", a.perSecond/limit, b.perSecond/limit)
	}
	fmt.Fprintf(table, "%d\t%d\t%s\t%d\t%.0f\t%.0f\t%.2f\t%s\t%.1f\t%.1f\t%.1f\t%.1f\t%.1f\t%.1f\t%d\t%d\t%d\t%d\t\n",
		s.qos, s.window, s.roundTrip, s.messages, a.perSecond, b.perSecond, a.perSecond/b.perSecond, part,
		a.sent, b.sent, a.received, b.received, us(a.processor), us(b.processor), a.full>>20, b.full>>20, a.empty>>20, b.empty>>20)
}

func us(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }

// medianDrain is that of each figure.
func medianDrain(all []drained) drained {
	return drained{
		perSecond: middle(all, func(d drained) float64 { return d.perSecond }),
		sent:      middle(all, func(d drained) float64 { return d.sent }),
		received:  middle(all, func(d drained) float64 { return d.received }),
		processor: time.Duration(middle(all, func(d drained) float64 { return float64(d.processor) })),
		full:      int(middle(all, func(d drained) float64 { return float64(d.full) })),
		empty:     int(middle(all, func(d drained) float64 { return float64(d.empty) })),
	}
}

func middle(all []drained, of func(drained) float64) float64 {
	var figures []float64
	for _, d := range all {
		figures = append(figures, of(d))
	}
	slices.Sort(figures)
	return figures[len(figures)/2]
}

// bridging is a running gateway with a bridge to a link.
type bridging struct {
	ours bool
	port string
	pid  int
	// idle reports whether nothing waits, as far as one can know.
	idle func() bool
}

// check fails for what our bridge does wrong, and tells what the other one does.
func (b bridging) check(t *testing.T, ledger *cloudLedger, qos mqtt.QoS) {
	t.Helper()
	all := ledger.balance(qos)
	if all.lost+all.repeated+all.reordered == 0 {
		return
	}
	t.Logf("no connection broke, and of %d messages %d are lost, %d came again, %d out of order", all.messages, all.lost, all.repeated, all.reordered)
	if b.ours {
		t.Fail()
	}
}

// drain queues what the stretch says while the link is down, puts it up and waits for the last message in the cloud.
func (s stretch) drain(t *testing.T, start func(*testing.T, stretch, *longLink) bridging) (d drained) {
	t.Helper()
	whole := t.Run("round", func(t *testing.T) { // what it starts ends with it
		// The cloud has no bound of its own: Mosquitto's bridge exceeds it at QoS 2, which ends its connection again and again.
		// Without TCP_NODELAY Mosquitto keeps acknowledgements back until the one before has been heard of.
		cloud := startMosquitto(t, "max_inflight_messages 0", "set_tcp_nodelay true")
		link := startLongLink(t, cloud, s.roundTrip/2)
		// At QoS 0 the window of the cloud has nothing to do with who watches.
		ledger := startLedger(t, cloud, mqtt.AtMostOnce)
		b := start(t, s, link)
		ledger.publish(t, b.port, s.qos, s.messages, speedPayload)
		d.full = resident(t, b.pid)
		worked := processorTime(t, b.pid)
		link.set(true)
		programtest.Eventually(t, time.Minute, "the last message is in the cloud", ledger.complete)
		took := time.Unix(0, ledger.last.Load()).Sub(link.firstConnection())
		programtest.Eventually(t, 10*time.Second, "nothing waits", b.idle)
		count := float64(s.messages)
		d.perSecond = count / took.Seconds()
		d.processor = (processorTime(t, b.pid) - worked) / time.Duration(s.messages)
		d.sent, d.received = float64(link.sent.Load())/count, float64(link.received.Load())/count
		d.empty = resident(t, b.pid)
		b.check(t, ledger, s.qos)
	})
	if !whole {
		t.FailNow()
	}
	return d
}

// startOurBridge has everything on disk before it says so, as it comes.
func startOurBridge(t *testing.T, s stretch, link *longLink) bridging {
	t.Helper()
	service := startService(t, programtest.ShortDir(t))
	service.addBridge(t, setUpPage(t, service), link, s.window)
	return bridging{true, service.port, service.Command.Process.Pid, func() bool { return service.status(t).Bridges[0].Backlog.Messages == 0 }}
}

// addBridge has it forward the lines to the other end of a link.
func (s service) addBridge(t *testing.T, anna administrator, link *longLink, window int) {
	t.Helper()
	anna.importConfig(func(c *gateway.Config) {
		c.Bridges = append(c.Bridges, gateway.Bridge{
			ID: "cloud", Name: "Cloud", URL: "mqtt://127.0.0.1:" + link.port, Version: 5, Window: window,
			Routes: []gateway.Route{{Direction: gateway.Out, Filter: "line/#", QoS: 2}},
			Link:   gateway.BridgeLink{RetryMax: gateway.Duration(time.Second)},
		})
	})
	programtest.Eventually(t, 10*time.Second, "the bridge tries", func() bool { return len(s.status(t).Bridges) == 1 })
}

// startTheirBridge is Mosquitto as its manual has it, with room for all that waits. It keeps that in memory and writes it
// down every half hour and at its end; Debian's 2.0.11 knows nothing safer.
func startTheirBridge(t *testing.T, s stretch, link *longLink) bridging {
	t.Helper()
	port, process := startMosquittoProcess(t, fmt.Sprintf("max_inflight_messages %d", s.window), "user root",
		"persistence true", "persistence_location "+t.TempDir()+"/",
		"connection cloud", "address 127.0.0.1:"+link.port, "topic line/# out 2", "cleansession false", "notifications false",
		"restart_timeout 1")
	return bridging{false, port, process.Command.Process.Pid, func() bool { return true }}
}

// syncsPerSecond is how often the disk of the tests takes 4 KB and says that it has them.
func syncsPerSecond(t *testing.T) float64 {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "appends"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	began, count := time.Now(), 0
	for block := make([]byte, 4096); time.Since(began) < time.Second; count++ {
		if _, err := file.Write(block); err != nil {
			t.Fatal(err)
		}
		if err := file.Sync(); err != nil {
			t.Fatal(err)
		}
	}
	return float64(count) / time.Since(began).Seconds()
}
