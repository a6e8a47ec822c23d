package bridge

import (
	"bufio"
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/net/proxy"

	"github.com/tidegate/tidegate/gateway"
)

// dialer opens network connections.
type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// Dial is for golang.org/x/net/proxy, which uses DialContext where there is one.
func (d dialer) Dial(network, address string) (net.Conn, error) {
	return d(context.Background(), network, address)
}

// DialContext calls the function.
func (d dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return d(ctx, network, address)
}

// errProxy is in front of what goes wrong between us and the proxy, or between the proxy and the broker.
var errProxy = errors.New("the proxy")

// throughProxy dials by way of a proxy, if there is one.
func throughProxy(p gateway.BridgeProxy, direct dialer) (dialer, error) {
	if p.URL == "" {
		return direct, nil
	}
	u, err := url.Parse(p.URL)
	if err != nil {
		return nil, fmt.Errorf("address of the proxy: %w", err)
	}
	if u.Scheme == "http" {
		return func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := direct(ctx, network, proxyAddress(u))
			if err != nil {
				return nil, fmt.Errorf("%w: %w", errProxy, err)
			}
			return tunnel(ctx, conn, p, address)
		}, nil
	}
	var login *proxy.Auth
	if p.Username != "" {
		login = &proxy.Auth{User: p.Username, Password: p.Password.Reveal()}
	}
	socks, err := proxy.SOCKS5("tcp", proxyAddress(u), login, direct)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errProxy, err)
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := socks.(proxy.ContextDialer).DialContext(ctx, network, address) //nolint:forcetypeassert // SOCKS5 says so
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errProxy, err)
		}
		return conn, nil
	}, nil
}

// proxyAddress is host and port of a proxy, the usual port where there is none.
func proxyAddress(u *url.URL) string {
	usual := "1080"
	if u.Scheme == "http" {
		usual = "3128"
	}
	return net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), usual))
}

// tunnel asks for a way to the broker (RFC 9110, 9.3.6). A cancelled context ends it.
func tunnel(ctx context.Context, conn net.Conn, p gateway.BridgeProxy, address string) (net.Conn, error) {
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	request := http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: address}, Host: address, Header: http.Header{}}
	if p.Username != "" {
		login := base64.StdEncoding.EncodeToString([]byte(p.Username + ":" + p.Password.Reveal()))
		request.Header.Set("Proxy-Authorization", "Basic "+login)
	}
	reader := bufio.NewReader(conn)
	err := request.Write(conn)
	var answer *http.Response
	if err == nil {
		answer, err = http.ReadResponse(reader, &request) //nolint:bodyclose // it is the connection
	}
	switch {
	case err != nil:
		err = fmt.Errorf("%w: %w", errProxy, err)
	case answer.StatusCode != http.StatusOK:
		err = fmt.Errorf("%w refuses the way to %s: %s", errProxy, address, answer.Status)
	case reader.Buffered() > 0:
		// The broker waits for our CONNECT: whatever this is, it is not the broker.
		err = fmt.Errorf("%w speaks before it is asked", errProxy)
	default:
		return conn, nil
	}
	return nil, errors.Join(err, conn.Close())
}
