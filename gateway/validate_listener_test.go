package gateway_test

import (
	"errors"
	"os"
	"slices"
	"testing"

	"github.com/tidegate/tidegate/gateway"
)

func TestListenersAreChecked(t *testing.T) {
	pem, err := os.ReadFile("../storage/config/testdata/certificate.pem")
	if err != nil {
		t.Fatal(err)
	}
	ca := string(pem)
	cases := map[string]struct {
		listener gateway.Listener
		field    string // empty: it is right
	}{
		"tcp":                     {gateway.Listener{ID: "a", Kind: gateway.ListenTCP, Address: "127.0.0.1:1884"}, ""},
		"tls, all interfaces":     {gateway.Listener{ID: "a", Kind: gateway.ListenTLS, Address: ":8883"}, ""},
		"unix":                    {gateway.Listener{ID: "a", Kind: gateway.ListenUnix, Address: "/run/x.sock"}, ""},
		"unix, relative":          {gateway.Listener{ID: "a", Kind: gateway.ListenUnix, Address: "x.sock"}, "address"},
		"no kind":                 {gateway.Listener{ID: "a", Address: ":1"}, "kind"},
		"no port":                 {gateway.Listener{ID: "a", Kind: gateway.ListenTCP, Address: "host"}, "address"},
		"port 0":                  {gateway.Listener{ID: "a", Kind: gateway.ListenTCP, Address: ":0"}, "address"},
		"of the start-up file":    {gateway.Listener{ID: "local", Kind: gateway.ListenTCP, Address: ":1"}, "id"},
		"taken address":           {gateway.Listener{ID: "a", Kind: gateway.ListenTCP, Address: ":1999"}, "address"},
		"taken id":                {gateway.Listener{ID: "other", Kind: gateway.ListenTCP, Address: ":1"}, "id"},
		"certificates":            {gateway.Listener{ID: "a", Kind: gateway.ListenSecureWebSocket, Address: ":1", ClientCertificates: "required", ClientCA: ca, CertificateUser: true}, ""},
		"certificates, plain":     {gateway.Listener{ID: "a", Kind: gateway.ListenTCP, Address: ":1", ClientCertificates: "optional", ClientCA: ca}, "clientCertificates"},
		"certificates, misspelt":  {gateway.Listener{ID: "a", Kind: gateway.ListenTLS, Address: ":1", ClientCertificates: "yes", ClientCA: ca}, "clientCertificates"},
		"certificates, no CA":     {gateway.Listener{ID: "a", Kind: gateway.ListenTLS, Address: ":1", ClientCertificates: "required"}, "clientCA"},
		"proxies":                 {gateway.Listener{ID: "a", Kind: gateway.ListenTLS, Address: ":1", ProxyProtocol: true, TrustedProxies: []string{"192.0.2.7", "2001:db8::/32"}}, ""},
		"proxies, nobody trusted": {gateway.Listener{ID: "a", Kind: gateway.ListenTCP, Address: ":1", ProxyProtocol: true}, "trustedProxies"},
		"proxies, no header":      {gateway.Listener{ID: "a", Kind: gateway.ListenTCP, Address: ":1", TrustedProxies: []string{"192.0.2.7"}}, "trustedProxies"},
		"proxies, a name":         {gateway.Listener{ID: "a", Kind: gateway.ListenTCP, Address: ":1", ProxyProtocol: true, TrustedProxies: []string{"proxy.example"}}, "trustedProxies"},
		"proxies, too many":       {gateway.Listener{ID: "a", Kind: gateway.ListenTCP, Address: ":1", ProxyProtocol: true, TrustedProxies: slices.Repeat([]string{"192.0.2.7"}, 65)}, "trustedProxies"},
		"proxies, unix":           {gateway.Listener{ID: "a", Kind: gateway.ListenUnix, Address: "/run/x.sock", ProxyProtocol: true, TrustedProxies: []string{"192.0.2.7"}}, "proxyProtocol"},
		"user without asking for": {gateway.Listener{ID: "a", Kind: gateway.ListenTLS, Address: ":1", CertificateUser: true}, "certificateUser"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			other := gateway.Listener{ID: "other", Kind: gateway.ListenTCP, Address: ":1999"}
			config := gateway.Config{Name: "gw", Listeners: []gateway.Listener{other, test.listener}}
			err := config.Validate()
			field := ""
			if e, is := errors.AsType[*gateway.Error](err); is {
				field = e.Field
			}
			if want := test.field; want != "" && field != "listeners[1]."+want || want == "" && err != nil {
				t.Errorf("field %q, error %v; want %q", field, err, want)
			}
		})
	}
}

func TestPlainTextOnANetworkIsExposed(t *testing.T) {
	for address, exposed := range map[string]bool{
		":1883": true, "0.0.0.0:1883": true, "192.168.1.5:1883": true, "127.0.0.1:1883": false, "[::1]:1883": false, "localhost:1883": false,
	} {
		plain := gateway.Listener{Kind: gateway.ListenTCP, Address: address}
		if plain.Exposed() != exposed {
			t.Errorf("%s: exposed is %v", address, !exposed)
		}
		secure := gateway.Listener{Kind: gateway.ListenTLS, Address: address}
		if secure.Exposed() {
			t.Errorf("%s over TLS is exposed", address)
		}
	}
}
