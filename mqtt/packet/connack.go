package packet

import "github.com/tidegate/tidegate/mqtt"

// returnCodes are those of MQTT 3.1.1, table 3.1, by their number.
var returnCodes = [...]mqtt.ReasonCode{
	mqtt.Success, mqtt.UnsupportedProtocolVersion, mqtt.ClientIdentifierNotValid, mqtt.ServerUnavailable,
	mqtt.BadUserNameOrPassword, mqtt.NotAuthorized,
}

// returnCode is what a client of 3.1 or 3.1.1 gets: what it cannot cure by waiting becomes "not authorized", the rest
// "server unavailable".
func returnCode(code mqtt.ReasonCode) byte {
	switch code {
	case mqtt.Success:
		return 0
	case mqtt.UnsupportedProtocolVersion:
		return 1
	case mqtt.ClientIdentifierNotValid:
		return 2
	case mqtt.BadUserNameOrPassword:
		return 4
	case mqtt.NotAuthorized, mqtt.Banned, mqtt.BadAuthenticationMethod, mqtt.TopicNameInvalid, mqtt.PacketTooLarge,
		mqtt.PayloadFormatInvalid, mqtt.RetainNotSupported, mqtt.QoSNotSupported:
		return 5
	default:
		return 3
	}
}

func (c *cursor) connack() *Connack {
	p := &Connack{}
	flags := c.byte()
	// MQTT 3.1 leaves the byte open.
	if c.version != V31 {
		if flags > 1 {
			c.malformed("MQTT-3.2.2-1", "reserved acknowledge flags")
		}
		p.SessionPresent = flags == 1
	}
	if c.version == V5 {
		p.Code = c.code()
		c.connackProperties(p)
	} else {
		p.Code = c.returnCode()
	}
	if p.SessionPresent && p.Code != mqtt.Success {
		c.protocol("MQTT-3.2.2-6", "session present with a refusal")
	}
	return p
}

func (c *cursor) returnCode() mqtt.ReasonCode {
	code := int(c.byte())
	if code >= len(returnCodes) {
		c.malformed("", "a reserved return code")
		return 0
	}
	return returnCodes[code]
}

func (c *cursor) connackProperties(p *Connack) {
	for props := c.properties(CONNACK); props.next(); {
		switch props.id {
		case propSessionExpiry:
			p.SessionExpiry = new(c.uint32())
		case propReceiveMaximum:
			p.ReceiveMaximum = c.positive16()
		case propMaximumQoS:
			p.MaximumQoS = new(mqtt.AtMostOnce)
			if c.flag() { // QoS 2 is not announced: it is what absence means
				*p.MaximumQoS = mqtt.AtLeastOnce
			}
		case propMaximumPacketSize:
			p.MaximumPacketSize = c.positive32()
		case propTopicAliasMaximum:
			p.TopicAliasMaximum = c.uint16()
		case propServerKeepAlive:
			p.ServerKeepAlive = new(c.uint16())
		case propAuthData:
			p.AuthData = c.binary()
		case propUser:
			p.User = append(p.User, c.user())
		default:
			c.connackText(p, props.id)
		}
	}
	c.authRule(p.AuthMethod, p.AuthData)
}

func (c *cursor) connackText(p *Connack, id property) {
	switch id {
	case propRetainAvailable:
		p.RetainUnavailable = !c.flag()
	case propWildcardAvailable:
		p.NoWildcards = !c.flag()
	case propSubscriptionIDs:
		p.NoSubscriptionIDs = !c.flag()
	case propSharedAvailable:
		p.NoShared = !c.flag()
	case propAssignedClientID:
		p.AssignedClientID = c.string()
	case propReasonString:
		p.ReasonString = c.string()
	case propResponseInformation:
		p.ResponseInformation = c.string()
	case propServerReference:
		p.ServerReference = c.string()
	case propAuthMethod:
		p.AuthMethod = c.string()
	}
}

func (w *writer) connack(v Version, p *Connack) {
	if p.SessionPresent && p.Code != mqtt.Success {
		w.fail("MQTT-3.2.2-6", "session present with a refusal")
	}
	mark := w.start(0)
	if p.SessionPresent && v != V31 {
		w.byte(1)
	} else {
		w.byte(0)
	}
	if v == V5 {
		w.code(p.Code)
		w.connackProperties(p)
	} else {
		w.byte(returnCode(p.Code))
	}
	w.close(mark, 0)
}

func (w *writer) connackProperties(p *Connack) {
	if p.AuthMethod == "" && p.AuthData != nil {
		w.fail("", "authentication data without a method")
	}
	mark := w.open()
	w.propUint32(propSessionExpiry, p.SessionExpiry)
	w.propNumber16(propReceiveMaximum, p.ReceiveMaximum)
	if p.MaximumQoS != nil && *p.MaximumQoS < mqtt.ExactlyOnce {
		w.propByte(propMaximumQoS, byte(*p.MaximumQoS))
	}
	w.propFalse(propRetainAvailable, p.RetainUnavailable)
	w.propNumber32(propMaximumPacketSize, p.MaximumPacketSize)
	w.propString(propAssignedClientID, p.AssignedClientID)
	w.propNumber16(propTopicAliasMaximum, p.TopicAliasMaximum)
	w.propString(propReasonString, p.ReasonString)
	w.propUser(p.User)
	w.propFalse(propWildcardAvailable, p.NoWildcards)
	w.propFalse(propSubscriptionIDs, p.NoSubscriptionIDs)
	w.propFalse(propSharedAvailable, p.NoShared)
	if p.ServerKeepAlive != nil { // 0 switches keep alive off, so it is not the same as absent
		w.byte(byte(propServerKeepAlive))
		w.uint16(*p.ServerKeepAlive)
	}
	w.propString(propResponseInformation, p.ResponseInformation)
	w.propString(propServerReference, p.ServerReference)
	w.propString(propAuthMethod, p.AuthMethod)
	w.propBinary(propAuthData, p.AuthData)
	w.close(mark, 0)
}
