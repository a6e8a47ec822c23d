package storagetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// shutdownRequest is EXT4_IOC_SHUTDOWN of Linux.
	shutdownRequest = 0x8004587d
	// withoutFlush is its flag that not even the journal is written any more.
	withoutFlush = 2
	// patience bounds every wait for the kernel.
	patience = 10 * time.Second
)

// Disk is an ext4 file system in a file. It is used by one goroutine.
type Disk struct {
	tb    testing.TB
	image string
	path  string
}

// MustMount makes a disk of so many megabytes and mounts it until the test ends. Without permission to mount, the test
// is skipped, or fails with CI=true.
func MustMount(tb testing.TB, megabytes int) *Disk {
	tb.Helper()
	if os.Geteuid() != 0 {
		refuse(tb, "this test mounts file systems, which takes root")
	}
	// TempDir is asked first, so that it is removed after the disk was taken out of it.
	folder := tb.TempDir()
	d := &Disk{tb: tb, image: filepath.Join(folder, "image"), path: filepath.Join(folder, "disk")}
	if err := d.format(int64(megabytes) << 20); err != nil {
		tb.Fatalf("make a disk: %v", err)
	}
	if err := d.mount(); err != nil {
		refuse(tb, "this machine does not permit to mount: "+err.Error())
	}
	tb.Cleanup(d.remove)
	return d
}

func refuse(tb testing.TB, reason string) {
	tb.Helper()
	if os.Getenv("CI") == "true" {
		tb.Fatal(reason)
	}
	tb.Skip(reason)
}

func (d *Disk) format(size int64) error {
	if err := os.WriteFile(d.image, nil, 0o600); err != nil {
		return err
	}
	if err := os.Truncate(d.image, size); err != nil {
		return err
	}
	if err := os.Mkdir(d.path, 0o700); err != nil {
		return err
	}
	return run("mkfs.ext4", "-q", "-F", "-m0", d.image)
}

// mount lets mount find a free loop device; it goes with the mount.
func (d *Disk) mount() error { return run("mount", "-o", "loop,noatime", d.image, d.path) }

// run knows where system programs lie, also when the user's PATH does not.
func run(name string, args ...string) error {
	path, err := exec.LookPath(name)
	if err != nil {
		path = filepath.Join("/usr/sbin", name)
	}
	output, err := exec.CommandContext(context.Background(), path, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, output)
	}
	return nil
}

// Path is the folder where the disk is mounted.
func (d *Disk) Path() string { return d.path }

// CutPower stops the processes in the middle of what they do, takes the disk away from them as a power cut would, ends
// them, and mounts the disk again. Their owners still have to wait for them. Whatever a process told anybody before
// CutPower began, it told before the cut; it tells nothing afterwards.
func (d *Disk) CutPower(processes ...*os.Process) {
	d.tb.Helper()
	for _, p := range processes {
		d.must("stop a process", Freeze(p))
	}
	d.must("shut the disk down", d.shutdown())
	for _, p := range processes {
		d.must("end a process", p.Kill())
	}
	d.must("unmount", d.unmount())
	d.must("mount again", d.mount())
}

func (d *Disk) must(what string, err error) {
	d.tb.Helper()
	if err != nil {
		d.tb.Fatalf("%s: %v", what, err)
	}
}

func (d *Disk) shutdown() (failed error) {
	folder, err := os.Open(d.path)
	if err != nil {
		return err
	}
	defer func() { failed = errors.Join(failed, folder.Close()) }()
	return unix.IoctlSetPointerInt(int(folder.Fd()), shutdownRequest, withoutFlush)
}

// unmount waits for processes that have been killed but still have files open.
func (d *Disk) unmount() error {
	var err error
	waited := poll(func() bool {
		err = unix.Unmount(d.path, 0)
		return !errors.Is(err, unix.EBUSY)
	})
	return errors.Join(err, waited)
}

func (d *Disk) remove() {
	err := d.unmount()
	if errors.Is(err, unix.EINVAL) { // not mounted: a cut failed in its middle
		return
	}
	if err != nil {
		// A test that failed may leave a process behind; the mount must not outlive the test.
		err = errors.Join(err, unix.Unmount(d.path, unix.MNT_DETACH))
		d.tb.Errorf("unmount %s: %v", d.path, err)
	}
}

// poll asks until done says yes.
func poll(done func() bool) error {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			return fmt.Errorf("not within %s", patience)
		}
	}
	return nil
}
