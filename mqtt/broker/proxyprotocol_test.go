package broker_test

import (
	"context"
	"crypto/tls"
	"encoding/hex"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// proxiedPlant listens for proxies of a network, and says whom it let in.
func proxiedPlant(t *testing.T, l broker.Listener, network string, secure *tls.Config, limits broker.Limits) (*plant, *doorman, string) {
	t.Helper()
	door := &doorman{}
	p := newPlant(t, broker.Options{Access: door, Limits: limits})
	inner, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Listener = p.BehindProxies(inner, []netip.Prefix{netip.MustParsePrefix(network)})
	if secure != nil {
		l.Listener = tls.NewListener(l.Listener, secure)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- p.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return p, door, inner.Addr().String()
}

func dialWith(t *testing.T, address, header string) net.Conn {
	t.Helper()
	conn, err := (&net.Dialer{Timeout: patience}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := conn.Write([]byte(header)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// version2 is a header from its parts in hex: command, family, addresses and what follows them.
func version2(t *testing.T, command, family, rest string) string {
	t.Helper()
	data, err := hex.DecodeString(strings.ReplaceAll(rest, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	head, err := hex.DecodeString(command + family)
	if err != nil {
		t.Fatal(err)
	}
	return "\r\n\r\n\x00\r\nQUIT\n" + string(head) + string([]byte{byte(len(data) >> 8), byte(len(data))}) + string(data)
}

func TestTheAddressOfAClientIsThatOfThePROXYHeader(t *testing.T) {
	t.Parallel()
	const four = "c0000207 7f000001 1234 075b"
	const six = "20010db8000000000000000000000007 00000000000000000000000000000001 1234 075b"
	cases := map[string]struct{ header, address string }{ // no address: refused
		"version 1, IPv4":               {"PROXY TCP4 192.0.2.7 127.0.0.1 4660 1883\r\n", "192.0.2.7"},
		"version 1, IPv6":               {"PROXY TCP6 2001:db8::7 ::1 4660 1883\r\n", "2001:db8::7"},
		"version 1, of the proxy":       {"PROXY UNKNOWN\r\n", "127.0.0.1"},
		"version 2, IPv4":               {version2(t, "21", "11", four), "192.0.2.7"},
		"version 2, IPv6, and more":     {version2(t, "21", "21", six+"030004 00000000"), "2001:db8::7"},
		"version 2, of the proxy":       {version2(t, "20", "00", ""), "127.0.0.1"},
		"none":                          {"", ""},
		"version 1, another's numbers":  {"PROXY TCP4 2001:db8::7 ::1 4660 1883\r\n", ""},
		"version 1, too many numbers":   {"PROXY TCP4 192.0.2.7 127.0.0.1 4660 1883 1\r\n", ""},
		"version 1, without end":        {"PROXY TCP4 192.0.2.7 127.0.0.1 4660 " + strings.Repeat("1", 200), ""},
		"version 1, an address missing": {"PROXY TCP4 192.0.2.7\r\n", ""},
		"version 2, datagrams":          {version2(t, "21", "12", four), ""},
		"version 2, a unix socket":      {version2(t, "21", "31", strings.Repeat("61", 216)), ""},
		"version 2, too short":          {version2(t, "21", "11", "c0000207"), ""},
		"version 3":                     {version2(t, "31", "11", four), ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, door, address := proxiedPlant(t, broker.Listener{ID: "behind"}, "127.0.0.0/8", nil, broker.Limits{})
			c := p.on(dialWith(t, address, test.header))
			c.send(&packet.Connect{Version: packet.V5, ClientID: "c", CleanStart: true})
			if test.address == "" {
				c.expectClosed()
				if n := p.Status().Refused[broker.LimitProxies]; n != 1 {
					t.Errorf("%d refusals are counted", n)
				}
				return
			}
			expect[*packet.Connack](c)
			if got := door.last().Address; got != test.address {
				t.Errorf("the client's address is %q, want %q", got, test.address)
			}
			c.ping()
		})
	}
}

func TestThePROXYHeaderComesBeforeTLSAndHTTP(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	secure := &tls.Config{Certificates: []tls.Certificate{ca.sign(t, "gateway", time.Now().Add(time.Hour))}}
	const header = "PROXY TCP4 192.0.2.7 127.0.0.1 4660 1883\r\n"
	t.Run("TLS", func(t *testing.T) {
		p, door, address := proxiedPlant(t, broker.Listener{ID: "tls"}, "127.0.0.1/32", secure, broker.Limits{})
		c := p.on(tls.Client(dialWith(t, address, header), &tls.Config{RootCAs: ca.pool(), ServerName: "127.0.0.1"}))
		c.send(&packet.Connect{Version: packet.V5, ClientID: "c", CleanStart: true})
		expect[*packet.Connack](c)
		if got := door.last().Address; got != "192.0.2.7" {
			t.Errorf("the client's address is %q", got)
		}
	})
	t.Run("WebSocket", func(t *testing.T) {
		p, door, address := proxiedPlant(t, broker.Listener{ID: "ws", WebSocket: true}, "127.0.0.1/32", nil, broker.Limits{})
		raw := dialWith(t, address, header)
		ws, err := dialWebSocket(t, "ws://gateway/mqtt", &websocket.DialOptions{
			Subprotocols: []string{"mqtt"}, HTTPClient: over(raw),
		})
		if err != nil {
			t.Fatal(err)
		}
		c := p.on(websocket.NetConn(t.Context(), ws, websocket.MessageBinary))
		c.send(&packet.Connect{Version: packet.V5, ClientID: "c", CleanStart: true})
		expect[*packet.Connack](c)
		if got := door.last().Address; got != "192.0.2.7" {
			t.Errorf("the client's address is %q", got)
		}
	})
}

func TestOnlyTrustedProxiesAreBelieved(t *testing.T) {
	t.Parallel()
	p, _, address := proxiedPlant(t, broker.Listener{}, "192.0.2.0/24", nil, broker.Limits{})
	p.on(dialWith(t, address, "PROXY TCP4 192.0.2.7 127.0.0.1 4660 1883\r\n")).expectClosed()
	if n := p.Status().Refused[broker.LimitProxies]; n != 1 {
		t.Errorf("%d refusals are counted", n)
	}
}

func TestASlowHeaderHoldsUpNobodyAndEnds(t *testing.T) {
	t.Parallel()
	p, _, address := proxiedPlant(t, broker.Listener{}, "127.0.0.1/32", nil, broker.Limits{ConnectTimeout: 500 * time.Millisecond})
	silent := p.on(dialWith(t, address, "\r\n\r\n"))
	c := p.on(dialWith(t, address, "PROXY TCP4 192.0.2.7 127.0.0.1 4660 1883\r\n"))
	c.send(&packet.Connect{Version: packet.V5, ClientID: "c", CleanStart: true})
	expect[*packet.Connack](c)
	silent.expectClosed()
	c.ping()
}

func TestConnectRateCountsClientsBehindAProxyOneByOne(t *testing.T) {
	t.Parallel()
	limits := broker.Limits{Clients: 2, ConnectRate: 1, TotalConnectRate: 1000, Strangers: 100}
	p, _, address := proxiedPlant(t, broker.Listener{}, "127.0.0.1/32", nil, limits)
	for range 10 {
		_ = dialWith(t, address, "PROXY TCP4 192.0.2.7 127.0.0.1 4660 1883\r\n")
	}
	eventually(t, "the fast one is refused", func() bool { return p.Status().Refused[broker.LimitConnectRate] >= 7 })
	c := p.on(dialWith(t, address, "PROXY TCP4 192.0.2.8 127.0.0.1 4660 1883\r\n"))
	c.send(&packet.Connect{Version: packet.V5, ClientID: "c", CleanStart: true})
	expect[*packet.Connack](c)
}

func TestCloseEndsWhatAHeaderIsReadFrom(t *testing.T) {
	t.Parallel()
	p := newPlant(t, broker.Options{Limits: broker.Limits{ConnectTimeout: time.Hour}})
	inner, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener := p.BehindProxies(inner, []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")})
	silent := p.on(dialWith(t, inner.Addr().String(), "PRO"))
	ready := dialWith(t, inner.Addr().String(), "PROXY UNKNOWN\r\n")
	if _, err := listener.Accept(); err != nil || ready == nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Error(err)
	}
	silent.expectClosed()
	if _, err := listener.Accept(); err == nil {
		t.Error("a closed listener accepts")
	}
}

// over makes requests on a connection that is there.
func over(conn net.Conn) *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext: func(context.Context, string, string) (net.Conn, error) { return conn, nil },
	}}
}
