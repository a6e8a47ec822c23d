package main_test

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/cmd/tidegate/programtest"
)

// TestLiveDrainIsKilled is TestDrainIsKilled with a share for live data: while a backlog is sent, new numbers come, and the
// gateway is killed. In the end each number is there once, and those that were live in order. TIDEGATE_DRAIN_KILLS says how
// often; it takes too long for every run of the tests.
func TestLiveDrainIsKilled(t *testing.T) {
	t.Parallel()
	kills, err := strconv.Atoi(os.Getenv("TIDEGATE_DRAIN_KILLS"))
	if err != nil {
		t.Skip("TIDEGATE_DRAIN_KILLS is not set")
	}
	const old, batch = 2000, 200
	port := startMosquitto(t)
	cloud := programtest.Start(t, nil, "mosquitto_sub", "-V", "5", "-h", "127.0.0.1", "-p", port, "-i", "check", "-c", "-x", "3600", "-q", "2",
		"-D", "connect", "receive-maximum", "10000", "-t", "check/#", "-F", "%t|%q|%P|%p")
	dir := programtest.ShortDir(t)
	numbers := &numbered{}
	gate := startDemo(t, dir, "--cloud", "mqtt://127.0.0.1:"+port)
	gate.run(t, "bridge", "pace", gate.status(t).Bridges[0].ID, "--demo", "--live", "40", "--messages", "4000")
	programtest.Eventually(t, 10*time.Second, "the bridge is up", func() bool { return bridgeState(t, gate) == "up" })
	numbers.publish(t, gate, 1)
	programtest.Eventually(t, 10*time.Second, "the cloud's observer is there", func() bool {
		return strings.Contains(strings.Join(cloud.Output(), "\n"), "check/numbered|2|")
	})
	for range kills {
		gate.run(t, "demo", "outage", "60s")
		programtest.Eventually(t, 10*time.Second, "the bridge notices the outage", func() bool { return bridgeState(t, gate) != "up" })
		numbers.publish(t, gate, old)
		gate.run(t, "demo", "outage", "0s")
		programtest.Eventually(t, 10*time.Second, "the bridge is up", func() bool { return bridgeState(t, gate) == "up" })
		numbers.publish(t, gate, batch)
		pauseUpTo(t, 200*time.Millisecond)
		gate.Kill()
		gate = startDemo(t, dir, "--cloud", "mqtt://127.0.0.1:"+port)
		gate.run(t, "demo", "outage", "0s")
	}
	patience := 30*time.Second + time.Duration(kills)*3*time.Second
	programtest.Eventually(t, patience, "everything is in the cloud", func() bool {
		_, live, late := numbersOf(t, cloud.Output())
		return live+late >= len(numbers.acked)
	})
	arrived, live, late := numbersOf(t, cloud.Output())
	if slices.Sort(arrived); !slices.Equal(arrived, numbers.acked) {
		t.Errorf("%d numbers were acknowledged, %d arrived", len(numbers.acked), len(arrived))
	}
	if live < kills || late < kills*old/2 {
		t.Errorf("%d live, %d historical", live, late)
	}
	t.Logf("%d kills: %d numbers acknowledged at QoS 2, each arrived once, %d of them live and in order", kills, len(numbers.acked), live)
}

// numbersOf reads what arrived; those that are live have to be in order.
func numbersOf(t *testing.T, lines []string) (arrived []int, live, late int) {
	t.Helper()
	last := 0
	for _, line := range lines {
		rest, is := strings.CutPrefix(line, "check/numbered|2|")
		if !is {
			continue
		}
		number, err := strconv.Atoi(rest[strings.LastIndexByte(rest, '|')+1:])
		if err != nil {
			t.Fatalf("read %q: %v", line, err)
		}
		arrived = append(arrived, number)
		if strings.Contains(rest, "historical:true") {
			late++
			continue
		}
		if number <= last {
			t.Errorf("%d is live and comes after %d", number, last)
		}
		live, last = live+1, number
	}
	return arrived, live, late
}
