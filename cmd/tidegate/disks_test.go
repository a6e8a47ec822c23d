package main_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/cmd/tidegate/programtest"
	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/client"
	"github.com/tidegate/tidegate/storage/storagetest"
)

// storeRig is the service on a disk of its own that a test breaks, with one durable session that is away.
type storeRig struct {
	*programtest.Process
	t             *testing.T
	disk          *storagetest.Disk
	shim          *storagetest.Shim
	runtime, port string
	// arrived counts what the keeper has got, over all its connections.
	arrived map[string]int
}

const (
	// smallDisk leaves room for some 20 MB of messages beside ballast, floor and the file system's own needs.
	smallDisk = 96
	// largeDisk is one that no test fills; what it takes on the machine is what is written.
	largeDisk = 1024
)

// newStoreRig starts the service on a disk of so many MB; with a shim when calls have to fail or wait.
func newStoreRig(t *testing.T, megabytes int, shimmed bool) *storeRig {
	t.Helper()
	r := &storeRig{t: t, disk: storagetest.MustMount(t, megabytes), runtime: programtest.ShortDir(t), port: freePort(t), arrived: map[string]int{}}
	if shimmed {
		r.shim = storagetest.NewShim(t, filepath.Join(r.data(), "queue.db"))
	}
	r.start()
	c := r.connect(client.Options{ClientID: "keeper", SessionExpiry: mqtt.NeverExpires, CleanStart: true})
	if _, err := c.Subscribe(t.Context(), mqtt.Subscription{Filter: "numbers/#", QoS: mqtt.ExactlyOnce}); err != nil {
		t.Fatalf("subscribe: %v", err)
	}
	c.end()
	return r
}

func (r *storeRig) data() string { return filepath.Join(r.disk.Path(), "data") }

func (r *storeRig) start() {
	r.t.Helper()
	var environment []string
	if r.shim != nil {
		environment = r.shim.Env()
	}
	r.Process = programtest.Start(r.t, environment, program, "serve", "--data", r.data(), "--runtime", r.runtime,
		"--https", "off", "--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:"+r.port)
	programtest.Eventually(r.t, 15*time.Second, "the service prints its links", func() bool { return r.Value("control") != "" })
}

// status is what the service says of its storage.
func (r *storeRig) status() gateway.Status {
	r.t.Helper()
	output, err := exec.CommandContext(r.t.Context(), program, "status", "--runtime", r.runtime).Output()
	if err != nil {
		r.t.Fatalf("status: %v", err)
	}
	var status gateway.Status
	if err := json.Unmarshal(output, &status); err != nil {
		r.t.Fatalf("read the status: %v", err)
	}
	return status
}

// becomes waits for a state of the storage, which has to carry a reason unless it is up.
func (r *storeRig) becomes(state gateway.State, within time.Duration) {
	r.t.Helper()
	programtest.Eventually(r.t, within, "the storage is "+string(state), func() bool {
		storage := r.status().Storage
		if storage.State != gateway.StateUp && storage.Reason == "" {
			r.t.Errorf("the storage is %s without a reason", storage.State)
		}
		return storage.State == state
	})
}

// rigClient is a connection with the goroutine that runs it.
type rigClient struct {
	*client.Client
	ended chan struct{}
}

func (r *storeRig) connect(options client.Options) *rigClient {
	r.t.Helper()
	options.URL = "mqtt://127.0.0.1:" + r.port
	c, err := client.Connect(r.t.Context(), options)
	if err != nil {
		r.t.Fatalf("connect %s: %v", options.ClientID, err)
	}
	return running(r.t.Context(), c)
}

func running(ctx context.Context, c *client.Client) *rigClient {
	rc := &rigClient{Client: c, ended: make(chan struct{})}
	go func() {
		defer close(rc.ended)
		_ = c.Run(ctx)
	}()
	return rc
}

func (c *rigClient) end() {
	_ = c.Close()
	<-c.ended
}

// drain fetches the backlog of the keeper until it is empty, and acknowledges it. Everything wanted has to have come by
// then, and nothing twice at QoS 2.
func (r *storeRig) drain(within time.Duration, wanted []string) {
	r.t.Helper()
	r.receive(within, wanted, true)
}

// fetch is drain while the load goes on: it ends when everything wanted has come.
func (r *storeRig) fetch(within time.Duration, wanted []string) {
	r.t.Helper()
	r.receive(within, wanted, false)
}

func (r *storeRig) receive(within time.Duration, wanted []string, toTheEnd bool) {
	r.t.Helper()
	arrived := make(chan string, 1000)
	c := r.connect(client.Options{
		ClientID: "keeper", SessionExpiry: mqtt.NeverExpires, ReceiveMaximum: 1000,
		Receive: func(_ context.Context, m *mqtt.Message, _ uint16, settle mqtt.Settle) error {
			arrived <- key(m)
			settle(nil)
			return nil
		},
	})
	defer c.end()
	missing := map[string]bool{}
	for _, text := range wanted {
		if r.arrived[text] == 0 {
			missing[text] = true
		}
	}
	deadline, tick := time.After(within), time.NewTicker(300*time.Millisecond)
	defer tick.Stop()
	for last := 0; ; {
		select {
		case text := <-arrived:
			r.arrived[text]++
			delete(missing, text)
			if r.arrived[text] > 1 && strings.HasPrefix(text, "numbers/two") {
				r.t.Errorf("%s came twice, it was published and subscribed at QoS 2", text)
			}
		case <-tick.C:
			quiet := last == len(r.arrived)
			last = len(r.arrived)
			if len(missing) == 0 && !toTheEnd {
				return
			}
			if quiet && r.status().Broker.Queued == 0 {
				if len(missing) > 0 {
					r.t.Errorf("%d of %d acknowledged messages are gone", len(missing), len(wanted))
				}
				return
			}
		case <-deadline:
			r.t.Errorf("after %s %d of %d acknowledged messages have not come", within, len(missing), len(wanted))
			return
		}
	}
}

// key is what a message is counted by: its payload is padded.
func key(m *mqtt.Message) string {
	var number int
	_, _ = fmt.Sscanf(string(m.Payload), "%d", &number)
	return fmt.Sprintf("%s %d", m.Topic, number)
}
