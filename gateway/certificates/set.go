package certificates

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// Store keeps uploaded certificates; see storage/config.
type Store interface {
	// Certificates gives all, sorted by ID.
	Certificates(ctx context.Context) ([]gateway.StoredCertificate, error)
	// PutCertificate adds one or replaces the one of its ID; it returns when that is on disk.
	PutCertificate(ctx context.Context, certificate gateway.StoredCertificate) error
	// RemoveCertificate removes one; NotFound when there is none.
	RemoveCertificate(ctx context.Context, id string) error
}

// Options are what a set needs.
type Options struct {
	// Dir has the own authority and its leaf.
	Dir   string
	Store Store
	// Names gives the names and addresses of the machine now.
	Names func() ([]string, []net.IP)
	// Config is the configuration in force: its listeners show certificates, and its bridges have some.
	Config func() gateway.Config
	// Page: the page is served over TLS.
	Page bool
	// Clock is the wall time that certificates are compared with.
	Clock  gateway.Clock
	Logger *slog.Logger
}

// Set has all certificates of the gateway. Its methods may be called from any goroutine.
type Set struct {
	Options
	// changing has one place, for whoever changes what is uploaded: a change waits for the disk.
	changing chan struct{}
	current  atomic.Pointer[state]

	mu sync.Mutex // held while current is replaced
}

// state is what is shown at a time. It is replaced as a whole and never changed.
type state struct {
	own         *tls.Certificate
	ca          *x509.Certificate
	fingerprint string // of the authority
	uploaded    []uploaded
	// number counts changes: what was agreed with a client before does not count afterwards.
	number uint64
}

// uploaded is a certificate that a person has brought.
type uploaded struct {
	id        string
	tls       tls.Certificate
	listeners []string
}

var _ gateway.Certificates = (*Set)(nil)

// Open makes the own authority when there is none yet, and loads what was uploaded. A stored certificate that cannot be used
// any more is left out, and the log says so.
func Open(ctx context.Context, options Options) (*Set, error) {
	s := &Set{Options: options, changing: make(chan struct{}, 1)}
	s.current.Store(&state{})
	if err := s.Renew(); err != nil {
		return nil, err
	}
	stored, err := s.Store.Certificates(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the uploaded certificates: %w", err)
	}
	for _, c := range stored {
		loaded, err := load(c)
		if err != nil {
			s.Logger.ErrorContext(ctx, "an uploaded certificate cannot be used: upload it again", "certificate", c.ID, "error", err)
			continue
		}
		s.replace(func(next *state) { next.uploaded = append(next.uploaded, loaded) })
	}
	return s, nil
}

func load(c gateway.StoredCertificate) (uploaded, error) {
	certificate, err := tls.X509KeyPair([]byte(c.Chain), []byte(c.Key.Reveal()))
	return uploaded{id: c.ID, tls: certificate, listeners: c.Listeners}, err
}

func (s *Set) replace(change func(next *state)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := *s.current.Load()
	next.uploaded = slices.Clone(next.uploaded)
	change(&next)
	next.number++
	s.current.Store(&next)
}

// RenewalInterval is how long a new name or address may wait for its certificate.
const RenewalInterval = time.Minute

// Run renews the own leaf until ctx ends, and logs once what is going to expire. When it cannot renew, the old one stays and
// it is tried again.
func (s *Set) Run(ctx context.Context) error {
	ticker := time.NewTicker(RenewalInterval)
	defer ticker.Stop()
	var failed error
	var told map[alarmKey]bool
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		err := s.Renew()
		if err != nil && failed == nil {
			s.Logger.ErrorContext(ctx, "the certificate cannot be renewed: the old one stays", "error", err)
		}
		failed = err
		told = s.tellNew(ctx, told)
	}
}

// Renew makes the own leaf anew if it has to be, and is cheap when nothing has changed. Run calls it.
func (s *Set) Renew() error {
	names, addresses := s.Names()
	certificate, fingerprint, err := Own(s.Dir, names, addresses, s.Clock.Now())
	if err != nil {
		return err
	}
	former := s.current.Load().own
	if former != nil && bytes.Equal(former.Certificate[0], certificate.Certificate[0]) {
		return nil
	}
	chain := certificate.Certificate
	ca, err := x509.ParseCertificate(chain[len(chain)-1])
	if err != nil {
		return fmt.Errorf("read the own authority: %w", err)
	}
	s.replace(func(next *state) { next.own, next.ca, next.fingerprint = &certificate, ca, fingerprint })
	if former != nil {
		s.Logger.Info("certificate renewed", "expires", certificate.Leaf.NotAfter)
	}
	return nil
}

// CA is the certificate of the own authority, which clients have to trust, in PEM. It stays the same as long as the device.
func (s *Set) CA() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.current.Load().ca.Raw}))
}

// Fingerprint is the SHA-256 of the own authority in hexadecimal with colons, for comparing by eye.
func (s *Set) Fingerprint() string { return s.current.Load().fingerprint }

// Certificates gives all; see gateway.Certificates.
func (s *Set) Certificates() []gateway.Certificate {
	now, config, state := s.Clock.Now(), s.Config(), s.current.Load()
	listeners := s.secureListeners(&config)
	ca := []*x509.Certificate{state.ca}
	list := []gateway.Certificate{
		describe(gateway.CertificateOwn, "", append([]*x509.Certificate{state.own.Leaf}, ca...), now), describe(gateway.CertificateCA, "", ca, now),
	}
	list[0].UsedBy = listeners
	for i := range state.uploaded {
		list = append(list, state.uploaded[i].describe(listeners, now))
	}
	for _, bridge := range config.Bridges {
		if chain := parseChain(bridge.TLS.Certificate); len(chain) > 0 {
			list = append(list, describe(gateway.CertificateBridge, bridge.ID, chain, now))
		}
	}
	return list
}

func (u *uploaded) describe(listeners []string, now time.Time) gateway.Certificate {
	description := describe(gateway.CertificateUploaded, u.id, parseDER(u.tls.Certificate), now)
	description.Listeners = append(description.Listeners, u.listeners...)
	for _, listener := range listeners {
		if u.isFor(listener) {
			description.UsedBy = append(description.UsedBy, listener)
		}
	}
	return description
}

// secureListeners are those that show certificates now.
func (s *Set) secureListeners(config *gateway.Config) []string {
	listeners := []string{}
	if s.Page {
		listeners = append(listeners, gateway.PageListener)
	}
	for i := range config.Listeners {
		if l := &config.Listeners[i]; l.Secure() && !l.Disabled {
			listeners = append(listeners, l.ID)
		}
	}
	return listeners
}

func (u *uploaded) isFor(listener string) bool {
	return len(u.listeners) == 0 || slices.Contains(u.listeners, listener)
}

// validAt tells a certificate that clients accept now from one that they will refuse.
func validAt(leaf *x509.Certificate, now time.Time) bool {
	return !now.Before(leaf.NotBefore) && !now.After(leaf.NotAfter)
}

func byID(a, b uploaded) int { return cmp.Compare(a.id, b.id) }
