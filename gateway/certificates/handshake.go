package certificates

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"net"
	"slices"
	"time"
)

// TLS is how a listener speaks TLS: 1.2 or newer, with whatever certificate is in force at the handshake. The caller may add
// what it asks of its clients before it uses the configuration.
func (s *Set) TLS(listener string) *tls.Config {
	config := &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			return s.current.Load().choose(listener, hello, s.Clock.Now()), nil
		},
	}
	// A session that is resumed shows no certificate, so that it must not outlive the one that it began with.
	config.WrapSession = func(connection tls.ConnectionState, session *tls.SessionState) ([]byte, error) {
		session.Extra = append(session.Extra, s.current.Load().mark())
		return config.EncryptTicket(connection, session)
	}
	config.UnwrapSession = func(ticket []byte, connection tls.ConnectionState) (*tls.SessionState, error) {
		session, err := config.DecryptTicket(ticket, connection)
		mark := s.current.Load().mark()
		if err != nil || session == nil || !slices.ContainsFunc(session.Extra, func(x []byte) bool { return bytes.Equal(x, mark) }) {
			return nil, err
		}
		return session, nil
	}
	return config
}

// mark tells what is in force from what was before.
func (s *state) mark() []byte { return binary.BigEndian.AppendUint64([]byte("tidegate "), s.number) }

// choose finds the certificate for a handshake; see the package comment.
func (s *state) choose(listener string, hello *tls.ClientHelloInfo, now time.Time) *tls.Certificate {
	name := hello.ServerName
	if name == "" {
		name = hostOf(hello.Conn)
	}
	var best *uploaded
	for i := range s.uploaded {
		u := &s.uploaded[i]
		fits := u.isFor(listener) && u.tls.Leaf.VerifyHostname(name) == nil && hello.SupportsCertificate(&u.tls) == nil
		if fits && (best == nil || u.betterThan(best, now)) {
			best = u
		}
	}
	if best == nil {
		return s.own
	}
	return &best.tls
}

func (u *uploaded) betterThan(other *uploaded, now time.Time) bool {
	if valid := validAt(u.tls.Leaf, now); valid != validAt(other.tls.Leaf, now) {
		return valid
	}
	return u.tls.Leaf.NotAfter.After(other.tls.Leaf.NotAfter)
}

// hostOf is the address that a client has connected to.
func hostOf(conn net.Conn) string {
	if conn == nil {
		return ""
	}
	host, _, err := net.SplitHostPort(conn.LocalAddr().String())
	if err != nil {
		return ""
	}
	return host
}
