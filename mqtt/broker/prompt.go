package broker

import "time"

// promptness is how long the receiver of a session takes to acknowledge at QoS 1. One delivery at a time is watched.
type promptness struct {
	watched *delivery
	since   time.Time
	usual   time.Duration
}

// promptEnough: a receiver that takes longer gains nothing from messages that are held.
const promptEnough = holdTime / 2

// isPrompt reports whether the receiver is here and acknowledges soon.
func (s *session) isPrompt(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.link != nil && !s.spilledLocked() && s.promptness.isPrompt(now)
}

func (p *promptness) isPrompt(now time.Time) bool {
	return p.usual < promptEnough && (p.watched == nil || now.Sub(p.since) < promptEnough)
}

// begin watches a delivery for a receiver who is here.
func (p *promptness) begin(d *delivery) {
	if p.watched == nil {
		p.watched, p.since = d, time.Now()
	}
}

// end is told of each delivery that is over.
func (p *promptness) end(d *delivery) {
	if p.watched == d {
		p.usual += (time.Since(p.since) - p.usual) / 4
		p.watched = nil
	}
}
