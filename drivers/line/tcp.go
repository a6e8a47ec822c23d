package line

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// The peer counts as gone after about half a minute without an answer to keep-alive probes.
var keepAlive = net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3}

// dialTimeout is for contexts without a deadline: a device that does not answer the call is not there.
const dialTimeout = 5 * time.Second

func openTCP(ctx context.Context, host string) (Line, error) {
	dialer := net.Dialer{Timeout: dialTimeout, KeepAliveConfig: keepAlive}
	conn, err := dialer.DialContext(ctx, "tcp", host)
	if err != nil {
		return nil, gateway.Errorf(gateway.Unavailable,
			"%s cannot be reached: check address, port and cable: %w", host, err)
	}
	return newWire(conn.(*net.TCPConn), nil)
}

// openUDP gives a socket that hears one peer only. Nothing is sent: whether somebody is there shows with the first request.
func openUDP(ctx context.Context, host string) (Line, error) {
	dialer := net.Dialer{Timeout: dialTimeout}
	conn, err := dialer.DialContext(ctx, "udp", host)
	if err != nil {
		return nil, gateway.Errorf(gateway.Unavailable, "%s cannot be reached: check the address: %w", host, err)
	}
	w, err := newWire(conn.(*net.UDPConn), nil)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	w.datagrams = true
	return w, nil
}
