package broker

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// Listener is a way in for clients. Its connections may be *tls.Conn, also below WebSocket: the handshake is done in the
// time that each connection has for its CONNECT, so that a slow one holds up nobody.
type Listener struct {
	net.Listener
	// ID is what mqtt.Client.Listener becomes.
	ID string
	// WebSocket expects HTTP first (MQTT 5, 6).
	WebSocket bool
}

// Serve accepts connections until ctx ends, and returns when all of them are closed: clients of MQTT 5 are told that the
// server shuts down. It may run for several listeners at once, and each may end alone. The listener is closed.
func (b *Broker) Serve(ctx context.Context, listener Listener) error {
	if listener.WebSocket {
		return b.serveWebSocket(ctx, listener)
	}
	stop := context.AfterFunc(ctx, func() { _ = listener.Close() })
	defer stop()
	defer listener.Close() //nolint:errcheck // it is closed twice
	var conns sync.WaitGroup
	defer conns.Wait()
	for failures := 0; ; {
		nc, err := listener.Accept()
		switch {
		case ctx.Err() != nil:
			if err == nil {
				_ = nc.Close()
			}
			return nil
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("accept: %w", err)
		case err != nil:
			// Out of descriptors, or a client that left at once: neither is a reason to stop listening.
			failures++
			b.logger.Warn("connection cannot be accepted", "error", err)
			pause(ctx, min(time.Second, time.Duration(failures)*10*time.Millisecond))
			continue
		}
		failures = 0
		if !b.mayEnter(nc) {
			continue
		}
		conns.Go(func() {
			defer b.doorway.leave()
			b.serveConn(ctx, nc, listener.ID)
		})
	}
}

// clientCertificate is that of a client whose chain was verified, nil without one.
func clientCertificate(nc net.Conn) *x509.Certificate {
	if ws, is := nc.(*socket); is {
		nc = ws.Conn
	}
	secured, is := nc.(*tls.Conn)
	if !is {
		return nil
	}
	if chains := secured.ConnectionState().VerifiedChains; len(chains) > 0 {
		return chains[0][0]
	}
	return nil
}

// mayEnter counts a connection in, or closes it.
func (b *Broker) mayEnter(nc net.Conn) bool {
	limit, may := b.doorway.enter(nc)
	if !may {
		b.refused(limit, address(nc))
		_ = nc.Close()
	}
	return may
}
