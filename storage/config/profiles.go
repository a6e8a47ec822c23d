package config

import (
	"encoding/json"
	"fmt"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage"
)

func writeProfiles(conn *storage.Conn, profiles []gateway.Profile) error {
	for i, p := range profiles {
		document, err := json.Marshal(p)
		if err != nil {
			return err
		}
		err = conn.Do("INSERT INTO profile (id, version, ordinal, document) VALUES (?, ?, ?, ?)",
			p.ID, int64(p.Version), int64(i), string(document))
		if err != nil {
			return err
		}
	}
	return nil
}

func readProfiles(conn *storage.Conn, c *gateway.Config) error {
	return conn.Query(func(row storage.Row) error {
		var p gateway.Profile
		if err := json.Unmarshal([]byte(row.Text(2)), &p); err != nil {
			return fmt.Errorf("read profile %s of version %d: %w", row.Text(0), row.Int(1), err)
		}
		c.Profiles = append(c.Profiles, p)
		return nil
	}, "SELECT id, version, document FROM profile ORDER BY ordinal")
}
