package storagetest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/tidegate/tidegate/storage/storagetest"
)

// TestCutPowerLosesWhatWasNotSynced: else a proof with this disk would prove nothing.
func TestCutPowerLosesWhatWasNotSynced(t *testing.T) {
	disk := storagetest.MustMount(t, 16)
	kept, lost := filepath.Join(disk.Path(), "kept"), filepath.Join(disk.Path(), "lost")
	write(t, kept, true)
	write(t, lost, false)
	disk.CutPower()
	if text, err := os.ReadFile(kept); err != nil || string(text) != "text" {
		t.Errorf("the synced file holds %q: %v", text, err)
	}
	if text, err := os.ReadFile(lost); err == nil && string(text) == "text" {
		t.Error("a file survived that was not synced")
	}
}

// TestRemoveOutlivesACut: else what earlier rounds of a test have left fills the disk.
func TestRemoveOutlivesACut(t *testing.T) {
	disk := storagetest.MustMount(t, 16)
	folder := filepath.Join(disk.Path(), "folder")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder, "file"), true)
	disk.Remove(folder)
	disk.CutPower()
	if _, err := os.Stat(folder); !os.IsNotExist(err) {
		t.Errorf("it is there again: %v", err)
	}
}

func write(t *testing.T, path string, sync bool) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = file.WriteString("text"); err != nil {
		t.Fatal(err)
	}
	if sync {
		if err := file.Sync(); err != nil {
			t.Fatal(err)
		}
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestCutPowerEndsTheProcess that was writing, and gives the disk back.
func TestCutPowerEndsTheProcess(t *testing.T) {
	disk := storagetest.MustMount(t, 16)
	writer := exec.CommandContext(t.Context(), "sh", "-c", "while :; do echo more >> file; done")
	writer.Dir = disk.Path()
	if err := writer.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- writer.Wait() }()
	disk.CutPower(writer.Process)
	select {
	case err := <-ended:
		if err == nil {
			t.Error("the process ended in peace")
		}
	case <-time.After(5 * time.Second):
		t.Error("the process survived")
	}
	write(t, filepath.Join(disk.Path(), "after"), true)
}
