package faults_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/tidegate/tidegate/storage/storagetest"
)

// pointsOfTheQueue are where the gateway stops. Later is up to 3 ms behind the point, in the middle of what comes there.
var pointsOfTheQueue = []struct {
	name  string
	later bool
}{
	{"commit.before", true},
	{"commit.after", false},
	{"checkpoint.before", true},
	{"checkpoint.after", false},
	{"commit.before", false},
	{"commit.after", true},
	{"checkpoint.before", false},
	{"checkpoint.after", true},
}

// TestPowerCutAtPointsOfTheQueue: the gateway stops in its own commit or checkpoint, under load, and the power is cut.
func TestPowerCutAtPointsOfTheQueue(t *testing.T) {
	t.Parallel() // a disk and a gateway of its own
	disk := storagetest.MustMount(t, diskSize)
	r := newRig(t, newSite(t, disk.Path()))
	times := rounds(t, "TIDEGATE_POINTS", 4)
	for i := range times {
		point := pointsOfTheQueue[i%len(pointsOfTheQueue)]
		var later time.Duration
		if point.later {
			later = time.Duration(1+r.random.IntN(3000)) * time.Microsecond
		}
		r.load(func() { r.gate.cutAt(t, disk, point.name, "queue.db", later) })
		r.settle(t)
		if r.report.broken() > 0 {
			t.Fatalf("%s behind %s: %s", later, point.name, r.report.first)
		}
	}
	r.verdict(t, "power cuts at points of commit and checkpoint", times)
}

// cutAt cuts the power when the gateway gets to the point, or so much later.
func (g *gate) cutAt(t *testing.T, disk *storagetest.Disk, point, pattern string, later time.Duration) {
	t.Helper()
	g.stopAt(t, point, pattern)
	g.awaitStop(t)
	g.forget()
	if later > 0 {
		if err := g.Command.Process.Signal(syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
		<-time.After(later)
	}
	g.cut(disk)
}

// TestPowerCutWhenFilesAreMade: at every point of the first start, and in any moment of it. The next start finds nothing,
// or a whole file, never half of one.
func TestPowerCutWhenFilesAreMade(t *testing.T) {
	t.Parallel() // a disk and a gateway of its own
	disk := storagetest.MustMount(t, diskSize)
	for i, c := range []struct{ point, pattern string }{
		{"migration.inside", "config.db.new"},
		{"migration.after", "config.db.new"},
		{"rename.before", "config.db"},
		{"rename.after", "config.db"},
		{"update.before", "config.db"},
		{"rename.before", "config.db.good-*"},
		{"rename.after", "config.db.good-*"},
		{"migration.inside", "queue.db.new"},
		{"migration.after", "queue.db.new"},
		{"rename.before", "queue.db"},
		{"rename.after", "queue.db"},
	} {
		t.Run(c.point+" "+c.pattern, func(t *testing.T) {
			s := newSite(t, filepath.Join(disk.Path(), fmt.Sprint(i)))
			s.stopAt(t, c.point, c.pattern)
			g := s.launch(t)
			g.awaitStop(t)
			s.forget()
			g.cut(disk)
			s.startsWhole(t, disk)
		})
	}
	number := seed(t)
	random := rand.New(rand.NewPCG(number, 0))
	for i := range rounds(t, "TIDEGATE_POINTS", 3) {
		s := newSite(t, filepath.Join(disk.Path(), fmt.Sprint("random", i)), "--https", "127.0.0.1:0")
		wait := time.Duration(random.IntN(200)) * time.Millisecond
		g := s.launch(t)
		<-time.After(wait)
		g.cut(disk)
		if !s.startsWhole(t, disk) {
			t.Fatalf("the power was cut after %s, seed %d", wait, number)
		}
	}
}

// startsWhole starts the gateway and makes it keep something.
func (s *site) startsWhole(t *testing.T, disk *storagetest.Disk) bool {
	t.Helper()
	stage := newStage(t, s.start(t))
	stage.subscribed()
	stage.gate.Kill()
	if aside, _ := filepath.Glob(filepath.Join(s.data, "*.damaged*")); len(aside) > 0 {
		t.Errorf("after a power cut these were taken for damaged: %v", aside)
	}
	disk.Remove(s.data) // the next one has the disk for itself
	return !t.Failed()
}
