package config

import (
	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage"
)

const bridgeColumns = "id, name, url, client_id, username, password, version, keep_alive, window, disabled"

func writeBridges(conn *storage.Conn, bridges []gateway.Bridge) error {
	for i, b := range bridges {
		err := conn.Do("INSERT INTO bridge (ordinal, "+bridgeColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			int64(i), b.ID, b.Name, b.URL, b.ClientID, b.Username, b.Password.Reveal(), int64(b.Version),
			int64(b.KeepAlive), int64(b.Window), b.Disabled)
		if err != nil {
			return err
		}
		for j, r := range b.Routes {
			err := conn.Do("INSERT INTO route (bridge, ordinal, direction, filter, prefix, qos) VALUES (?, ?, ?, ?, ?, ?)",
				b.ID, int64(j), string(r.Direction), r.Filter, r.Prefix, int64(r.QoS))
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func readBridges(conn *storage.Conn, c *gateway.Config) error {
	index := map[string]int{}
	err := conn.Query(func(row storage.Row) error {
		index[row.Text(0)] = len(c.Bridges)
		c.Bridges = append(c.Bridges, gateway.Bridge{
			ID: row.Text(0), Name: row.Text(1), URL: row.Text(2), ClientID: row.Text(3), Username: row.Text(4),
			Password: gateway.Secret(row.Text(5)), Version: int(row.Int(6)), KeepAlive: gateway.Duration(row.Int(7)),
			Window: int(row.Int(8)), Disabled: row.Int(9) != 0, Routes: []gateway.Route{},
		})
		return nil
	}, "SELECT "+bridgeColumns+" FROM bridge ORDER BY ordinal")
	if err != nil {
		return err
	}
	return conn.Query(func(row storage.Row) error {
		bridge := &c.Bridges[index[row.Text(0)]]
		bridge.Routes = append(bridge.Routes, gateway.Route{
			Direction: gateway.Direction(row.Text(1)), Filter: row.Text(2), Prefix: row.Text(3), QoS: int(row.Int(4)),
		})
		return nil
	}, "SELECT bridge, direction, filter, prefix, qos FROM route ORDER BY bridge, ordinal")
}
