package faults_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tidegate/tidegate/cmd/tidegate/programtest"
	"github.com/tidegate/tidegate/storage/storagetest"
)

// program is the built tidegate, with its fault points.
var program string

func TestMain(m *testing.M) { os.Exit(programtest.Main(m, &program, "faultpoints")) }

// diskSize in MB leaves room beside what the gateway keeps free; the file behind it takes what is written.
const diskSize = 512

// site is where a gateway runs, again and again: its data, and how it is told to stop at a point.
type site struct {
	data    string
	runtime string
	point   string
	options []string
}

// newSite keeps the data below folder, everything else outside of it.
func newSite(t *testing.T, folder string, options ...string) *site {
	t.Helper()
	dir := programtest.ShortDir(t)
	return &site{
		data: filepath.Join(folder, "data"), runtime: filepath.Join(dir, "run"), point: filepath.Join(dir, "point"),
		options: options,
	}
}

// gate is one life of the gateway.
type gate struct {
	*site
	*programtest.Process
}

// launch starts the gateway and does not wait for anything.
func (s *site) launch(t *testing.T) *gate {
	t.Helper()
	args := append([]string{
		"serve", "--data", s.data, "--runtime", s.runtime, "--mqtt", "127.0.0.1:0", "--https", "off", "--http", "off",
		"--log-level", "error",
	}, s.options...)
	return &gate{s, programtest.Start(t, []string{"TIDEGATE_FAULT_POINT=" + s.point}, program, args...)}
}

// start starts the gateway and waits until it serves.
func (s *site) start(t *testing.T) *gate {
	t.Helper()
	g := s.launch(t)
	programtest.Eventually(t, 20*time.Second, "the gateway starts", func() bool {
		select {
		case <-g.Ended:
			t.Fatal("the gateway ended at its start")
		default:
		}
		return g.Value("control") != ""
	})
	return g
}

// address is where MQTT is served.
func (g *gate) address() string { return g.Value("mqtt") }

// cut is a power cut.
func (g *gate) cut(disk *storagetest.Disk) {
	disk.CutPower(g.Command.Process)
	<-g.Ended
}

// stopAt makes the gateway stop at a point of a file that fits the pattern, until forget.
func (s *site) stopAt(t *testing.T, name, pattern string) {
	t.Helper()
	// Renamed into place, so that nobody reads half of it.
	err := os.WriteFile(s.point+".new", []byte(name+" "+pattern), 0o600)
	if err = errors.Join(err, os.Rename(s.point+".new", s.point)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.forget)
}

// forget takes stopAt back.
func (s *site) forget() { _ = os.Remove(s.point) }

// awaitStop waits until the gateway has stopped itself.
func (g *gate) awaitStop(t *testing.T) {
	t.Helper()
	programtest.Eventually(t, 10*time.Second, "the gateway gets to the point", func() bool { return storagetest.Frozen(g.Command.Process) })
}
