package storagetest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// device is the name of the block device, such as loop3.
func (d *Disk) device() string {
	d.tb.Helper()
	source, err := exec.CommandContext(d.tb.Context(), "findmnt", "-no", "SOURCE", d.path).Output()
	d.must("find the device", err)
	return filepath.Base(strings.TrimSpace(string(source)))
}

// Written is how many bytes were written to the device since it was made, with the journal and all else that a file
// system writes besides. It writes first what is still in memory.
func (d *Disk) Written() (bytes int64) {
	d.tb.Helper()
	folder, err := os.Open(d.path)
	d.must("open the disk", err)
	defer func() { _ = folder.Close() }()
	d.must("write what is in memory", unix.Syncfs(int(folder.Fd())))
	text, err := os.ReadFile(filepath.Join("/sys/block", d.device(), "stat"))
	d.must("read the statistics of the device", err)
	var ignored, sectors int64
	// Reads done, merged, sectors, milliseconds; writes done, merged, sectors.
	_, err = fmt.Sscan(string(text), &ignored, &ignored, &ignored, &ignored, &ignored, &ignored, &sectors)
	d.must("read the statistics of the device", err)
	return sectors * 512
}
