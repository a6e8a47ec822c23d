package faults_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage/storagetest"
)

// page is an administrator at the page, who stays logged in over all lives of the gateway.
type page struct {
	t      *testing.T
	url    string
	cookie string
}

// TestPowerCutWhenTheConfigurationIsSaved: at each point of a save. Afterwards the configuration is the old one or the
// new one, and the new one if the page said "saved".
func TestPowerCutWhenTheConfigurationIsSaved(t *testing.T) {
	t.Parallel() // a disk and a gateway of its own
	disk := storagetest.MustMount(t, diskSize)
	s := newSite(t, disk.Path(), "--http", "127.0.0.1:0")
	g := s.start(t)
	p := &page{t: t}
	p.setUp(g)
	for i, c := range []struct {
		point, pattern string
		want           []bool // what may be there afterwards: the old one (false), the new one (true)
	}{
		{"update.before", "config.db", []bool{false}},
		{"update.after", "config.db", []bool{true}},
		{"rename.before", "config.db.good-*", []bool{true}},
		{"rename.after", "config.db.good-*", []bool{true}},
		{"", "", []bool{true}},
	} {
		id := fmt.Sprint("bridge-", i)
		revision := p.config().Revision
		if c.point != "" {
			s.stopAt(t, c.point, c.pattern)
		}
		answer := make(chan bool, 1)
		go func() { answer <- p.addBridge(id, revision) }()
		if c.point == "" {
			if !<-answer {
				t.Fatal("the bridge could not be saved")
			}
		} else {
			g.awaitStop(t)
			s.forget()
		}
		g.cut(disk)
		if c.point != "" && <-answer {
			t.Errorf("at %s the page had said that it is saved", c.point)
		}
		g = s.start(t)
		p.url, _, _ = strings.Cut(g.Value("page"), "#")
		config := p.config()
		_, there := config.Bridge(id)
		if !slices.Contains(c.want, there) || there != (config.Revision == revision+1) {
			t.Errorf("after a cut at %q the bridge is there: %t, want one of %t; revision %d after %d",
				c.point, there, c.want, config.Revision, revision)
		}
	}
}

// setUp makes the administrator.
func (p *page) setUp(g *gate) {
	p.t.Helper()
	url, token, _ := strings.Cut(g.Value("page"), "#setup=")
	p.url = url
	response, _ := p.call("POST", "setup", map[string]string{"token": token, "name": "anna", "password": "high tide at noon"})
	if response == nil || response.StatusCode >= 300 || len(response.Cookies()) == 0 {
		p.t.Fatalf("set up: %v", response)
	}
	p.cookie = response.Cookies()[0].Name + "=" + response.Cookies()[0].Value
}

func (p *page) config() (config gateway.Config) {
	p.t.Helper()
	response, body := p.call("GET", "config", nil)
	if response == nil || response.StatusCode != http.StatusOK {
		p.t.Fatalf("read the configuration: %v, %s", response, body)
	}
	if err := json.Unmarshal(body, &config); err != nil {
		p.t.Fatal(err)
	}
	return config
}

// addBridge reports whether the page said that it is saved.
func (p *page) addBridge(id string, revision int64) bool {
	bridge := gateway.Bridge{
		ID: id, Name: id, URL: "mqtt://127.0.0.1:1", Disabled: true,
		Routes: []gateway.Route{{Direction: gateway.Out, Filter: "#", QoS: 1}},
	}
	response, body := p.call("POST", "bridges", map[string]any{"revision": revision, "bridge": bridge})
	if response != nil && response.StatusCode >= 300 {
		p.t.Errorf("save a bridge: %s, %s", response.Status, body)
	}
	return response != nil
}

// call gives nil when no answer came.
func (p *page) call(method, path string, body any) (*http.Response, []byte) {
	text, err := json.Marshal(body)
	if err != nil {
		p.t.Error(err)
	}
	request, err := http.NewRequestWithContext(p.t.Context(), method, p.url+"api/v1/"+path, bytes.NewReader(text))
	if err != nil {
		p.t.Error(err)
		return nil, nil
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Cookie", p.cookie)
	client := http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return nil, nil
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, nil
	}
	return response, answer
}

// TestPowerCutWhenADamagedFileIsReplaced: the fault in the middle of the recovery from a fault. What the good copy has is
// not lost.
func TestPowerCutWhenADamagedFileIsReplaced(t *testing.T) {
	t.Parallel() // a disk and a gateway of its own
	disk := storagetest.MustMount(t, diskSize)
	s := newSite(t, disk.Path(), "--http", "127.0.0.1:0")
	g := s.start(t)
	p := &page{t: t}
	p.setUp(g)
	if !p.addBridge("kept", p.config().Revision) {
		t.Fatal("the bridge could not be saved")
	}
	for _, point := range []string{"rename.before", "rename.after"} {
		g.Kill()
		if err := os.WriteFile(filepath.Join(s.data, "config.db"), bytes.Repeat([]byte("damage"), 1000), 0o600); err != nil {
			t.Fatal(err)
		}
		s.stopAt(t, point, "config.db")
		g = s.launch(t)
		g.awaitStop(t)
		s.forget()
		g.cut(disk)
		g = s.start(t)
		p.url, _, _ = strings.Cut(g.Value("page"), "#")
		if strings.Contains(g.Value("page"), "#") {
			t.Fatalf("after a cut at %s the gateway is as new", point)
		}
		config := p.config()
		if _, there := config.Bridge("kept"); !there {
			t.Errorf("after a cut at %s the configuration is lost", point)
		}
	}
}
