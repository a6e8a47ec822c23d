package main_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3" // to look into the database of a program that has ended

	"github.com/tidegate/tidegate/cmd/tidegate/programtest"
	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/client"
	"github.com/tidegate/tidegate/storage/storagetest"
)

// points is how many places of a fault a test tries; TIDEGATE_FAULT_POINTS asks for more.
func points(t *testing.T, short int) int {
	t.Helper()
	text := os.Getenv("TIDEGATE_FAULT_POINTS")
	if text == "" {
		return short
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestDisksFailOnce: one write or sync fails, at a moving point. Nobody is told a wrong yes, and it goes on by itself.
func TestDisksFailOnce(t *testing.T) {
	t.Parallel() // a disk of its own
	r := newStoreRig(t, largeDisk, true)
	load := startSenders(t, r.mixture(100, 2*time.Millisecond)...)
	rounds := 0
	for _, calls := range []storagetest.Calls{storagetest.Syncs, storagetest.Writes} {
		for point := range points(t, 5) {
			before := r.shim.Failed()
			r.shim.Fail(calls, point, 1, syscall.EIO)
			programtest.Eventually(t, 10*time.Second, "a call fails", func() bool { return r.shim.Failed() > before })
			seen := len(load.acked())
			programtest.Eventually(t, 10*time.Second, "acknowledgements go on", func() bool { return len(load.acked()) > seen+20 })
			rounds++
		}
	}
	r.becomes(gateway.StateUp, 5*time.Second)
	r.endWithACut(load)
	t.Logf("%d faults, %d messages acknowledged, %d arrived after a power cut", rounds, len(load.acked()), len(r.arrived))
}

// TestDisksFailForEver: from a moving point on everything fails. From then on nothing is acknowledged; then either the
// fault ends, or the power does.
func TestDisksFailForEver(t *testing.T) {
	t.Parallel() // a disk of its own
	r := newStoreRig(t, largeDisk, true)
	load := startSenders(t, r.mixture(100, 2*time.Millisecond)...)
	cuts, mended := 0, 0
	for point := range points(t, 4) {
		programtest.Eventually(t, 10*time.Second, "the load runs", r.acknowledged(load, 100))
		calls := []storagetest.Calls{storagetest.AllCalls, storagetest.Syncs}[point/2%2]
		r.shim.Fail(calls, point, storagetest.Forever, syscall.EIO)
		r.becomes(gateway.StateDown, 10*time.Second)
		load.silent(t, 200*time.Millisecond)
		if point%2 == 0 {
			r.shim.Heal()
			load.resume(t, 5*time.Second)
			r.becomes(gateway.StateUp, 5*time.Second)
			mended++
			continue
		}
		r.disk.CutPower(r.Command.Process)
		<-r.Ended
		r.shim.Heal()
		r.start()
		cuts++
	}
	r.endWithACut(load)
	t.Logf("%d faults that ended, %d that a power cut ended, %d messages acknowledged, %d arrived",
		mended, cuts, len(load.acked()), len(r.arrived))
}

// acknowledged waits for n more.
func (r *storeRig) acknowledged(load *senders, n int) func() bool {
	before := len(load.acked())
	return func() bool { return len(load.acked()) >= before+n }
}

// endWithACut cuts the power under load and looks whether every acknowledged message is there.
func (r *storeRig) endWithACut(load *senders) {
	r.t.Helper()
	r.disk.CutPower(r.Command.Process)
	<-r.Ended
	load.stop()
	load.check(r.t)
	r.mustBeWhole()
	r.start()
	r.drain(20*time.Second, load.acked())
}

// mustBeWhole reads all of the database of a program that has ended.
func (r *storeRig) mustBeWhole() {
	r.t.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(r.data(), "queue.db")+"?mode=rw")
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var answer string
	if err := db.QueryRowContext(r.t.Context(), "PRAGMA integrity_check").Scan(&answer); err != nil || answer != "ok" {
		r.t.Errorf("integrity check: %s, %v", answer, err)
	}
}

// TestDisksReadOnly: the kernel finds an error in the file system and lets nobody write any more. Nothing is
// acknowledged; live messages reach who is there.
func TestDisksReadOnly(t *testing.T) {
	t.Parallel() // a disk of its own
	r := newStoreRig(t, smallDisk, false)
	load := startSenders(t, r.mixture(100, 2*time.Millisecond)...)
	live := r.live()
	programtest.Eventually(t, 10*time.Second, "the load runs", r.acknowledged(load, 300))

	r.breakDisk()
	r.becomes(gateway.StateDown, 10*time.Second)
	load.silent(t, 500*time.Millisecond)
	before := live.Load()
	programtest.Eventually(t, 5*time.Second, "live messages go on", func() bool { return live.Load() > before+50 })
	programtest.Eventually(t, 5*time.Second, "MQTT 5 is told to come again", func() bool { return load.refused() > 10 })
	load.silent(t, 500*time.Millisecond)

	load.stop()
	r.Kill()
	r.disk.Renew()
	r.mustBeWhole()
	r.start()
	r.drain(15*time.Second, load.acked())
	t.Logf("%d messages were acknowledged before and %d refused since, %d arrived", len(load.acked()), load.refused(), len(r.arrived))
}

// breakDisk makes the disk read-only while nothing is on its way to it. Else ext4 now and then calls a sync good whose
// journal it gives up: a bare loop of writes and fdatasync has lost its last record in 4 of 60 rounds.
func (r *storeRig) breakDisk() {
	r.t.Helper()
	if err := storagetest.Freeze(r.Command.Process); err != nil {
		r.t.Fatal(err)
	}
	<-time.After(200 * time.Millisecond) // what was in the middle of a sync comes back and stops too
	r.disk.Break()
	if err := r.Command.Process.Signal(syscall.SIGCONT); err != nil {
		r.t.Fatal(err)
	}
}

// live counts messages at QoS 0 that one client sends to another.
func (r *storeRig) live() *atomic.Int64 {
	r.t.Helper()
	count := &atomic.Int64{}
	subscriber := r.connect(client.Options{ClientID: "watcher", CleanStart: true, Receive: func(_ context.Context, _ *mqtt.Message, _ uint16, settle mqtt.Settle) error {
		count.Add(1)
		settle(nil)
		return nil
	}})
	if _, err := subscriber.Subscribe(r.t.Context(), mqtt.Subscription{Filter: "live/#"}); err != nil {
		r.t.Fatal(err)
	}
	// Retained, so that the store is asked.
	startSenders(r.t, &sender{
		topic: "live/a", address: "127.0.0.1:" + r.port, version: 4, qos: mqtt.AtMostOnce, retain: true, pause: 2 * time.Millisecond,
	})
	return count
}

// TestDisksSlow: a sync takes 20 ms, as on a bad card. Groups grow, so that throughput stays; nobody sees an error. The
// short form only tells groups from a commit per message.
func TestDisksSlow(t *testing.T) {
	clients, rounds, share := 40, 1, 0.1
	if os.Getenv("TIDEGATE_FAULT_POINTS") != "" {
		clients, rounds, share = 100, 4, 0.7
	}
	r := newStoreRig(t, largeDisk, true)
	var all []*sender
	for i := range clients {
		all = append(all, &sender{
			topic: fmt.Sprintf("numbers/%d", i), address: "127.0.0.1:" + r.port, version: 5, qos: mqtt.AtLeastOnce, window: 100, size: 100,
		})
	}
	load := startSenders(t, all...)
	// The best of several rounds, in turns: the machine has other work too.
	var fast, slow, perSync float64
	for range rounds {
		fast, _ = r.better(load, 0, fast, 0)
		slow, perSync = r.better(load, 20*time.Millisecond, slow, perSync)
	}
	load.stop()
	load.check(t)
	t.Logf("%d publishers with 100 in flight: %.0f messages/s, with 20 ms per sync %.0f messages/s, %.0f per sync", clients, fast, slow, perSync)
	if slow < share*fast {
		t.Errorf("throughput on the slow disk is %.2f of the fast one, it has to be %.2f", slow/fast, share)
	}
	if load.refused() > 0 {
		t.Errorf("%d messages were refused", load.refused())
	}
}

// better measures for two seconds and gives what was measured, or the best so far.
func (r *storeRig) better(load *senders, delay time.Duration, best, perSync float64) (float64, float64) {
	r.t.Helper()
	r.shim.Delay(delay)
	programtest.Eventually(r.t, 20*time.Second, "the load runs", r.acknowledged(load, 1000))
	if now, each := r.rate(load, 2*time.Second); now > best {
		return now, each
	}
	return best, perSync
}

// rate is how many messages are acknowledged per second, and per sync.
func (r *storeRig) rate(load *senders, during time.Duration) (perSecond, perSync float64) {
	before, syncs, began := len(load.acked()), r.shim.Syncs(), time.Now()
	<-time.After(during)
	n := float64(len(load.acked()) - before)
	return n / time.Since(began).Seconds(), n / max(1, float64(r.shim.Syncs()-syncs))
}

// TestDisksFailedSyncLeavesNoGhost: a log that was written and could not be synced is found again when the last connection
// to it was closed and the file is opened anew. What was not acknowledged is taken out before anything else is: it may
// be sent again.
func TestDisksFailedSyncLeavesNoGhost(t *testing.T) {
	t.Parallel() // a disk of its own
	r := newStoreRig(t, largeDisk, true)
	kept := r.failTheCheckpoint()
	err := r.publish("numbers/two", mqtt.ExactlyOnce, "1")
	if code, isCode := errors.AsType[mqtt.ReasonCode](err); err == nil || isCode && code != mqtt.ServerBusy {
		t.Errorf("a message of which nobody knows is answered with %v, there must be no answer", err)
	}
	r.becomes(gateway.StateDown, 5*time.Second)
	r.shim.Heal()
	r.becomes(gateway.StateUp, 5*time.Second)
	if err := r.publish("numbers/two", mqtt.ExactlyOnce, "2"); err != nil {
		t.Errorf("after the fault: %v", err)
	}
	r.Kill()
	r.start()
	r.drain(10*time.Second, append(kept, "numbers/two 2"))
	if r.arrived["numbers/two 1"] > 0 {
		t.Error("the message that was not acknowledged is there, and would be twice if it was sent again")
	}
}

// failTheCheckpoint makes all syncs fail from a moment when the log is long, so that the checkpointer meets the fault
// first and closes its connection. What it returns was acknowledged before.
func (r *storeRig) failTheCheckpoint() (kept []string) {
	for number := 1; number <= 60; number++ {
		text := fmt.Sprintf("%-900000d", number)
		if err := r.publish("numbers/one", mqtt.AtLeastOnce, text); err != nil {
			r.t.Fatal(err)
		}
		kept = append(kept, fmt.Sprintf("numbers/one %d", number))
		if number%6 > 0 {
			continue
		}
		r.shim.Fail(storagetest.Syncs, 0, storagetest.Forever, syscall.EIO)
		for range 10 {
			if <-time.After(20 * time.Millisecond); r.shim.Failed() > 0 {
				return kept
			}
		}
		r.shim.Heal()
	}
	r.t.Log("the checkpointer was always faster, so this run proves less")
	r.shim.Fail(storagetest.Syncs, 0, storagetest.Forever, syscall.EIO)
	return kept
}

// publish sends one message and waits for its outcome.
func (r *storeRig) publish(topic string, qos mqtt.QoS, payload string) error {
	r.t.Helper()
	c := r.connect(client.Options{ClientID: "publisher", CleanStart: true})
	defer c.end()
	settled := make(chan error, 1)
	message := &mqtt.Message{Topic: topic, Payload: []byte(payload), QoS: qos}
	if err := c.Publish(r.t.Context(), message, func(err error) { settled <- err }); err != nil {
		return err
	}
	return <-settled
}

// TestDisksFlippedBit: one wrong bit in a stored message. It is not delivered, and the status says that it was there.
func TestDisksFlippedBit(t *testing.T) {
	t.Parallel() // a disk of its own
	r := newStoreRig(t, smallDisk, false)
	for _, text := range []string{"1 temperature=21.5", "2 pressure=1.0"} {
		if err := r.publish("numbers/one", mqtt.AtLeastOnce, text); err != nil {
			t.Fatal(err)
		}
	}
	r.Interrupt(t)
	path := filepath.Join(r.data(), "queue.db")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(data, []byte("temperature=21.5"))
	if at < 0 {
		t.Fatal("the message is not in the file")
	}
	data[at] ^= 1
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	r.start()
	r.drain(10*time.Second, []string{"numbers/one 2"})
	if r.arrived["numbers/one 1"] > 0 {
		t.Error("a message with a wrong bit was delivered")
	}
	if got := r.status().Storage.Damaged; got != 1 {
		t.Errorf("the status counts %d damaged messages, want 1", got)
	}
}
