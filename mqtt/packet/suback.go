package packet

import "github.com/tidegate/tidegate/mqtt"

func (c *cursor) suback() *Suback {
	p := &Suback{PacketID: c.packetID()}
	if c.version == V5 {
		p.ReasonString, p.User = c.reasonProperties(SUBACK)
		p.Codes = c.codes()
		return p
	}
	p.Codes = c.codes()
	for _, code := range p.Codes {
		if code > mqtt.GrantedQoS2 && code != mqtt.UnspecifiedError {
			c.malformed("MQTT3-3.9.3-2", "a reserved return code")
		}
	}
	return p
}

func (w *writer) suback(v Version, p *Suback) {
	mark := w.start(0)
	w.packetID(p.PacketID)
	if v == V5 {
		w.propReason(p.ReasonString, p.User)
	}
	before := len(w.b)
	w.codes(p.Codes)
	if v != V5 {
		for i, code := range w.b[before:] {
			if mqtt.ReasonCode(code).Failed() {
				w.b[before+i] = byte(mqtt.UnspecifiedError) // the only failure that 3.1.1 knows
			}
		}
	}
	w.close(mark, 0)
}
