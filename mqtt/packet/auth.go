package packet

import "github.com/tidegate/tidegate/mqtt"

// auth is empty when it means success and nothing else (MQTT 5, 3.15.2.1); otherwise it names its method.
func (c *cursor) auth() *Auth {
	p := &Auth{}
	if len(c.b) == 0 {
		return p
	}
	p.Code = c.code()
	for props := c.properties(AUTH); props.next(); {
		switch props.id {
		case propAuthMethod:
			p.Method = c.string()
		case propAuthData:
			p.Data = c.binary()
		case propReasonString:
			p.ReasonString = c.string()
		case propUser:
			p.User = append(p.User, c.user())
		}
	}
	if p.Method == "" {
		c.protocol("", "no authentication method")
	}
	return p
}

func (w *writer) auth(v Version, p *Auth) {
	mark := w.start(0)
	bare := p.Method == "" && p.Code == mqtt.Success && p.Data == nil && p.ReasonString == "" && len(p.User) == 0
	switch {
	case v != V5:
		w.fail("", "a packet of MQTT 5 on a connection of an earlier version")
	case p.Method == "" && !bare:
		w.fail("", "no authentication method")
	}
	if !bare {
		w.code(p.Code)
		props := w.open()
		w.propString(propAuthMethod, p.Method)
		w.propBinary(propAuthData, p.Data)
		w.propString(propReasonString, p.ReasonString)
		w.propUser(p.User)
		w.close(props, 0)
	}
	w.close(mark, 0)
}
