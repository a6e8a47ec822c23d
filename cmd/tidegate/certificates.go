package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/tidegate/tidegate/web"
)

// certificates has the certificate of the device's own CA, for the page and for MQTT, and renews it while running:
// before it ends, and when the names or addresses of the machine change. A handshake takes the newest.
type certificates struct {
	dir    string
	names  func() ([]string, []net.IP)
	logger *slog.Logger

	mu          sync.RWMutex // guards everything that follows
	current     *tls.Certificate
	fingerprint string
}

func openCertificates(dir string, names func() ([]string, []net.IP), logger *slog.Logger) (*certificates, error) {
	c := &certificates{dir: dir, names: names, logger: logger}
	return c, c.renew()
}

// renewalInterval is how long a new name or address may wait for its certificate.
const renewalInterval = time.Minute

// Run renews the certificate until ctx ends. When it cannot, the old one stays and it is tried again.
func (c *certificates) Run(ctx context.Context) error {
	ticker := time.NewTicker(renewalInterval)
	defer ticker.Stop()
	var failed error
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		err := c.renew()
		if err != nil && failed == nil {
			c.logger.Error("the certificate cannot be renewed: the old one stays", "error", err)
		}
		failed = err
	}
}

// renew is cheap when nothing has changed.
func (c *certificates) renew() error {
	names, addresses := c.names()
	certificate, fingerprint, err := web.Certificate(c.dir, names, addresses, time.Now())
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current != nil && !bytes.Equal(c.current.Certificate[0], certificate.Certificate[0]) {
		c.logger.Info("certificate renewed", "expires", certificate.Leaf.NotAfter)
	}
	c.current, c.fingerprint = &certificate, fingerprint
	return nil
}

// get is for tls.Config.
func (c *certificates) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.current == nil {
		return nil, errors.New("there is no certificate yet")
	}
	return c.current, nil
}

// ca is the certificate that clients have to trust, in PEM. It stays the same as long as the device.
func (c *certificates) ca() string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	chain := c.current.Certificate
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: chain[len(chain)-1]}))
}
