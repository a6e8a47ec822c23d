package gateway

import (
	"fmt"
	"net"
	"net/netip"
	"time"
)

// Listener is a way in for MQTT clients.
type Listener struct {
	ID   string       `json:"id"`
	Kind ListenerKind `json:"kind"`
	// Address is host:port, :port for all interfaces, or the path of a unix socket.
	Address string `json:"address"`
	// Anonymous lets clients in that bring neither user name nor certificate.
	Anonymous bool `json:"anonymous,omitempty"`
	// ClientCertificates is for the kinds with TLS.
	ClientCertificates CertificateUse `json:"clientCertificates,omitempty"`
	// ClientCA has the authorities of the clients' certificates in PEM.
	ClientCA string `json:"clientCA,omitempty"`
	// CertificateUser takes the common name of a verified client certificate as user name, without a password.
	CertificateUser bool `json:"certificateUser,omitempty"`
	// ProxyProtocol expects a PROXY header, version 1 or 2, before everything else, and believes the client's address in
	// it. Only TrustedProxies may connect then.
	ProxyProtocol bool `json:"proxyProtocol,omitempty"`
	// TrustedProxies are addresses (192.0.2.7) and networks (192.0.2.0/24), at most 64.
	TrustedProxies []string `json:"trustedProxies,omitempty"`
	Disabled       bool     `json:"disabled,omitempty"`
}

// Secure reports whether what is said stays between client and gateway.
func (l *Listener) Secure() bool { return l.Kind == ListenTLS || l.Kind == ListenSecureWebSocket }

// Proxies are the networks of TrustedProxies; an address is a network of its own.
func (l *Listener) Proxies() ([]netip.Prefix, error) {
	networks := make([]netip.Prefix, 0, len(l.TrustedProxies))
	for _, text := range l.TrustedProxies {
		network, err := netip.ParsePrefix(text)
		if address, is := netip.ParseAddr(text); is == nil {
			network, err = address.Unmap().WithZone("").Prefix(address.Unmap().BitLen())
		}
		if err != nil {
			return nil, fmt.Errorf("%q is not the address or network of a proxy: use 192.0.2.7 or 192.0.2.0/24", text)
		}
		networks = append(networks, network.Masked())
	}
	return networks, nil
}

// Exposed reports whether passwords and messages cross a network in plain text.
func (l *Listener) Exposed() bool {
	if l.Secure() || l.Kind == ListenUnix {
		return false
	}
	host, _, err := net.SplitHostPort(l.Address)
	ip := net.ParseIP(host)
	return err != nil || host != "localhost" && !ip.IsLoopback()
}

// ListenerStatus is how a listener is doing.
type ListenerStatus struct {
	ID     string    `json:"id"`
	State  State     `json:"state"`
	Reason string    `json:"reason,omitempty"`
	Since  time.Time `json:"since"`
	// Address is where it listens.
	Address string `json:"address"`
	// Exposed: passwords and messages cross a network in plain text.
	Exposed bool `json:"exposed"`
	// Anonymous: clients without a name are let in; over the local listener those of this machine.
	Anonymous bool `json:"anonymous"`
	// Clients are those that are connected through it now.
	Clients int `json:"clients"`
}

// The listeners of the start-up file: the loopback address, and the unix socket in the runtime directory.
const (
	LocalListener  = "local"
	SocketListener = "socket"
)

// LocalLogin says where clients on the machine itself need a name and a password too. By default they need none.
type LocalLogin struct {
	// TCP is the loopback address.
	TCP bool `json:"tcp"`
	// Socket is the unix socket in the runtime directory.
	Socket bool `json:"socket"`
}

// ListenerKind is the transport of a listener.
type ListenerKind string

// The transports.
const (
	ListenTCP             ListenerKind = "tcp"
	ListenTLS             ListenerKind = "tls"
	ListenWebSocket       ListenerKind = "ws"
	ListenSecureWebSocket ListenerKind = "wss"
	ListenUnix            ListenerKind = "unix"
)

// CertificateUse says whether clients have to show a certificate.
type CertificateUse string

// The uses: "" does not ask for one.
const (
	CertificateIgnored  CertificateUse = ""
	CertificateOptional CertificateUse = "optional"
	CertificateRequired CertificateUse = "required"
)
