package faults_test

import (
	"testing"
	"time"

	"github.com/tidegate/tidegate/storage/storagetest"
)

// TestPowerCut: the power fails at any moment of the same load.
func TestPowerCut(t *testing.T) {
	t.Parallel() // a disk and a gateway of its own
	disk := storagetest.MustMount(t, diskSize)
	times := rounds(t, "TIDEGATE_CUTS", 10)
	r := newRig(t, newSite(t, disk.Path()))
	done := r.run(t, times, func() { r.gate.cut(disk) })
	r.verdict(t, "power cuts", done)
}

// TestPowerCutLosesAtNormal: the same at durability normal has to lose, or the test above proves nothing.
func TestPowerCutLosesAtNormal(t *testing.T) {
	disk := storagetest.MustMount(t, diskSize)
	r := newRig(t, newSite(t, disk.Path(), "--durability", "normal"))
	done := r.run(t, 10, func() { r.gate.cut(disk) })
	r.report.print(t, "power cuts at durability normal", done, r.seed, time.Since(r.began))
	if r.report.lost+r.report.sessions+r.report.subscriptions == 0 {
		t.Error("nothing was lost at durability normal: a power cut here does not do what it says")
	}
}
