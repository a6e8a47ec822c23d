package line

import (
	"encoding/hex"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// eachParameter gives the parameters of an address to take, each once.
func eachParameter(u *url.URL, take func(name, text string) error) error {
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return urlErrorf("%q is not readable: use ?baud=9600&parity=N&data=8&stop=1", u.RawQuery)
	}
	for name, values := range query {
		if len(values) != 1 {
			return urlErrorf("%q is there %d times", name, len(values))
		}
		if err := take(name, values[0]); err != nil {
			return err
		}
	}
	return nil
}

// defaultPorts are those of Modbus/TCP and of Modbus/TCP Security.
var defaultPorts = map[Address]string{{Protocol: ModbusTCP}: "502", {Protocol: ModbusTCP, Carrier: TLS}: "802"}

func (a *Address) parseHost(u *url.URL) error {
	port, host := u.Port(), u.Hostname()
	if port == "" {
		port = defaultPorts[*a]
	}
	number, err := strconv.ParseUint(port, 10, 16)
	switch {
	case host == "" && a.Carrier != Incoming:
		return urlErrorf("the address of the device is missing: use %s://192.168.0.10:%d", u.Scheme, max(number, 1))
	case port == "" && host == "":
		return urlErrorf("the port to listen at is missing: use %s://:9000", u.Scheme)
	case port == "":
		return urlErrorf("the port is missing: use %s://%s:4001", u.Scheme, host)
	case err != nil || number == 0:
		return urlErrorf("port %q is not between 1 and 65535", port)
	case u.Path != "" && u.Path != "/":
		return urlErrorf("%q after the port means nothing here", u.Path)
	case u.User != nil:
		return urlErrorf("a user name means nothing here")
	}
	if _, err := netip.ParseAddr(host); err != nil && host != "" && a.Carrier == Incoming {
		return urlErrorf("%q is not an address of this machine to listen at: use %s://:%s for all of them", host, u.Scheme, port)
	}
	a.Host = net.JoinHostPort(host, port)
	return eachParameter(u, a.networkParameter)
}

func (a *Address) networkParameter(name, text string) (err error) {
	switch {
	case name == "echo" && a.Protocol != ModbusTCP && a.Protocol != Lines:
		a.Echo, err = onOff(name, text)
	case name == "telegram" || name == "request":
		return a.talk(name, text)
	case name == "dialogue":
		return urlErrorf("a dialogue changes the line, so it needs a serial port of this machine")
	case name == "id" && a.Carrier == Incoming:
		a.Caller.ID, err = callerID(text)
	case name == "from" && a.Carrier == Incoming:
		a.Caller.From, err = callerPlace(text)
	case a.Carrier == Incoming:
		return urlErrorf("there is no parameter %q: a device that dials in has id and from", name)
	default:
		return urlErrorf("%q means nothing for this kind of network connection", name)
	}
	return err
}

// maxCallerID bounds what a device may have to say about itself.
const maxCallerID = 64

// callerID is a text, or bytes as 0x with two digits each.
func callerID(text string) (string, error) {
	if digits, isHex := strings.CutPrefix(text, "0x"); isHex {
		data, err := hex.DecodeString(digits)
		if err != nil {
			return "", urlErrorf("id %q is not readable: after 0x come two hexadecimal digits for each byte", text)
		}
		text = string(data)
	}
	if text == "" || len(text) > maxCallerID {
		return "", urlErrorf("an id has 1 to %d bytes", maxCallerID)
	}
	return text, nil
}

func callerPlace(text string) (netip.Prefix, error) {
	if single, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(single.Unmap(), single.Unmap().BitLen()), nil
	}
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return prefix, urlErrorf("from %q is not an address or a network: use 10.8.0.5 or 10.8.0.0/24", text)
	}
	return prefix.Masked(), nil
}

func onOff(name, text string) (bool, error) {
	if text != "on" && text != "off" {
		return false, urlErrorf("%s %q is not on or off", name, text)
	}
	return text == "on", nil
}

func (a *Address) parameter(name, text string) (err error) {
	switch name {
	case "baud":
		a.Baud, err = between(name, text, 50, 4_000_000)
	case "parity":
		if text != "N" && text != "E" && text != "O" {
			return urlErrorf("parity %q is not N, E or O", text)
		}
		a.Parity = Parity(text[0])
	case "data":
		a.DataBits, err = between("data", text, 7, 8)
	case "stop":
		a.StopBits, err = between("stop", text, 1, 2)
	case "telegram", "dialogue", "request":
		return a.talk(name, text)
	case "echo", "low_latency", "rs485", "rts_before", "rts_after", "rts_inverted":
		return a.wiring(name, text)
	default:
		return urlErrorf("there is no parameter %q: a serial port has baud, parity, data, stop, rs485, rts_before, "+
			"rts_after, rts_inverted, echo and low_latency, and with line:// also telegram, dialogue and request", name)
	}
	return err
}

// wiring is what depends on the adapter and not on the device.
func (a *Address) wiring(name, text string) (err error) {
	switch name {
	case "echo":
		if a.Protocol == Lines {
			return urlErrorf("nothing is sent to devices that speak by themselves, so there is no echo")
		}
		a.Echo, err = onOff(name, text)
	case "low_latency":
		a.LowLatency, err = onOff(name, text)
	case "rs485":
		a.RS485.On, err = onOff(name, text)
	case "rts_inverted":
		a.RS485.Inverted, err = onOff(name, text)
	case "rts_before":
		a.RS485.Before, err = milliseconds(name, text)
	case "rts_after":
		a.RS485.After, err = milliseconds(name, text)
	}
	return err
}

func milliseconds(name, text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > 100*time.Millisecond || d%time.Millisecond != 0 {
		return 0, urlErrorf("%s %q is not between 0ms and 100ms", name, text)
	}
	return d, nil
}

func between(name, text string, low, high int) (int, error) {
	number, err := strconv.Atoi(text)
	if err != nil || number < low || number > high {
		return 0, urlErrorf("%s %q is not between %d and %d", name, text, low, high)
	}
	return number, nil
}
