package broker

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"

	"github.com/pires/go-proxyproto"
)

// maxHeaders bounds the connections whose PROXY header is being read. When there are so many, further ones wait in the
// queue of the kernel.
const maxHeaders = 256

// BehindProxies is a listener whose connections begin with a header of the PROXY protocol, version 1 or 2, and have the
// client's address that stands in it; it belongs below TLS and WebSocket. A connection from elsewhere than a trusted
// network is closed unread, one without a right header within ConnectTimeout is closed too; both count as LimitProxies.
// Accept gives connections whose header was read, so that a slow one holds up nobody. A connection that the proxy makes
// for itself (LOCAL, UNKNOWN) keeps the address of the proxy. Close ends listener and all that it was reading from.
func (b *Broker) BehindProxies(listener net.Listener, trusted []netip.Prefix) net.Listener {
	ctx, cancel := context.WithCancel(context.Background())
	p := &proxied{
		Listener: listener, broker: b, trusted: trusted, ctx: ctx, cancel: cancel,
		accepted: make(chan accepted), reading: make(chan struct{}, maxHeaders),
	}
	p.work.Go(p.acceptAll)
	return p
}

type proxied struct {
	net.Listener
	broker  *Broker
	trusted []netip.Prefix

	ctx      context.Context // until Close
	cancel   context.CancelFunc
	accepted chan accepted
	reading  chan struct{}
	work     sync.WaitGroup
}

type accepted struct {
	conn net.Conn
	err  error
}

// Accept waits for a connection whose header was read.
func (p *proxied) Accept() (net.Conn, error) {
	select {
	case next := <-p.accepted:
		return next.conn, next.err
	case <-p.ctx.Done():
		return nil, net.ErrClosed
	}
}

// Close returns when nothing is read any more.
func (p *proxied) Close() error {
	p.cancel()
	err := p.Listener.Close()
	p.work.Wait()
	return err
}

func (p *proxied) acceptAll() {
	for p.ctx.Err() == nil {
		nc, err := p.Listener.Accept()
		switch {
		case err != nil:
			p.hand(accepted{err: err})
		case !p.trusts(nc):
			p.refuse(nc)
		default:
			p.start(nc)
		}
	}
}

// hand reports whether somebody took it.
func (p *proxied) hand(next accepted) bool {
	select {
	case p.accepted <- next:
		return true
	case <-p.ctx.Done():
		return false
	}
}

func (p *proxied) trusts(nc net.Conn) bool {
	from, err := netip.ParseAddrPort(nc.RemoteAddr().String())
	address := from.Addr().Unmap().WithZone("")
	return err == nil && slices.ContainsFunc(p.trusted, func(network netip.Prefix) bool { return network.Contains(address) })
}

func (p *proxied) refuse(nc net.Conn) {
	p.broker.refused(LimitProxies, address(nc))
	_ = nc.Close()
}

// start reads a header when it may.
func (p *proxied) start(nc net.Conn) {
	select {
	case p.reading <- struct{}{}:
		p.work.Go(func() {
			defer func() { <-p.reading }()
			p.read(nc)
		})
	case <-p.ctx.Done():
		_ = nc.Close()
	}
}

func (p *proxied) read(nc net.Conn) {
	unhook := context.AfterFunc(p.ctx, func() { _ = nc.Close() })
	conn := proxyproto.NewConn(nc, proxyproto.WithPolicy(proxyproto.REQUIRE), proxyproto.ValidateHeader(ofStream),
		proxyproto.SetReadHeaderTimeout(p.broker.limits.ConnectTimeout))
	header := conn.ProxyHeader()
	switch {
	case !unhook(): // closed
	case header == nil:
		p.refuse(nc)
	case !p.hand(accepted{conn: conn}):
		_ = nc.Close()
	}
}

// errNoStream refuses headers whose client has no address that limits could count by.
var errNoStream = errors.New("the client of the proxy does not speak TCP over IP")

func ofStream(header *proxyproto.Header) error {
	if _, is := header.SourceAddr.(*net.TCPAddr); !is && !header.Command.IsLocal() {
		return errNoStream
	}
	return nil
}
