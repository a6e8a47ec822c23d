package packet

import "github.com/tidegate/tidegate/mqtt"

// disconnect may end before the code and before the properties in MQTT 5 (3.14.2.1), and is empty up to 3.1.1.
func (c *cursor) disconnect() *Disconnect {
	p := &Disconnect{}
	if c.version != V5 || len(c.b) == 0 {
		return p
	}
	p.Code = c.code()
	if len(c.b) == 0 {
		return p
	}
	for props := c.properties(DISCONNECT); props.next(); {
		switch props.id {
		case propSessionExpiry:
			p.SessionExpiry = new(c.uint32())
		case propReasonString:
			p.ReasonString = c.string()
		case propServerReference:
			p.ServerReference = c.string()
		case propUser:
			p.User = append(p.User, c.user())
		}
	}
	return p
}

func (w *writer) disconnect(v Version, p *Disconnect) {
	mark := w.start(0)
	explained := p.SessionExpiry != nil || p.ReasonString != "" || p.ServerReference != "" || len(p.User) > 0
	if v == V5 && (explained || p.Code != mqtt.Success) {
		w.code(p.Code)
		if explained {
			props := w.open()
			w.propUint32(propSessionExpiry, p.SessionExpiry)
			w.propString(propReasonString, p.ReasonString)
			w.propString(propServerReference, p.ServerReference)
			w.propUser(p.User)
			w.close(props, 0)
		}
	}
	w.close(mark, 0)
}
