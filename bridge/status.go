package bridge

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
)

// status is what Status shows, without the backlog.
type status struct {
	mu      sync.Mutex // guards everything that follows
	current gateway.BridgeStatus
}

// set changes the state and reports whether anything is different from before.
func (s *status) set(state gateway.State, reason string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current.State == state && s.current.Reason == reason {
		return false
	}
	if s.current.State != state {
		s.current.Since = time.Now()
	}
	s.current.State, s.current.Reason = state, reason
	return true
}

// begin is an attempt; what was wrong before stays to be seen until it succeeds.
func (s *status) begin(server string) {
	s.mu.Lock()
	s.current.Server, s.current.NextAttempt = server, nil
	s.current.Attempts++
	failed := s.current.State == gateway.StateDown || s.current.State == gateway.StateStalled
	s.mu.Unlock()
	if !failed {
		s.set(gateway.StateConnecting, "connecting to "+server)
	}
}

func (s *status) connected() {
	s.count(func(b *gateway.BridgeStatus) { b.Attempts, b.EchoMs = 0, nil })
}

func (s *status) willTry(at time.Time) {
	s.count(func(b *gateway.BridgeStatus) { b.NextAttempt = &at })
}

func (s *status) count(change func(*gateway.BridgeStatus)) {
	s.mu.Lock()
	change(&s.current)
	s.mu.Unlock()
}

func (s *status) get() gateway.BridgeStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current
}

// codeReasons are what an operator can do about the other broker's reason codes.
var codeReasons = map[mqtt.ReasonCode]string{
	mqtt.BadUserNameOrPassword:      "wrong user name or password for %s: check both in the bridge's settings",
	mqtt.NotAuthorized:              "%s does not let us in: check user name, password and its access rules",
	mqtt.ClientIdentifierNotValid:   "%s refuses the client id: choose another one",
	mqtt.UnsupportedProtocolVersion: "%s refuses this version of MQTT: choose another one",
	mqtt.Banned:                     "%s has banned this client: ask who runs it",
	mqtt.SessionTakenOver:           "somebody else connects to %s with the same client id: give each gateway its own",
	mqtt.KeepAliveTimeout:           "%s is silent: the link is dead or very slow",
	mqtt.ServerUnavailable:          "%s is not ready: trying again",
	mqtt.UseAnotherServer:           "%s wants us to use another server",
	mqtt.ServerMoved:                "%s has moved to another server: change the address in the bridge's settings",
	mqtt.ServerBusy:                 "%s is busy: trying again",
	mqtt.ServerShuttingDown:         "%s shuts down: trying again",
	mqtt.QuotaExceeded:              "a quota of %s is used up: send less, or enlarge it",
	mqtt.ConnectionRateExceeded:     "%s wants fewer attempts to connect: trying again",
	mqtt.MessageRateTooHigh:         "%s wants fewer messages in a second: make the window smaller",
	mqtt.PacketTooLarge:             "a packet is too large for %s, or from it",
	mqtt.ReceiveMaximumExceeded:     "%s takes fewer messages at once: make the window smaller, 20 or less",
}

// reason says in one sentence what is wrong and what to do.
func reason(address string, err error) string {
	host := address
	if u, parseErr := url.Parse(address); parseErr == nil {
		host = u.Host
	}
	if code, ok := errors.AsType[mqtt.ReasonCode](err); ok {
		if text, known := codeReasons[code]; known {
			return fmt.Sprintf(text, host)
		}
	}
	for _, r := range reasons {
		if r.is(err) {
			return fmt.Sprintf(r.text, host)
		}
	}
	return fmt.Sprintf("%s: %v", host, err)
}

// reasons are for errors of the network, the most exact first.
var reasons = []struct {
	is   func(error) bool
	text string
}{
	{equals(errProxy), "there is no way through the proxy to %s: check the proxy's address, user name and password, and " +
		"whether it allows this port"},
	{equals(errToken), "no token can be made for %s: check its key or its file"},
	{equals(errPin), "%s has another key than the pinned ones: ask who runs it whether that is right, then pin the new one"},
	{is[*net.DNSError], "the name in %s cannot be resolved: check the address, and the name server of this gateway"},
	{equals(syscall.ECONNREFUSED), "%s refuses connections: check the port, and whether the broker runs"},
	{equals(syscall.EHOSTUNREACH), "no way to %s: check cable, address and gateway of the network"},
	{equals(syscall.ENETUNREACH), "no way to %s: check cable, address and gateway of the network"},
	{is[x509.UnknownAuthorityError], "the certificate of %s is from nobody we know: add its CA"},
	{is[x509.HostnameError], "the certificate of %s is for another name: check the address"},
	{is[x509.CertificateInvalidError], "the certificate of %s is not valid: check its dates, and the clock of this gateway"},
	{is[tls.RecordHeaderError], "%s does not speak TLS on this port: use mqtt://, or the port for TLS"},
	{equals(errCircle), "%s knows MQTT 3.1.1 only, over which a route in would bring back what a route out sends: change " +
		"the prefix of one of them, or make an exception"},
	{equals(errInterface), "there is no way to %s from the interface or address in the bridge's settings: check its name, and whether " +
		"it is connected"},
	{equals(errNoEcho), "connected to %s, but what is published does not come back: connecting again"},
	{equals(errReferences), "%s and other servers send us to each other and none takes us: ask who runs them which one is right"},
	{equals(errSilent), "connected to %s, but it acknowledges nothing: connecting again"},
	{equals(context.DeadlineExceeded), "%s does not answer: check address, port and firewall"},
	{equals(os.ErrDeadlineExceeded), "%s takes nothing: the link is dead or very slow"},
	{equals(io.EOF), "%s closed the connection"},
	{equals(io.ErrUnexpectedEOF), "%s closed the connection"},
	{equals(syscall.ECONNRESET), "%s closed the connection"},
}

func is[T error](err error) bool {
	_, ok := errors.AsType[T](err)
	return ok
}

func equals(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}
