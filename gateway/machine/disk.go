package machine

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tidegate/tidegate/gateway"
)

func (m *Machine) disk() *gateway.SystemDisk {
	var fs unix.Statfs_t
	if err := unix.Statfs(m.data, &fs); err != nil {
		return nil
	}
	disk := &gateway.SystemDisk{Path: m.data, Total: int64(fs.Blocks) * fs.Bsize, Free: int64(fs.Bavail) * fs.Bsize}
	if target, err := os.Readlink(m.device()); err == nil {
		disk.Device = filepath.Base(target)
	}
	return disk
}

// device is the folder of the block device below the data directory; one that does not exist where there is none.
func (m *Machine) device() string {
	var stat unix.Stat_t
	if err := unix.Stat(m.data, &stat); err != nil {
		return ""
	}
	return filepath.Join(m.root, "sys/dev/block", fmt.Sprintf("%d:%d", unix.Major(stat.Dev), unix.Minor(stat.Dev)))
}

// ownWrites is what this process had written to disks since it began.
func (m *Machine) ownWrites() (bytes int64, known bool) {
	bytes, known = m.values("proc/self/io")["write_bytes"]
	return bytes, known
}

func (m *Machine) writes(now time.Time) *gateway.SystemWritten {
	bytes, known := m.ownWrites()
	if !known {
		return nil
	}
	written := &gateway.SystemWritten{Since: m.started.UTC(), Bytes: bytes - m.written}
	written.PerDay = perDay(written.Bytes, now.Sub(m.started))
	if sectors, counted := m.sectors(); counted {
		const sector = 512 // bytes, whatever the device has
		written.DevicePerDay = perDay(sectors*sector, m.clock.SinceBoot())
	}
	return written
}

func perDay(bytes int64, span time.Duration) *int64 {
	if span < time.Minute {
		return nil
	}
	day := int64(float64(bytes) * float64(24*time.Hour) / float64(span))
	return &day
}

// sectors were written to the device since the boot: the seventh number of its stat.
func (m *Machine) sectors() (count int64, known bool) {
	relative, err := filepath.Rel(m.root, filepath.Join(m.device(), "stat"))
	if err != nil {
		return 0, false
	}
	words := m.fields(relative)
	if len(words) < 7 {
		return 0, false
	}
	count, err = strconv.ParseInt(words[6], 10, 64)
	return count, err == nil
}
