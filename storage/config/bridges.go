package config

import (
	"encoding/json"
	"fmt"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage"
)

const (
	bridgeColumns = "id, name, url, client_id, username, password, version, keep_alive, window, disabled, " +
		"ca, certificate, key, server_name, alpn, proxy, proxy_username, proxy_password, paused, preset, token_key, pins, " +
		"pace, storage, link, token, new_key"
	routeColumns = "bridge, ordinal, direction, filter, exclude, prefix, topic, qos, priority, retain, batch"
)

func writeBridges(conn *storage.Conn, bridges []gateway.Bridge) error {
	for i, b := range bridges {
		parts, err := writeParts(b)
		if err != nil {
			return err
		}
		err = conn.Do("INSERT INTO bridge (ordinal, "+bridgeColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			int64(i), b.ID, b.Name, b.URL, b.ClientID, b.Username, b.Password.Reveal(), int64(b.Version),
			int64(b.KeepAlive), int64(b.Window), b.Disabled,
			b.TLS.CA, b.TLS.Certificate, b.TLS.Key.Reveal(), b.TLS.ServerName, b.TLS.ALPN,
			b.Proxy.URL, b.Proxy.Username, b.Proxy.Password.Reveal(), b.Paused, b.Preset, b.Token.Key.Reveal(), b.TLS.Pins,
			parts[0], parts[1], parts[2], parts[3], b.TLS.NewKey.Reveal())
		if err != nil {
			return err
		}
		for j, r := range b.Routes {
			if err := writeRoute(conn, b.ID, j, r); err != nil {
				return err
			}
		}
	}
	return nil
}

func writeRoute(conn *storage.Conn, bridge string, ordinal int, r gateway.Route) error {
	exclude, err := json.Marshal(append([]string{}, r.Exclude...))
	if err != nil {
		return err
	}
	batch, err := json.Marshal(r.Batch)
	if err != nil {
		return err
	}
	return conn.Do("INSERT INTO route ("+routeColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		bridge, int64(ordinal), string(r.Direction), r.Filter, string(exclude), r.Prefix, r.Topic, int64(r.QoS), int64(r.Priority), string(r.Retain), string(batch))
}

func readBridges(conn *storage.Conn, c *gateway.Config) error {
	index := map[string]int{}
	err := conn.Query(func(row storage.Row) error {
		index[row.Text(0)] = len(c.Bridges)
		bridge, err := readBridge(row)
		c.Bridges = append(c.Bridges, bridge)
		return err
	}, "SELECT "+bridgeColumns+" FROM bridge ORDER BY ordinal")
	if err != nil {
		return err
	}
	return conn.Query(func(row storage.Row) error {
		route, err := readRoute(row)
		bridge := &c.Bridges[index[row.Text(0)]]
		bridge.Routes = append(bridge.Routes, route)
		return err
	}, "SELECT "+routeColumns+" FROM route ORDER BY bridge, ordinal")
}

func readBridge(row storage.Row) (gateway.Bridge, error) {
	b := gateway.Bridge{
		ID: row.Text(0), Name: row.Text(1), URL: row.Text(2), ClientID: row.Text(3), Username: row.Text(4),
		Password: gateway.Secret(row.Text(5)), Version: int(row.Int(6)), KeepAlive: gateway.Duration(row.Int(7)),
		Window: int(row.Int(8)), Disabled: row.Int(9) != 0,
		TLS: gateway.BridgeTLS{
			CA: row.Text(10), Certificate: row.Text(11), Key: gateway.Secret(row.Text(12)), ServerName: row.Text(13), ALPN: row.Text(14), Pins: row.Text(21), NewKey: gateway.Secret(row.Text(26)),
		},
		Proxy:  gateway.BridgeProxy{URL: row.Text(15), Username: row.Text(16), Password: gateway.Secret(row.Text(17))},
		Paused: row.Int(18) != 0,
		Preset: row.Text(19),
		Routes: []gateway.Route{},
	}
	err := readParts(row, 22, &b.Pace, &b.Storage, &b.Link, &b.Token)
	b.Token.Key = gateway.Secret(row.Text(20))
	return b, err
}

// writeParts are the parts of a bridge that are JSON in a column of their own, in the order of the columns.
func writeParts(b gateway.Bridge) (texts []string, err error) {
	b.Token.Key = "" // has its own
	for _, part := range []any{b.Pace, b.Storage, b.Link, b.Token} {
		text, err := json.Marshal(part)
		if err != nil {
			return nil, fmt.Errorf("write the settings of bridge %s: %w", b.ID, err)
		}
		texts = append(texts, string(text))
	}
	return texts, nil
}

// readParts reads parts of a bridge that are JSON in a column of their own, from column i on.
func readParts(row storage.Row, i int, parts ...any) error {
	for j, part := range parts {
		if err := json.Unmarshal([]byte(row.Text(i+j)), part); err != nil {
			return fmt.Errorf("read the settings of bridge %s: %w", row.Text(0), err)
		}
	}
	return nil
}

func readRoute(row storage.Row) (gateway.Route, error) {
	r := gateway.Route{
		Direction: gateway.Direction(row.Text(2)), Filter: row.Text(3), Prefix: row.Text(5), Topic: row.Text(6), QoS: int(row.Int(7)), Priority: int(row.Int(8)),
		Retain: gateway.RouteRetain(row.Text(9)),
	}
	if err := json.Unmarshal([]byte(row.Text(4)), &r.Exclude); err != nil {
		return r, fmt.Errorf("read what route %d of bridge %s excludes: %w", row.Int(1), row.Text(0), err)
	}
	if err := json.Unmarshal([]byte(row.Text(10)), &r.Batch); err != nil {
		return r, fmt.Errorf("read how route %d of bridge %s puts messages together: %w", row.Int(1), row.Text(0), err)
	}
	if len(r.Exclude) == 0 {
		r.Exclude = nil
	}
	return r, nil
}
