package broker_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/tidegate/tidegate/mqtt/broker"
)

// visits is a listener to which addresses come, one connection each, that leave at once.
type visits struct {
	from chan net.Addr
	done chan struct{}
}

func (v *visits) Accept() (net.Conn, error) {
	select {
	case from, more := <-v.from:
		if more {
			client, server := net.Pipe()
			return &visit{Conn: server, from: from}, client.Close()
		}
	case <-v.done:
	}
	<-v.done
	return nil, net.ErrClosed
}

func (v *visits) Close() error {
	select {
	case <-v.done:
		return io.ErrClosedPipe
	default:
		close(v.done)
		return nil
	}
}
func (v *visits) Addr() net.Addr { return &net.TCPAddr{} }

type visit struct {
	net.Conn
	from net.Addr
}

func (v *visit) RemoteAddr() net.Addr { return v.from }

// TestConnectRates: what counts as one address, and as all of them.
func TestConnectRates(t *testing.T) {
	t.Parallel()
	at := func(format string) func(int) net.Addr {
		return func(i int) net.Addr {
			return &net.TCPAddr{IP: net.ParseIP(fmt.Sprintf(format, i)), Port: i + 1}
		}
	}
	one := func(ip string) net.Addr { return &net.TCPAddr{IP: net.ParseIP(ip), Port: 1} }
	const n = 300
	cases := []struct {
		name string
		from func(int) net.Addr
		// refused of n, by the limit on an address, and by the one on all.
		byAddress, byAll bool
	}{
		{"one address", func(int) net.Addr { return one("192.0.2.1") }, true, false},
		{"one site with many addresses", at("2001:db8::%x"), true, false},
		{"the same in IPv6 notation", func(int) net.Addr { return one("::ffff:192.0.2.1") }, true, false},
		{"many addresses", at("198.51.%d.1"), false, true},
		{"many sites", at("2001:db8:%x::1"), false, true},
		{"a unix socket", func(int) net.Addr { return &net.UnixAddr{Net: "unix"} }, false, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newPlant(t, broker.Options{Limits: broker.Limits{Clients: 20, ConnectRate: 1, TotalConnectRate: 100, Strangers: 1000}})
			ctx, cancel := context.WithCancel(t.Context())
			v := &visits{from: make(chan net.Addr), done: make(chan struct{})}
			served := make(chan error, 1)
			go func() { served <- p.Serve(ctx, broker.Listener{Listener: v}) }()
			for i := range n {
				v.from <- c.from(i % 255)
			}
			close(v.from)
			eventually(t, "all have left", func() bool { return p.Status().Connections == 0 })
			cancel()
			if err := <-served; err != nil {
				t.Error(err)
			}
			counts := p.Status().Refused
			if got := counts[broker.LimitConnectRate] > 0; got != c.byAddress {
				t.Errorf("%d were refused by the limit on an address", counts[broker.LimitConnectRate])
			}
			if got := counts[broker.LimitTotalConnectRate] > 0; got != c.byAll {
				t.Errorf("%d were refused by the limit on all", counts[broker.LimitTotalConnectRate])
			}
		})
	}
}
