package bridge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/client"
)

// servers are the addresses of the other broker: the first one and its backup, if there is one.
func (b *Bridge) servers() []string {
	if b.config.Link.Backup == "" {
		return []string{b.config.URL}
	}
	return []string{b.config.URL, b.config.Link.Backup}
}

// server is the address of the next attempt, or of the connection; only Run uses it.
func (b *Bridge) server() string {
	if b.moved != "" {
		return b.moved
	}
	return b.servers()[b.chosen]
}

// mostReferences is how many references are followed in a row: a site needs one, its load balancer another one.
const mostReferences = 4

// settledIn is how long a server keeps us that does not send us round.
const settledIn = time.Minute

// errReferences is for servers that send us to each other.
var errReferences = errors.New("servers send us to each other")

// chooseServer decides after a failure who is asked next, and says what went wrong.
func (b *Bridge) chooseServer(err error) error {
	if moved, is := errors.AsType[*client.Moved](err); is {
		if next, ok := reference(b.server(), moved.Server); ok && next != b.server() {
			return b.follow(next, moved)
		}
	}
	if b.wasUp {
		return err
	}
	// Who sent us there may know better by now, unless it said that this is for good.
	if b.moved != "" && !b.movedForGood {
		b.moved = ""
		return err
	}
	b.takeNextServer()
	return err
}

// follow goes where a server sent us, unless they send us round: then the servers of the settings are asked again, after a
// pause that grows.
func (b *Bridge) follow(next string, moved *client.Moved) error {
	if b.referred++; b.referred > mostReferences {
		b.referred, b.moved, b.movedForGood = 0, "", false
		b.takeNextServer()
		return fmt.Errorf("%w: %s was the last one", errReferences, next)
	}
	b.logger.Warn("the other broker sends us to another one", "server", next, "code", moved.Code.String())
	b.moved, b.movedForGood = next, moved.Code == mqtt.ServerMoved
	return moved
}

// reference is the address that a server reference means (MQTT 5, 4.13.2): the first host:port or host of it, with the
// scheme, the port and the path of the address that was used.
func reference(address, text string) (next string, ok bool) {
	fields := strings.Fields(text)
	u, err := url.Parse(address)
	if err != nil || len(fields) == 0 {
		return "", false
	}
	host, port, err := net.SplitHostPort(fields[0])
	if err != nil {
		host, port = strings.Trim(fields[0], "[]"), u.Port()
	}
	if _, err := strconv.ParseUint(port, 10, 16); port != "" && err != nil || host == "" || strings.ContainsAny(host, "/@?# ") {
		return "", false
	}
	if u.Host = host; port != "" {
		u.Host = net.JoinHostPort(host, port)
	} else if strings.Contains(host, ":") {
		u.Host = "[" + host + "]"
	}
	return u.String(), true
}

// peer names who is behind an address, for the session: to another one packet identifiers mean nothing.
func (b *Bridge) peer() string {
	host := b.server()
	if u, err := url.Parse(host); err == nil {
		host = strings.ToLower(u.Host)
	}
	return host + " " + b.config.ClientID
}

// takeNextServer is for after a failure to connect: another server, or another address of the same name.
func (b *Bridge) takeNextServer() {
	b.turn++
	b.chosen = (b.chosen + 1) % len(b.servers())
}

// everyAddress dials the addresses of a name in turns and gives each its share of the time: one that takes connections and
// is dead all the same does not keep us from the others.
func (b *Bridge) everyAddress(direct dialer) dialer {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		if _, err := netip.ParseAddr(host); err == nil {
			return direct(ctx, network, address)
		}
		found, err := b.options.Resolve(ctx, host)
		if err != nil {
			return nil, err
		}
		var failures []error
		for i := range found {
			conn, err := dialShare(ctx, direct, network, net.JoinHostPort(found[(i+b.turn)%len(found)], port), len(found)-i)
			if err == nil {
				return conn, nil
			}
			failures = append(failures, err)
		}
		if len(failures) == 0 {
			return nil, &net.DNSError{Err: "no addresses", Name: host, IsNotFound: true}
		}
		return nil, errors.Join(failures...)
	}
}

// dialShare takes the first of so many equal parts of the time that ctx leaves.
func dialShare(ctx context.Context, dial dialer, network, address string, parts int) (net.Conn, error) {
	if deadline, limited := ctx.Deadline(); limited {
		share, cancel := context.WithTimeout(ctx, time.Until(deadline)/time.Duration(parts))
		defer cancel()
		return dial(share, network, address)
	}
	return dial(ctx, network, address)
}

// errInterface is in front of what is wrong with the interface that connections shall go out by.
var errInterface = errors.New("the network interface")

// fromInterface dials from an address of this machine, or by a network interface whatever the routes say.
func fromInterface(name string) dialer {
	var d net.Dialer
	if ip := net.ParseIP(name); ip != nil {
		d.LocalAddr = &net.TCPAddr{IP: ip}
	} else {
		d.Control = func(_, _ string, raw syscall.RawConn) error {
			var bound error
			err := raw.Control(func(fd uintptr) { bound = syscall.BindToDevice(int(fd), name) })
			return errors.Join(err, bound)
		}
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := d.DialContext(ctx, network, address)
		if errors.Is(err, syscall.ENODEV) || errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.EPERM) {
			return nil, fmt.Errorf("%w %s: %w", errInterface, name, err)
		}
		return conn, err
	}
}

// defaultPorts are those of the schemes.
var defaultPorts = map[string]string{"mqtt": "1883", "mqtts": "8883", "ws": "80", "wss": "443"}

// hostPort is what is dialled for an address of a broker.
func hostPort(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("address of the broker: %w", err)
	}
	return net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), defaultPorts[u.Scheme])), nil
}
