package poller

import (
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// wasSilent reports whether a poll of a device ended without an answer in time. A driver that measures its devices knows;
// else it is told from the time that the poll took: errors come sooner than the timeout.
func (p *Poller) wasSilent(driver gateway.Driver, d *device, took time.Duration) bool {
	patient, is := driver.(gateway.Patient)
	if !is {
		return took >= p.timeout/2
	}
	patience := patient.Patience(d.Device)
	p.status.patience(d.ID, patience)
	return patience.Silent || took >= p.timeout/2
}

func (s *status) patience(device string, p gateway.Patience) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := s.deviceLocked(device); i >= 0 {
		d := &s.current.Devices[i]
		d.TimeoutMs, d.TurnaroundMs = milliseconds(p.Timeout), milliseconds(p.Turnaround)
	}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
