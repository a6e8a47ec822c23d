package main_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/cmd/tidegate/programtest"
	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/client"
)

// TestDisksFullInAnOutage: the cloud is away, and another program takes the last block of the disk. Nothing that waits is
// given up, and when there is room and the cloud is back, it has all that was acknowledged, once at QoS 2.
func TestDisksFullInAnOutage(t *testing.T) {
	t.Parallel() // a disk of its own
	r := newStoreRig(t, smallDisk, false)
	page, port := r.setUp(), freePort(t)
	page.addBridge(gateway.Bridge{
		ID: "cloud", Name: "Cloud", URL: "mqtt://127.0.0.1:" + port, Version: 5,
		Routes: []gateway.Route{{Direction: gateway.Out, Filter: "numbers/#", QoS: 2}},
	})
	load := startSenders(t, r.mixture(200, time.Millisecond)...)
	programtest.Eventually(t, 20*time.Second, "the backlog grows", func() bool { return len(load.acked()) > 500 })
	r.disk.Fill()
	r.becomes(gateway.StateDegraded, 10*time.Second)
	programtest.Eventually(t, 10*time.Second, "MQTT 5 hears of the quota", func() bool { return load.refused() > 10 })
	waits := r.status().Bridges[0].Backlog
	if n := len(load.acked()); waits.Messages < int64(n) || len(waits.GivenUp) > 0 {
		t.Errorf("%+v wait, %d were acknowledged", waits, n)
	}
	r.disk.MakeRoom()
	load.resume(t, 10*time.Second)
	load.stop()
	load.check(t)

	page.post("/bridges/cloud/pause", "", http.StatusNoContent) // until somebody is there to look
	got := arrivals(t, startMosquitto(t, "listener "+port+" 127.0.0.1"))
	page.post("/bridges/cloud/resume", "", http.StatusNoContent)
	acked := load.acked()
	programtest.Eventually(t, 30*time.Second, "all that was acknowledged is in the cloud", func() bool { return got.missing(acked) == 0 })
	for text, n := range got.all() {
		if n > 1 && strings.HasPrefix(text, "numbers/two") {
			t.Errorf("%s came %d times", text, n)
		}
	}
	t.Logf("%d messages were acknowledged, %d of them before the disk was full; %d refused", len(acked), waits.Messages, load.refused())
}

func (p *page) addBridge(b gateway.Bridge) {
	p.t.Helper()
	var config gateway.Config
	p.get("/config", &config)
	body, err := json.Marshal(map[string]any{"revision": config.Revision, "bridge": b})
	if err != nil {
		p.t.Fatal(err)
	}
	p.post("/bridges", string(body), http.StatusOK)
}

// arrived counts what comes to a cloud.
type arrived struct {
	mu     sync.Mutex // guards counts
	counts map[string]int
}

// arrivals subscribes to all numbers.
func arrivals(t *testing.T, port string) *arrived {
	t.Helper()
	a := &arrived{counts: map[string]int{}}
	c, err := client.Connect(t.Context(), client.Options{
		URL: "mqtt://127.0.0.1:" + port, ClientID: "observer", CleanStart: true, Version: 5,
		Receive: func(_ context.Context, m *mqtt.Message, _ uint16, settle mqtt.Settle) error {
			a.mu.Lock()
			a.counts[key(m)]++
			a.mu.Unlock()
			settle(nil)
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	rc := running(t.Context(), c)
	t.Cleanup(rc.end)
	if _, err := c.Subscribe(t.Context(), mqtt.Subscription{Filter: "numbers/#", QoS: mqtt.ExactlyOnce}); err != nil {
		t.Fatal(err)
	}
	return a
}

func (a *arrived) all() map[string]int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return maps.Clone(a.counts)
}

func (a *arrived) missing(wanted []string) (n int) {
	counts := a.all()
	for _, text := range wanted {
		if counts[text] == 0 {
			n++
		}
	}
	return n
}
