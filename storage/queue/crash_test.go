package queue_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/storage/queue"
)

// childVariable makes this test binary a child that publishes until it is killed.
const childVariable = "TIDEGATE_QUEUE_CHILD"

func TestMain(m *testing.M) {
	if path := os.Getenv(childVariable); path != "" {
		if err := publishForEver(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m) // no test may leave a goroutine
}

// publishForEver commits messages and prints the position of each one that is acknowledged.
func publishForEver(path string) error {
	q, err := queue.Open(path, queue.Options{})
	if err != nil {
		return err
	}
	snapshot, err := q.Load(context.Background())
	if err != nil {
		return err
	}
	position := uint64(0)
	if len(snapshot.Sessions) == 0 {
		q.Commit(addSession("away"), nil)
	} else if lanes := snapshot.Sessions[0].Lanes; len(lanes) > 0 {
		position = lanes[0].Next
	}
	var group sync.WaitGroup
	group.Go(func() {
		window := make(chan struct{}, 50)
		for ; ; position++ {
			window <- struct{}{}
			printed := position
			q.Commit(publish(position+1, position, fmt.Sprint(position), "away"), func(err error) {
				if err == nil {
					fmt.Println(printed)
				}
				<-window
			})
		}
	})
	return q.Run(context.Background())
}

func TestKilledAtAnyMomentNothingAcknowledgedIsMissing(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/queue.db"
	acknowledged := -1
	for life := range 20 {
		// Some die while they open the file; the others work for a while, also where starting takes long.
		acknowledged = max(acknowledged, killChild(t, path, life%3 == 0))
		q := MustOpen(t, path, queue.Options{})
		if r := q.Recovered(); r != nil {
			t.Fatalf("damaged by a kill: %v", r.Reason)
		}
		checkSequence(t, q, acknowledged)
		q.stop()
	}
	if acknowledged < 100 {
		t.Errorf("only %d messages were acknowledged: the test proves nothing", acknowledged+1)
	}
	t.Logf("%d messages acknowledged in 20 lives", acknowledged+1)
}

// killChild lets a child publish for a random time, kills it, and gives the last position that it printed. The time
// begins with the child, or with the first position.
func killChild(t *testing.T, path string, fromStart bool) int {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), childVariable+"="+path)
	child.Stderr = os.Stderr
	output, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	kill := func() *time.Timer {
		return time.AfterFunc(time.Duration(rand.IntN(200))*time.Millisecond, func() {
			if err := child.Process.Kill(); err != nil {
				t.Errorf("kill: %v", err)
			}
		})
	}
	if fromStart {
		defer kill().Stop()
	}
	last, begun := -1, fromStart
	for lines := bufio.NewReader(output); ; {
		line, err := lines.ReadString('\n')
		if err != nil {
			// A line without an end was cut off by the kill.
			_, _ = io.Copy(io.Discard, output)
			break
		}
		if _, err := fmt.Sscan(strings.TrimSpace(line), &last); err != nil {
			t.Fatalf("line %q: %v", line, err)
		}
		if !begun {
			begun = true
			defer kill().Stop()
		}
	}
	if err := child.Wait(); err == nil {
		t.Fatal("the child ended by itself")
	}
	return last
}

// checkSequence wants every position up to the last acknowledged one, in order and with its own payload.
func checkSequence(t *testing.T, q *running, acknowledged int) {
	t.Helper()
	want := 0
	for {
		page := q.MustBacklog("away", 0, uint64(want), 1000, 1<<30)
		if len(page) == 0 {
			break
		}
		for _, d := range page {
			if d.Position != uint64(want) || string(d.Message.Payload) != fmt.Sprint(want) {
				t.Fatalf("position %d has %q, expected %d", d.Position, d.Message.Payload, want)
			}
			want++
		}
	}
	if want <= acknowledged {
		t.Fatalf("%d was acknowledged, only %d messages are there", acknowledged, want)
	}
	lanes := []mqtt.LaneState(nil)
	if sessions := q.MustLoad().Sessions; len(sessions) > 0 {
		lanes = sessions[0].Lanes
	}
	if want > 0 && (len(lanes) != 1 || lanes[0].Messages != int64(want) || lanes[0].Next != uint64(want)) {
		t.Fatalf("lanes %+v for %d messages", lanes, want)
	}
}
