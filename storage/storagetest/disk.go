package storagetest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Disk is a small ext4 file system in a file, mounted until the end of the test.
type Disk struct {
	tb     testing.TB
	image  string
	folder string
}

// NewDisk makes and mounts a file system of so many megabytes. It skips the test where mounting is not permitted.
func NewDisk(tb testing.TB, megabytes int64) *Disk {
	tb.Helper()
	if os.Geteuid() != 0 {
		Impossible(tb, "only root can mount a disk to break")
	}
	base := tb.TempDir()
	d := &Disk{tb: tb, image: filepath.Join(base, "image"), folder: filepath.Join(base, "disk")}
	if err := errors.Join(os.Mkdir(d.folder, 0o700), os.WriteFile(d.image, nil, 0o600), os.Truncate(d.image, megabytes<<20)); err != nil {
		tb.Fatal(err)
	}
	if err := run("mkfs.ext4", "-q", "-F", "-m0", "-E", "lazy_itable_init=0,lazy_journal_init=0,nodiscard", d.image); err != nil {
		Impossible(tb, "make a file system: %v", err)
	}
	if err := d.mount(); err != nil {
		Impossible(tb, "mount a file system: %v", err)
	}
	tb.Cleanup(d.cleanUp)
	return d
}

func run(name string, args ...string) error {
	output, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, output)
	}
	return nil
}

// mount sets the loop device up and frees it with the unmounting.
func (d *Disk) mount() error {
	return run("mount", "-o", "loop,noatime,errors=remount-ro", d.image, d.folder)
}

func (d *Disk) cleanUp() {
	if err := d.unmount(); err != nil {
		d.tb.Error(err)
		_ = syscall.Unmount(d.folder, unix.MNT_DETACH)
	}
}

// unmount waits for files of a process that was just killed to be closed.
func (d *Disk) unmount() error {
	var err error
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); <-time.After(20 * time.Millisecond) {
		if err = run("umount", d.folder); err == nil {
			return nil
		}
	}
	return err
}

// Folder is where the file system is mounted.
func (d *Disk) Folder() string { return d.folder }

// Free is how many bytes are left.
func (d *Disk) Free() int64 {
	d.tb.Helper()
	var stat syscall.Statfs_t
	if err := syscall.Statfs(d.folder, &stat); err != nil {
		d.tb.Fatal(err)
	}
	return int64(stat.Bavail) * stat.Bsize
}

func (d *Disk) filler() string { return filepath.Join(d.folder, "filler") }

// Fill takes all but so many bytes, as another program would.
func (d *Disk) Fill(rest int64) {
	d.tb.Helper()
	file, err := os.OpenFile(d.filler(), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		d.tb.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // what counts is that the blocks are taken
	size := int64(0)
	for step := int64(16 << 20); step >= 4096; {
		if d.Free()-rest < step || syscall.Fallocate(int(file.Fd()), 0, size, step) != nil {
			step /= 2
			continue
		}
		size += step
	}
	if err := file.Sync(); err != nil {
		d.tb.Fatal(err)
	}
}

// MakeRoom gives back what Fill has taken.
func (d *Disk) MakeRoom() {
	d.tb.Helper()
	if err := os.Remove(d.filler()); err != nil {
		d.tb.Fatal(err)
	}
	syscall.Sync()
}

// Break is what the kernel does when it finds an error in the file system: from now on it can only be read, until Renew.
func (d *Disk) Break() {
	d.tb.Helper()
	source, err := exec.Command("findmnt", "-no", "SOURCE", d.folder).Output()
	if err != nil {
		d.tb.Fatal(err)
	}
	trigger := filepath.Join("/sys/fs/ext4", filepath.Base(strings.TrimSpace(string(source))), "trigger_fs_error")
	if err := os.WriteFile(trigger, []byte("1"), 0); err != nil {
		Impossible(d.tb, "make the disk read-only: %v", err)
	}
}

// shutdown and noLogFlush are EXT4_IOC_SHUTDOWN and its flag for losing what was not synced.
const (
	shutdown   = 0x8004587d
	noLogFlush = 2
)

// CutPower stops a process and loses everything that was not synced; the process is killed, and the disk is there again.
func (d *Disk) CutPower(process *os.Process) {
	d.tb.Helper()
	// Without stopping it first, a program that does not look at errors goes on in the gap.
	if err := process.Signal(syscall.SIGSTOP); err != nil {
		d.tb.Fatal(err)
	}
	folder, err := os.Open(d.folder)
	if err != nil {
		d.tb.Fatal(err)
	}
	failed := unix.IoctlSetPointerInt(int(folder.Fd()), shutdown, noLogFlush)
	if err := errors.Join(failed, folder.Close(), process.Kill()); err != nil {
		d.tb.Fatal(err)
	}
	d.Renew()
}

// Renew mounts the disk again. Nobody may have a file of it open.
func (d *Disk) Renew() {
	d.tb.Helper()
	if err := d.unmount(); err != nil {
		d.tb.Fatal(err)
	}
	// What the kernel has marked as broken is mended; e2fsck says 1 or 2 when it has done that.
	if err := run("e2fsck", "-p", d.image); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() > 2 {
			d.tb.Fatal(err)
		}
	}
	if err := d.mount(); err != nil {
		d.tb.Fatal(err)
	}
}
