package main_test

import (
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tidegate/tidegate/cmd/tidegate/programtest"
	"github.com/tidegate/tidegate/gateway"
)

// TestDisksFull: another program takes the last block in the middle of load. Nothing is acknowledged that is not kept,
// who queues can fetch, who administers can work, and with the room everything comes back by itself.
func TestDisksFull(t *testing.T) {
	t.Parallel() // a disk of its own
	r := newStoreRig(t, smallDisk, false)
	page := r.setUp()
	load := startSenders(t, r.mixture(200, time.Millisecond)...)
	programtest.Eventually(t, 10*time.Second, "the load runs", func() bool { return len(load.acked()) > 500 })

	r.disk.Fill()
	r.becomes(gateway.StateDegraded, 5*time.Second)
	programtest.Eventually(t, 5*time.Second, "MQTT 5 hears of the quota", func() bool { return load.refused() > 10 })
	load.silent(t, time.Second)
	r.drain(15*time.Second, load.acked())
	fetched := len(r.arrived)
	page.post("/login", `{"name":"boss","password":"a long password"}`, http.StatusOK)
	page.changeConfig("full")
	load.silent(t, 500*time.Millisecond)

	r.disk.MakeRoom()
	load.resume(t, 5*time.Second)
	r.becomes(gateway.StateUp, 5*time.Second)
	if size := r.ballast(); size < 18<<20 {
		t.Errorf("the ballast takes %d bytes, it has to be there again", size)
	}
	load.stop()
	load.check(t)
	r.Kill()
	r.start()
	r.drain(15*time.Second, load.acked())
	t.Logf("%d messages were acknowledged, %d refused; %d were fetched while the disk was full, %d later",
		len(load.acked()), load.refused(), fetched, len(r.arrived)-fetched)
}

// TestDisksFloor: the queue itself reaches the floor. New messages are refused long before the disk is full; what is
// fetched makes room.
func TestDisksFloor(t *testing.T) {
	t.Parallel() // a disk of its own
	r := newStoreRig(t, smallDisk, false)
	load := startSenders(t, r.mixture(20_000, 0)...)
	r.becomes(gateway.StateDegraded, 30*time.Second)
	programtest.Eventually(t, 5*time.Second, "MQTT 5 hears of the quota", func() bool { return load.refused() > 10 })
	load.settle(t)
	load.silent(t, 500*time.Millisecond)
	storage := r.status().Storage
	if storage.FreeBytes < storage.FloorBytes*3/4 || storage.FloorBytes < 36<<20 {
		t.Errorf("%d bytes are free, the floor is %d", storage.FreeBytes, storage.FloorBytes)
	}
	if r.ballast() == 0 {
		t.Error("the ballast was used before the disk was full")
	}
	all := load.acked()
	r.fetch(30*time.Second, all)
	load.resume(t, 5*time.Second)
	load.stop()
	load.check(t)
	t.Logf("%d messages of 20 kB were kept until the floor of %d MB", len(all), storage.FloorBytes>>20)
}

// ballast is how many bytes the ballast takes on the disk.
func (r *storeRig) ballast() int64 {
	info, err := os.Stat(filepath.Join(r.data(), "ballast"))
	if err != nil {
		return 0
	}
	stat, _ := info.Sys().(*syscall.Stat_t)
	return stat.Blocks * 512
}

// page is an administrator who is logged in.
type page struct {
	t      *testing.T
	link   string
	client http.Client
}

// setUp makes the first administrator.
func (r *storeRig) setUp() *page {
	r.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		r.t.Fatal(err)
	}
	link, token, _ := strings.Cut(r.Value("page"), "#setup=")
	p := &page{r.t, link + "api/v1", http.Client{Jar: jar, Timeout: 10 * time.Second}}
	p.post("/setup", `{"token":"`+token+`","name":"boss","password":"a long password"}`, http.StatusOK)
	return p
}

func (p *page) post(path, body string, want int) {
	p.t.Helper()
	response, err := p.client.Post(p.link+path, "application/json", strings.NewReader(body))
	if err != nil {
		p.t.Errorf("%s: %v", path, err)
		return
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != want {
		var problem struct{ Detail string }
		_ = json.NewDecoder(response.Body).Decode(&problem)
		p.t.Errorf("%s answers %s: %s", path, response.Status, problem.Detail)
	}
}

// changeConfig adds a bridge that does nothing, and looks whether it is there.
func (p *page) changeConfig(id string) {
	p.t.Helper()
	var config gateway.Config
	p.get("/config", &config)
	body, err := json.Marshal(map[string]any{
		"revision": config.Revision,
		"bridge": gateway.Bridge{
			ID: id, Name: id, URL: "mqtt://127.0.0.1:1883", Disabled: true, Routes: []gateway.Route{{Direction: gateway.Out, Filter: "x"}},
		},
	})
	if err != nil {
		p.t.Fatal(err)
	}
	p.post("/bridges", string(body), http.StatusOK)
	p.get("/config", &config)
	if _, found := config.Bridge(id); !found {
		p.t.Errorf("bridge %s was saved and is not there", id)
	}
}

func (p *page) get(path string, into any) {
	p.t.Helper()
	response, err := p.client.Get(p.link + path)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		p.t.Fatalf("%s: %v", path, err)
	}
}
