package bridge

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"sync"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// settings makes what the other steps need: tokens, certificates, addresses.
func (r *trial) settings(context.Context) {
	begin := time.Now()
	var err error
	if r.options, err = r.bridge.connectOptions(); err == nil {
		err = r.findTarget()
	}
	if err != nil {
		r.fail(gateway.StepSettings, begin, err)
		return
	}
	r.pass(gateway.StepSettings, begin, "the settings can be used")
	if end := ownEnd(&r.bridge.config.TLS); end != nil && time.Until(*end) < soon {
		r.warn(gateway.StepSettings, "the certificate of this gateway ends on "+end.UTC().Format(time.DateOnly)+": have a new one issued")
	}
}

// soon is when a certificate that ends is worth a word.
const soon = 30 * 24 * time.Hour

// findTarget is about who is dialled first.
func (r *trial) findTarget() error {
	address, err := hostPort(r.bridge.server())
	if err != nil {
		return err
	}
	if p := r.bridge.config.Proxy.URL; p != "" {
		u, err := url.Parse(p)
		if err != nil {
			return fmt.Errorf("address of the proxy: %w", err)
		}
		address = proxyAddress(u)
	}
	r.host, r.port, err = net.SplitHostPort(address)
	return err
}

// lookUp finds the addresses of the name.
func (r *trial) lookUp(ctx context.Context) {
	if _, err := netip.ParseAddr(r.host); err == nil {
		r.addresses = []string{r.host}
		r.skip(gateway.StepDNS, r.host+" is an address: there is no name to look up")
		return
	}
	begin := time.Now()
	ctx, cancel := context.WithTimeout(ctx, stepTime)
	defer cancel()
	found, err := r.bridge.options.Resolve(ctx, r.host)
	if err == nil && len(found) == 0 {
		err = &net.DNSError{Err: "no addresses", Name: r.host, IsNotFound: true}
	}
	if err != nil {
		r.fail(gateway.StepDNS, begin, err)
		return
	}
	r.addresses = found[:min(len(found), mostAddresses)]
	r.pass(gateway.StepDNS, begin, fmt.Sprintf("%s has %d addresses", r.host, len(found)))
	step := r.steps[gateway.StepDNS]
	for _, a := range r.addresses {
		step.Addresses = append(step.Addresses, gateway.TestedAddress{Address: a})
	}
	r.steps[gateway.StepDNS] = step
}

// dialAll tries all addresses at the same time and keeps the first one, in their order, that takes the connection.
func (r *trial) dialAll(ctx context.Context) {
	begin := time.Now()
	tried, errs := make([]gateway.TestedAddress, len(r.addresses)), make([]error, len(r.addresses))
	conns := make([]net.Conn, len(r.addresses))
	dialCtx, cancel := context.WithTimeout(ctx, stepTime)
	defer cancel()
	var dialling sync.WaitGroup
	for i, address := range r.addresses {
		dialling.Go(func() {
			at := time.Now()
			address = net.JoinHostPort(address, r.port)
			conns[i], errs[i] = r.bridge.direct()(dialCtx, "tcp", address)
			tried[i] = gateway.TestedAddress{Address: address, Ms: ms(time.Since(at))}
			if errs[i] != nil {
				tried[i].Error = errs[i].Error()
			}
		})
	}
	dialling.Wait()
	dead := r.keepFirst(conns)
	if err := errors.Join(errs...); r.conn == nil {
		r.fail(gateway.StepTCP, begin, err)
	} else {
		r.pass(gateway.StepTCP, begin, r.conn.RemoteAddr().String()+" takes connections")
	}
	step := r.steps[gateway.StepTCP]
	step.Addresses = tried
	r.steps[gateway.StepTCP] = step
	if r.conn != nil && dead > 0 {
		r.warn(gateway.StepTCP, fmt.Sprintf("%d of %d addresses take no connection: each attempt may lose time there", dead, len(conns)))
	}
}

// keepFirst closes the other connections and counts those that are none.
func (r *trial) keepFirst(conns []net.Conn) (dead int) {
	for i, conn := range conns {
		switch {
		case conn == nil:
			dead++
		case r.conn == nil:
			r.conn, r.addresses = conn, r.addresses[i:i+1]
		default:
			_ = conn.Close() // it was only asked
		}
	}
	return dead
}

// askProxy turns the connection to the proxy into one to the broker.
func (r *trial) askProxy(ctx context.Context) {
	if r.bridge.config.Proxy.URL == "" {
		r.skip(gateway.StepProxy, "there is no proxy in the settings")
		return
	}
	begin := time.Now()
	ctx, cancel := context.WithTimeout(ctx, stepTime)
	defer cancel()
	conn, err := r.reach(ctx)
	if err != nil {
		r.fail(gateway.StepProxy, begin, err)
		return
	}
	r.conn = conn
	r.pass(gateway.StepProxy, begin, "the proxy lets us through to "+r.bridge.server())
}

// reach gives a connection to the broker, over what was dialled before or else anew.
func (r *trial) reach(ctx context.Context) (net.Conn, error) {
	dial, err := throughProxy(r.bridge.config.Proxy, func(ctx context.Context, network, _ string) (net.Conn, error) {
		if conn := r.conn; conn != nil {
			r.conn = nil
			return conn, nil
		}
		return r.bridge.direct()(ctx, network, net.JoinHostPort(r.addresses[0], r.port))
	})
	if err != nil {
		return nil, err
	}
	address, err := hostPort(r.bridge.server())
	if err != nil {
		return nil, err
	}
	return dial(ctx, "tcp", address)
}
