package main_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/cmd/tidegate/programtest"
	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/client"
)

// TestOutage is the main promise, with a real Mosquitto as the cloud: the cable is pulled, the gateway is killed in the
// middle of it and started again, and in the end the cloud has every acknowledged message exactly once, in order, and
// every reading without a gap. TIDEGATE_OUTAGES repeats it.
func TestOutage(t *testing.T) {
	t.Parallel()
	rounds := 1
	if text := os.Getenv("TIDEGATE_OUTAGES"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		rounds = n
	}
	for round := range rounds {
		t.Run(fmt.Sprintf("round %d", round+1), outage)
	}
}

func outage(t *testing.T) {
	port := startMosquitto(t)
	cloud := programtest.Start(t, nil, "mosquitto_sub", "-V", "5", "-h", "127.0.0.1", "-p", port, "-i", "check", "-c", "-x", "3600", "-q", "2",
		// Mosquitto 2.0 sends more than was announced; its own client takes that for an error.
		"-D", "connect", "receive-maximum", "10000",
		"-t", "#", "-F", "%t|%q|%P|%p")
	dir := programtest.ShortDir(t)
	gate := startDemo(t, dir, "--cloud", "mqtt://127.0.0.1:"+port)
	numbers := &numbered{}

	numbers.publish(t, gate, 100)
	programtest.Eventually(t, 10*time.Second, "numbers and readings are in the cloud", func() bool {
		return countReadings(cloud.Output()) > 40 && strings.Contains(strings.Join(cloud.Output(), "\n"), "check/numbered|2|")
	})

	gate.run(t, "demo", "outage", "60s")
	programtest.Eventually(t, 10*time.Second, "the bridge notices the outage", func() bool { return bridgeState(t, gate) != "up" })
	numbers.publish(t, gate, 300)
	programtest.Eventually(t, 10*time.Second, "readings join the backlog", func() bool { return gate.status(t).Bridges[0].Backlog.Messages > 340 })
	gate.Kill()

	gate = startDemo(t, dir, "--cloud", "mqtt://127.0.0.1:"+port)
	if backlog := gate.status(t).Bridges[0].Backlog.Messages; backlog < 300 {
		t.Errorf("the backlog is %d messages after kill -9, at least 300 were acknowledged", backlog)
	}
	numbers.publish(t, gate, 100)
	gate.run(t, "demo", "outage", "0s")
	programtest.Eventually(t, 20*time.Second, "the backlog drains", func() bool {
		status := gate.status(t).Bridges[0]
		return status.State == "up" && status.Backlog.Messages < 50
	})
	drained := countReadings(cloud.Output())
	programtest.Eventually(t, 10*time.Second, "new readings follow", func() bool { return countReadings(cloud.Output()) > drained+40 })
	// An orderly end, so that the last readings are on disk; what is still queued drains in the last start.
	gate.Interrupt(t)
	gate = startDemo(t, dir, "--cloud", "mqtt://127.0.0.1:"+port)
	numbers.publish(t, gate, 1)
	programtest.Eventually(t, 20*time.Second, "the last number is in the cloud", func() bool {
		return strings.Contains(strings.Join(cloud.Output(), "\n"), fmt.Sprintf("|%d\n", numbers.last)) ||
			strings.HasSuffix(strings.Join(cloud.Output(), "\n"), fmt.Sprintf("|%d", numbers.last))
	})
	numbers.check(t, cloud.Output())
	checkReadings(t, cloud.Output())
	t.Logf("an outage and a kill: %d numbers acknowledged at QoS 2, each arrived once; %d readings without a gap",
		len(numbers.acked), countReadings(cloud.Output()))
}

func bridgeState(t *testing.T, gate demo) string {
	t.Helper()
	return string(gate.status(t).Bridges[0].State)
}

// numbered publishes consecutive numbers at QoS 2 and remembers which were acknowledged.
type numbered struct {
	last  int
	acked []int
}

func (n *numbered) publish(t *testing.T, gate demo, count int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	c, err := client.Connect(ctx, client.Options{URL: "mqtt://" + gate.Value("mqtt"), ClientID: "numbers", CleanStart: true, Version: 5})
	if err != nil {
		t.Fatalf("connect to the gateway: %v", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	settled := make(chan error, count)
	for range count {
		n.last++
		message := &mqtt.Message{Topic: "check/numbered", Payload: []byte(strconv.Itoa(n.last)), QoS: mqtt.ExactlyOnce}
		if err := c.Publish(ctx, message, func(err error) { settled <- err }); err != nil {
			t.Fatalf("publish number %d: %v", n.last, err)
		}
	}
	for i := range count {
		if err := <-settled; err != nil {
			t.Fatalf("number %d of %d was not acknowledged: %v", i+1, count, err)
		}
	}
	for i := n.last - count + 1; i <= n.last; i++ {
		n.acked = append(n.acked, i)
	}
	cancel()
	<-ended
}

// check compares what was acknowledged with what the cloud got, to the last one.
func (n *numbered) check(t *testing.T, lines []string) {
	t.Helper()
	var arrived []int
	for _, line := range lines {
		if rest, is := strings.CutPrefix(line, "check/numbered|2|"); is {
			number, err := strconv.Atoi(rest[strings.LastIndexByte(rest, '|')+1:])
			if err != nil {
				t.Fatalf("read %q: %v", line, err)
			}
			arrived = append(arrived, number)
		}
	}
	if len(arrived) != len(n.acked) {
		t.Errorf("%d numbers were acknowledged, %d arrived", len(n.acked), len(arrived))
	}
	for i := range min(len(arrived), len(n.acked)) {
		if arrived[i] != n.acked[i] {
			t.Fatalf("the %dth number that arrived is %d, it has to be %d", i+1, arrived[i], n.acked[i])
		}
	}
}

// checkReadings looks at every point and run: the numbers of the readings have no gap and keep their order; a point at
// QoS 2 has none twice.
func checkReadings(t *testing.T, lines []string) {
	t.Helper()
	type series struct{ topic, run string }
	last := map[series]int{}
	for _, line := range lines {
		r, is := parseReading(line)
		if !is {
			continue
		}
		key := series{r.topic, r.run}
		next := last[key] + 1
		switch {
		case r.n == next:
			last[key] = r.n
		case r.n < next && r.qos != "2":
			// At least once: a repetition is allowed after a cut.
		default:
			t.Errorf("%s, run %s: reading %d came when %d was next", r.topic, r.run, r.n, next)
			last[key] = r.n
		}
	}
	runs := map[string]bool{}
	for key := range last {
		runs[key.run] = true
	}
	if len(runs) < 2 {
		t.Errorf("readings of %d starts came, the gateway was started three times", len(runs))
	}
}

type arrival struct {
	topic, qos, run string
	n               int
}

// parseReading takes a line of the cloud apart; false for what is not a reading.
func parseReading(line string) (arrival, bool) {
	parts := strings.SplitN(line, "|", 4)
	var payload struct {
		N int `json:"n"`
	}
	if len(parts) != 4 || json.Unmarshal([]byte(parts[3]), &payload) != nil || payload.N == 0 {
		return arrival{}, false
	}
	return arrival{parts[0], parts[1], userProperty(parts[2], "run"), payload.N}, true
}

func countReadings(lines []string) int {
	count := 0
	for _, line := range lines {
		if _, is := parseReading(line); is {
			count++
		}
	}
	return count
}

// userProperty finds a property in mosquitto_sub's notation, "name:value name:value".
func userProperty(text, name string) string {
	for field := range strings.FieldsSeq(text) {
		if value, is := strings.CutPrefix(field, name+":"); is {
			return value
		}
	}
	return ""
}

// TestStartAgain: data are kept between starts, also after kill -9, and the cloud dies with its parent.
func TestStartAgain(t *testing.T) {
	t.Parallel()
	dir := programtest.ShortDir(t)
	gate := startDemo(t, dir)
	programtest.Eventually(t, 5*time.Second, "the cloud's process is there", func() bool { return cloudProcess(t, gate) })
	pid := gate.Value("cloud-process")
	gate.Kill()
	programtest.Eventually(t, 3*time.Second, "the cloud dies with its parent", func() bool {
		_, err := os.Stat(filepath.Join("/proc", pid))
		return os.IsNotExist(err)
	})
	gate = startDemo(t, dir)
	programtest.Eventually(t, 10*time.Second, "messages are forwarded after kill -9", func() bool {
		bridges := gate.status(t).Bridges
		return len(bridges) == 1 && bridges[0].Forwarded > 0
	})
	if took := gate.Interrupt(t); took > 3*time.Second {
		t.Errorf("Ctrl-C took %s, 3 s are allowed", took)
	}
}

func cloudProcess(t *testing.T, gate demo) bool {
	t.Helper()
	_, err := os.Stat(filepath.Join("/proc", gate.Value("cloud-process")))
	return err == nil && gate.Value("cloud-process") != ""
}
