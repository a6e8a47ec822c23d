package modbus

import (
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// Waiting for a device that is gone costs the wire the whole timeout, while most devices answer in a twentieth of it. So a
// read waits for the first byte as long as the unit usually needs, several times over. When that was not enough the question
// is repeated with the user's timeout, so nothing is lost that would have come. A unit that stays silent is asked with up to
// four times what it needed; one that never answered, with what the slowest other one on the wire needs. Every fourth request
// has the user's timeout even so, in case it comes back slower. Writes, and what people send, are not repeated and have the
// user's timeout.

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
	// fullPatience: one in so many requests to a unit that stays silent has the user's timeout. Not at the same time for all
	// units of a wire, which may have died together.
	fullPatience  = 4
	mostDoublings = 2
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

// need is what the unit usually needs, several times over.
func (p *tempo) need() time.Duration {
	return max(patienceFactor*p.turnaround+patienceLeast, 2*p.longest)
}

// timeoutOf is how long a unit has for the first byte, never more than the user's timeout.
func (b *bus) timeoutOf(unit byte) time.Duration {
	p := b.tempoOf(unit)
	if p.silences == 1 || p.silences > fullPatience && (p.silences+int(unit))%fullPatience == 0 {
		return b.timeout
	}
	need := p.need()
	if !p.known {
		if need = b.mostNeed(); p.silences == 0 || need == 0 {
			return b.timeout
		}
	}
	for range min(max(0, p.silences-1), mostDoublings) {
		need *= 2
	}
	return min(need, b.timeout)
}

// mostNeed is what the slowest unit on the wire needs that has ever answered; 0 for none.
func (b *bus) mostNeed() (most time.Duration) {
	for _, p := range b.units {
		if p.known {
			most = max(most, p.need())
		}
	}
	return most
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
	return gateway.Patience{Timeout: d.bus.timeoutOf(byte(device.Unit)), Turnaround: p.turnaround, Silent: p.silences > 0}
}
