package storagetest

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"

	"golang.org/x/sys/unix"
)

func (d *Disk) filler() string { return filepath.Join(d.path, "filler") }

// Free is how many bytes are left.
func (d *Disk) Free() int64 {
	d.tb.Helper()
	var stat unix.Statfs_t
	d.must("look for free space", unix.Statfs(d.path, &stat))
	return int64(stat.Bavail) * int64(stat.Bsize)
}

// Fill takes all that is left at the moment, as another program would; not what is given back meanwhile.
func (d *Disk) Fill() {
	d.tb.Helper()
	file, err := os.OpenFile(d.filler(), os.O_CREATE|os.O_WRONLY, 0o600)
	d.must("fill the disk", err)
	size, all := int64(0), d.Free()
	for step := int64(16 << 20); step >= 4096; {
		if size+step > all || unix.Fallocate(int(file.Fd()), 0, size, step) != nil {
			step /= 2
			continue
		}
		size += step
	}
	d.must("fill the disk", errors.Join(file.Sync(), file.Close()))
}

// MakeRoom gives back what Fill has taken.
func (d *Disk) MakeRoom() {
	d.tb.Helper()
	// A file system frees nothing for good before it is synced.
	d.Remove(d.filler())
}

// Remove removes a file, or a folder with all that is in it, for good: without a sync the next cut of the power brings it
// back, when it comes before anybody else's sync.
func (d *Disk) Remove(path string) {
	d.tb.Helper()
	d.must("remove "+path, errors.Join(os.RemoveAll(path), d.sync()))
}

func (d *Disk) sync() (failed error) {
	folder, err := os.Open(d.path)
	if err != nil {
		return err
	}
	defer func() { failed = errors.Join(failed, folder.Close()) }()
	return unix.Syncfs(int(folder.Fd()))
}

// Break does what the kernel does when it finds an error in the file system: from now on it can only be read, until
// Renew.
func (d *Disk) Break() {
	d.tb.Helper()
	d.must("choose what an error does", run("mount", "-o", "remount,errors=remount-ro", d.path))
	if err := os.WriteFile(filepath.Join("/sys/fs/ext4", d.device(), "trigger_fs_error"), []byte("1"), 0); err != nil {
		refuse(d.tb, "this kernel does not make a file system read-only: "+err.Error())
	}
}

// Renew mounts a broken disk again, after a check of the file system that mends the mark of the error. Nobody may have
// a file of it open.
func (d *Disk) Renew() {
	d.tb.Helper()
	d.must("unmount", d.unmount())
	var exit *exec.ExitError
	// 1 says that something was mended.
	if err := run("e2fsck", "-p", d.image); err != nil && (!errors.As(err, &exit) || exit.ExitCode() > 1) {
		d.must("check the file system", err)
	}
	d.must("mount again", d.mount())
}
