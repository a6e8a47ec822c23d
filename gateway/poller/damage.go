package poller

import "github.com/tidegate/tidegate/gateway"

// countDamage adds what the driver has counted since it was asked last.
func (p *Poller) countDamage(driver gateway.Driver) {
	counter, counts := driver.(gateway.DamageCounter)
	if !counts {
		return
	}
	now := counter.Damaged()
	p.status.damage(now - p.damaged)
	p.damaged = now
}

func (s *status) damage(more uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current.Damaged += more
}
