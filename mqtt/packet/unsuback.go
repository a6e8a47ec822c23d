package packet

// unsuback has no codes up to 3.1.1: it can only say yes.
func (c *cursor) unsuback() *Unsuback {
	p := &Unsuback{PacketID: c.packetID()}
	if c.version == V5 {
		p.ReasonString, p.User = c.reasonProperties(UNSUBACK)
		p.Codes = c.codes()
	}
	return p
}

func (w *writer) unsuback(v Version, p *Unsuback) {
	mark := w.start(0)
	w.packetID(p.PacketID)
	if v == V5 {
		w.propReason(p.ReasonString, p.User)
		w.codes(p.Codes)
	}
	w.close(mark, 0)
}
