package config

import (
	"encoding/json"
	"fmt"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage"
)

const listenerColumns = "id, kind, address, anonymous, client_certificates, client_ca, certificate_user, proxy_protocol, disabled, trusted_proxies"

func writeListeners(conn *storage.Conn, listeners []gateway.Listener) error {
	for i, l := range listeners {
		proxies, err := json.Marshal(append([]string{}, l.TrustedProxies...))
		if err != nil {
			return err
		}
		err = conn.Do("INSERT INTO listener (ordinal, "+listenerColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			int64(i), l.ID, string(l.Kind), l.Address, l.Anonymous, string(l.ClientCertificates), l.ClientCA,
			l.CertificateUser, l.ProxyProtocol, l.Disabled, string(proxies))
		if err != nil {
			return err
		}
	}
	return nil
}

func readListeners(conn *storage.Conn, c *gateway.Config) error {
	return conn.Query(func(row storage.Row) error {
		l := gateway.Listener{
			ID: row.Text(0), Kind: gateway.ListenerKind(row.Text(1)), Address: row.Text(2), Anonymous: row.Int(3) != 0,
			ClientCertificates: gateway.CertificateUse(row.Text(4)), ClientCA: row.Text(5), CertificateUser: row.Int(6) != 0,
			ProxyProtocol: row.Int(7) != 0, Disabled: row.Int(8) != 0,
		}
		if err := json.Unmarshal([]byte(row.Text(9)), &l.TrustedProxies); err != nil {
			return fmt.Errorf("read the trusted proxies of listener %s: %w", l.ID, err)
		}
		if len(l.TrustedProxies) == 0 {
			l.TrustedProxies = nil
		}
		c.Listeners = append(c.Listeners, l)
		return nil
	}, "SELECT "+listenerColumns+" FROM listener ORDER BY ordinal")
}
