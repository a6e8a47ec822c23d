package config

import (
	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage"
)

const listenerColumns = "id, kind, address, anonymous, client_certificates, client_ca, certificate_user, proxy_protocol, disabled"

func writeListeners(conn *storage.Conn, listeners []gateway.Listener) error {
	for i, l := range listeners {
		err := conn.Do("INSERT INTO listener (ordinal, "+listenerColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			int64(i), l.ID, string(l.Kind), l.Address, l.Anonymous, string(l.ClientCertificates), l.ClientCA,
			l.CertificateUser, l.ProxyProtocol, l.Disabled)
		if err != nil {
			return err
		}
	}
	return nil
}

func readListeners(conn *storage.Conn, c *gateway.Config) error {
	return conn.Query(func(row storage.Row) error {
		c.Listeners = append(c.Listeners, gateway.Listener{
			ID: row.Text(0), Kind: gateway.ListenerKind(row.Text(1)), Address: row.Text(2), Anonymous: row.Int(3) != 0,
			ClientCertificates: gateway.CertificateUse(row.Text(4)), ClientCA: row.Text(5), CertificateUser: row.Int(6) != 0,
			ProxyProtocol: row.Int(7) != 0, Disabled: row.Int(8) != 0,
		})
		return nil
	}, "SELECT "+listenerColumns+" FROM listener ORDER BY ordinal")
}
