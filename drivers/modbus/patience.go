package modbus

import (
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// Waiting for a device that is gone costs the wire the whole timeout, while most devices answer in a twentieth of it. So a
// read waits for the first byte as long as the unit usually needs, several times over. When that was not enough the question
// is repeated with the user's timeout, so nothing is lost that would have come; a unit that stays silent is asked with
// timeouts that double up to the user's. Writes, and what people send, are not repeated and have the user's timeout.

// tempo is what is known about how fast one unit answers.
type tempo struct {
	known bool
	// turnaround is how long the unit thinks, smoothed; longest is the most of late, which fades. A slow answer is soon made
	// up for by quick ones: what made it slow was seldom the unit, and the plan of the requests goes by this.
	turnaround, longest time.Duration
	// silences counts requests in a row without any answer.
	silences int
}

const (
	patienceFactor = 4
	patienceLeast  = 50 * time.Millisecond
	// fading is how slowly the longest turnaround is forgotten: by half in some 40 answers.
	fading = 64
)

func (p *tempo) took(turnaround time.Duration) {
	turnaround = max(0, turnaround)
	if !p.known {
		p.known, p.turnaround = true, turnaround
	}
	if turnaround < p.turnaround {
		p.turnaround = (p.turnaround + turnaround) / 2
	} else {
		p.turnaround += (turnaround - p.turnaround) / 8
	}
	p.longest = max(turnaround, p.longest-p.longest/fading)
}

// timeout is how long the unit has for the first byte, never more than the user's.
func (p *tempo) timeout(users time.Duration) time.Duration {
	if !p.known || p.silences == 1 {
		return users
	}
	own := max(patienceFactor*p.turnaround+patienceLeast, 2*p.longest)
	for n := p.silences; n > 1 && own < users; n-- {
		own *= 2
	}
	return min(own, users)
}

// tempoOf finds what is known about a unit.
func (b *bus) tempoOf(unit byte) *tempo {
	if b.units[unit] == nil {
		b.units[unit] = &tempo{}
	}
	return b.units[unit]
}

var _ gateway.Patient = (*Driver)(nil)

// Patience implements gateway.Patient.
func (d *Driver) Patience(device gateway.Device) gateway.Patience {
	p := d.bus.tempoOf(byte(device.Unit))
	return gateway.Patience{Timeout: p.timeout(d.bus.timeout), Turnaround: p.turnaround, Silent: p.silences > 0}
}
