package packet

// Append encodes p for a connection of version v at the end of dst, whose memory it may use and grow. What the version
// cannot carry (properties, reason codes) is left out. On an error, an *Error, dst comes back as it was. CONNECT is
// encoded in its own Version.
func Append(dst []byte, v Version, p Packet) ([]byte, error) {
	w := writer{b: dst, packet: p.Type()}
	switch p := p.(type) {
	case *Publish:
		w.publish(v, p)
	case *Ack:
		w.ack(v, p)
	case *Connect:
		w.connect(p)
	case *Connack:
		w.connack(v, p)
	case *Subscribe:
		w.subscribe(v, p)
	case *Suback:
		w.suback(v, p)
	case *Unsubscribe:
		w.unsubscribe(v, p)
	case *Unsuback:
		w.unsuback(v, p)
	case *Ping:
		w.ping(p)
	case *Disconnect:
		w.disconnect(v, p)
	case *Auth:
		w.auth(v, p)
	}
	if w.err != nil {
		return dst, w.err
	}
	return w.b, nil
}

// Decode reads the packet whose fixed header began with the byte header, from its body: everything after the remaining
// length, completely. Byte slices of the packet may alias body; strings do not. An error is an *Error. Version 0 means
// that there was no CONNECT yet: nothing else is accepted [MQTT-3.1.0-1]. CONNECT brings its own version.
func Decode(v Version, header byte, body []byte) (Packet, error) {
	c := cursor{b: body, version: v, packet: Type(header >> 4)}
	return c.decode(header)
}

func (c *cursor) decode(header byte) (Packet, error) {
	c.header(header)
	p := c.body(header)
	if len(c.b) > 0 {
		c.malformed("", "bytes after its end")
	}
	if c.err != nil {
		return nil, c.err
	}
	return p, nil
}

func (c *cursor) body(header byte) Packet {
	switch c.packet {
	case CONNECT:
		return c.connect()
	case CONNACK:
		return c.connack()
	case PUBLISH:
		return c.publish(header)
	case PUBACK, PUBREC, PUBREL, PUBCOMP:
		return c.ack()
	case SUBSCRIBE:
		return c.subscribe()
	case SUBACK:
		return c.suback()
	case UNSUBSCRIBE:
		return c.unsubscribe()
	case UNSUBACK:
		return c.unsuback()
	case PINGREQ, PINGRESP:
		return &Ping{Response: c.packet == PINGRESP}
	case DISCONNECT:
		return c.disconnect()
	default: // header has refused type 0
		return c.auth()
	}
}

// header checks what can be said after the first byte: the type, and its flags (MQTT 5, table 2-2) [MQTT-2.1.3-1].
func (c *cursor) header(header byte) {
	flags := header & 0x0F
	switch c.packet {
	case 0:
		c.malformed("", "the reserved packet type")
	case PUBLISH:
		c.publishFlags(flags)
	case PUBREL, SUBSCRIBE, UNSUBSCRIBE: // [MQTT-3.6.1-1] [MQTT-3.8.1-1] [MQTT-3.10.1-1]
		// MQTT 3.1 marks repetitions of these with DUP.
		if flags != 0x02 && (c.version != V31 || flags != 0x0A) {
			c.malformed("MQTT-2.1.3-1", "reserved flags of the fixed header")
		}
	default: // [MQTT-3.14.1-1] [MQTT-3.15.1-1]
		if flags != 0 {
			c.malformed("MQTT-2.1.3-1", "reserved flags of the fixed header")
		}
	}
	switch {
	case c.packet != CONNECT && c.version == 0:
		c.protocol("MQTT-3.1.0-1", "the first packet is not CONNECT")
	case c.packet == AUTH && c.version != V5:
		c.protocol("", "a packet of MQTT 5 on a connection of an earlier version")
	}
}

// start writes the first byte and leaves room for the remaining length.
func (w *writer) start(flags byte) (mark int) {
	w.byte(byte(w.packet)<<4 | flags)
	return w.open()
}
