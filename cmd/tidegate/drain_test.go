package main_test

import (
	"context"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/cmd/tidegate/programtest"
)

// TestDrainIsKilled kills the gateway again and again while it sends a backlog to a real Mosquitto: in the end each number
// that was acknowledged at QoS 2 is there once, in order. TIDEGATE_DRAIN_KILLS says how often.
func TestDrainIsKilled(t *testing.T) {
	t.Parallel()
	const batch = 3000
	kills := 3
	if text := os.Getenv("TIDEGATE_DRAIN_KILLS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		kills = n
	}
	port := startMosquitto(t)
	cloud := programtest.Start(t, nil, "mosquitto_sub", "-V", "5", "-h", "127.0.0.1", "-p", port, "-i", "check", "-c", "-x", "3600", "-q", "2",
		"-D", "connect", "receive-maximum", "10000", "-t", "check/#", "-F", "%t|%q|%P|%p")
	dir := programtest.ShortDir(t)
	numbers := &numbered{}
	inDrain := 0
	gate := startDemo(t, dir, "--cloud", "mqtt://127.0.0.1:"+port)
	numbers.publish(t, gate, 1)
	programtest.Eventually(t, 10*time.Second, "the cloud's observer is there", func() bool {
		return strings.Contains(strings.Join(cloud.Output(), "\n"), "check/numbered|2|")
	})
	for range kills {
		gate.run(t, "demo", "outage", "60s")
		programtest.Eventually(t, 10*time.Second, "the bridge notices the outage", func() bool { return bridgeState(t, gate) != "up" })
		numbers.publish(t, gate, batch)
		before := cloud.Lines()
		gate.run(t, "demo", "outage", "0s")
		programtest.Eventually(t, 20*time.Second, "the drain begins", func() bool { return cloud.Lines() > before })
		pauseUpTo(t, 400*time.Millisecond)
		gate.Kill()
		if cloud.Lines() < len(numbers.acked) {
			inDrain++
		}
		gate = startDemo(t, dir, "--cloud", "mqtt://127.0.0.1:"+port)
		gate.run(t, "demo", "outage", "0s")
	}
	// Kills that come early each leave most of their batch, so that there may be a long one.
	patience := 30*time.Second + time.Duration(kills)*3*time.Second
	programtest.Eventually(t, patience, "the backlog drains", func() bool { return backlogOf(t, gate) < 50 })
	numbers.publish(t, gate, 1)
	programtest.Eventually(t, patience, "the last number is in the cloud", func() bool {
		lines := cloud.Output()
		return len(lines) > 0 && strings.HasSuffix(lines[len(lines)-1], "|"+strconv.Itoa(numbers.last))
	})
	numbers.check(t, cloud.Output())
	if kills >= 20 && inDrain < kills/10 {
		t.Errorf("only %d of %d kills came in the middle of a drain", inDrain, kills)
	}
	t.Logf("%d kills, %d of them in the middle of a drain: %d numbers acknowledged at QoS 2, each arrived once, in order",
		kills, inDrain, len(numbers.acked))
}

func backlogOf(t *testing.T, gate demo) int64 {
	t.Helper()
	return gate.status(t).Bridges[0].Backlog.Messages
}

// pauseUpTo waits for a random time, so that the kill meets the drain anywhere.
func pauseUpTo(t *testing.T, most time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), rand.N(most))
	defer cancel()
	<-ctx.Done()
}
