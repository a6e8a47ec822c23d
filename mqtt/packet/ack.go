package packet

import "github.com/tidegate/tidegate/mqtt"

// ack reads PUBACK, PUBREC, PUBREL and PUBCOMP. In MQTT 5 the code may be missing, and the properties after it: then
// it is Success without properties (MQTT 5, 3.4.2.1).
func (c *cursor) ack() *Ack {
	p := &Ack{Kind: c.packet, PacketID: c.packetID()}
	if c.version == V5 && len(c.b) > 0 {
		p.Code = c.code()
		if len(c.b) > 0 {
			p.ReasonString, p.User = c.reasonProperties(c.packet)
		}
	}
	return p
}

func (w *writer) ack(v Version, p *Ack) {
	flags := byte(0)
	switch p.Kind {
	case PUBACK, PUBREC, PUBCOMP:
	case PUBREL:
		flags = 0x02 // [MQTT-3.6.1-1]
	default:
		w.fail("", "an acknowledgement that is none of PUBACK, PUBREC, PUBREL and PUBCOMP")
		return
	}
	mark := w.start(flags)
	w.packetID(p.PacketID)
	explained := p.ReasonString != "" || len(p.User) > 0
	if v == V5 && (explained || p.Code != mqtt.Success) {
		w.code(p.Code)
		if explained {
			w.propReason(p.ReasonString, p.User)
		}
	}
	w.close(mark, 0)
}
