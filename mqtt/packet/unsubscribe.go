package packet

func (c *cursor) unsubscribe() *Unsubscribe {
	p := &Unsubscribe{PacketID: c.packetID()}
	if c.version == V5 {
		for props := c.properties(UNSUBSCRIBE); props.next(); {
			p.User = append(p.User, c.user()) // it can have no other
		}
	}
	if len(c.b) == 0 {
		c.protocol("MQTT-3.10.3-2", "no topic filters")
	}
	for len(c.b) > 0 {
		p.Filters = append(p.Filters, c.topicFilter()) // [MQTT-3.10.3-1]
	}
	return p
}

func (w *writer) unsubscribe(v Version, p *Unsubscribe) {
	mark := w.start(0x02) // [MQTT-3.10.1-1]
	w.packetID(p.PacketID)
	if v == V5 {
		props := w.open()
		w.propUser(p.User)
		w.close(props, 0)
	}
	if len(p.Filters) == 0 {
		w.fail("MQTT-3.10.3-2", "no topic filters")
	}
	for _, filter := range p.Filters {
		w.topicFilter(filter)
	}
	w.close(mark, 0)
}
