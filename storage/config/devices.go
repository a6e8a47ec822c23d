package config

import (
	"database/sql/driver"
	"encoding/json"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage"
)

// clearTables removes the rows of the newest revision, those that refer before those that are referred to.
func clearTables(conn *storage.Conn) error {
	for _, query := range []string{
		"DELETE FROM route", "DELETE FROM bridge", "DELETE FROM point", "DELETE FROM device",
		"DELETE FROM connection", "DELETE FROM scan_class", "DELETE FROM profile", "DELETE FROM listener",
	} {
		if err := conn.Do(query); err != nil {
			return err
		}
	}
	return nil
}

const connectionColumns = "id, name, url, timeout, disabled, ca, certificate, key, server_name, proxy, " +
	"pause_after_connect, close_after_poll, stale_after"

// writePlant writes scan classes, connections, devices and points.
func writePlant(conn *storage.Conn, c *gateway.Config) error {
	for i, class := range c.ScanClasses {
		err := conn.Do("INSERT INTO scan_class (id, ordinal, interval) VALUES (?, ?, ?)",
			class.ID, int64(i), int64(class.Interval))
		if err != nil {
			return err
		}
	}
	for i, x := range c.Connections {
		proxy, err := json.Marshal(x.Proxy)
		if err != nil {
			return err
		}
		err = conn.Do("INSERT INTO connection (ordinal, "+connectionColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			int64(i), x.ID, x.Name, x.URL, int64(x.Timeout), x.Disabled,
			x.TLS.CA, x.TLS.Certificate, x.TLS.Key.Reveal(), x.TLS.ServerName, string(proxy), int64(x.Quirks.PauseAfterConnect), x.Quirks.CloseAfterPoll,
			int64(x.StaleAfter))
		if err != nil {
			return err
		}
	}
	if err := writeProfiles(conn, c.Profiles); err != nil {
		return err
	}
	for i, d := range c.Devices {
		differences, err := json.Marshal(d.Differences)
		if err != nil {
			return err
		}
		err = conn.Do("INSERT INTO device (id, ordinal, name, connection, unit, scan_class, disabled, "+quirkColumns+
			", profile, profile_version, differences) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			d.ID, int64(i), d.Name, d.Connection, int64(d.Unit), d.ScanClass, d.Disabled, int64(d.Quirks.MaxRegisters),
			int64(d.Quirks.MaxBits), d.Quirks.OnePerPoint, int64(d.Quirks.Pause), int64(d.Quirks.ReadFunction),
			int64(d.Quirks.AddressBase), d.Quirks.AnyUnit, d.Profile.ID, int64(d.Profile.Version), string(differences))
		if err != nil {
			return err
		}
		for j, p := range d.Points {
			if err := writePoint(conn, d.ID, j, p); err != nil {
				return err
			}
		}
	}
	return nil
}

const quirkColumns = "max_registers, max_bits, one_per_point, pause, read_function, address_base, any_unit"

const pointColumns = `id, name, address, type, byte_order, length, scale, "offset", decimals, unit, scan_class, ` +
	"writable, topic, payload, qos, retain, encoding, bits, inverted, invalid, scale_from, " +
	"limit_min, limit_max, limit_bad, enum, expression, on_change, deadband, deadband_percent, longest_silence, count, blanks"

func writePoint(conn *storage.Conn, device string, ordinal int, p gateway.Point) error {
	return conn.Do("INSERT INTO point (device, ordinal, "+pointColumns+") "+
		"VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "+
		"?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		device, int64(ordinal), p.ID, p.Name, p.Address, string(p.Type), p.ByteOrder, int64(p.Length), p.Scale, p.Offset,
		orNull(p.Decimals), p.Unit, p.ScanClass, p.Writable, p.Mapping.Topic, string(p.Mapping.Payload),
		orNull(p.Mapping.QoS), p.Mapping.Retain, string(p.Decoding.Encoding), p.Decoding.Bits, p.Decoding.Inverted,
		p.Decoding.Invalid, p.Decoding.ScaleFrom, floatOrNull(p.Limits.Min), floatOrNull(p.Limits.Max), p.Limits.Bad, string(p.Enum),
		p.Expression, p.Publish.OnChange, p.Publish.Deadband, p.Publish.DeadbandPercent, int64(p.Publish.LongestSilence),
		int64(p.Count), p.Decoding.Blanks)
}

func orNull(number *int) driver.Value {
	if number == nil {
		return nil
	}
	return int64(*number)
}

func orNil(value driver.Value) *int {
	if number, isNumber := value.(int64); isNumber {
		return new(int(number))
	}
	return nil
}

func floatOrNull(number *float64) driver.Value {
	if number == nil {
		return nil
	}
	return *number
}

func floatOrNil(value driver.Value) *float64 {
	if number, isNumber := value.(float64); isNumber {
		return &number
	}
	return nil
}

func readPlant(conn *storage.Conn, c *gateway.Config) error {
	err := conn.Query(func(row storage.Row) error {
		c.ScanClasses = append(c.ScanClasses, gateway.ScanClass{ID: row.Text(0), Interval: gateway.Duration(row.Int(1))})
		return nil
	}, "SELECT id, interval FROM scan_class ORDER BY ordinal")
	if err != nil {
		return err
	}
	err = conn.Query(func(row storage.Row) error {
		var proxy gateway.ConnectionProxy
		err := json.Unmarshal([]byte(row.Text(9)), &proxy)
		c.Connections = append(c.Connections, gateway.Connection{
			ID: row.Text(0), Name: row.Text(1), URL: row.Text(2), Timeout: gateway.Duration(row.Int(3)),
			Disabled: row.Int(4) != 0,
			TLS: gateway.ConnectionTLS{
				CA: row.Text(5), Certificate: row.Text(6), Key: gateway.Secret(row.Text(7)), ServerName: row.Text(8),
			},
			Proxy: proxy, StaleAfter: int(row.Int(12)),
			Quirks: gateway.ConnectionQuirks{PauseAfterConnect: gateway.Duration(row.Int(10)), CloseAfterPoll: row.Int(11) != 0},
		})
		return err
	}, "SELECT "+connectionColumns+" FROM connection ORDER BY ordinal")
	if err != nil {
		return err
	}
	if err := readProfiles(conn, c); err != nil {
		return err
	}
	return readDevices(conn, c)
}

func readDevices(conn *storage.Conn, c *gateway.Config) error {
	index := map[string]int{}
	err := conn.Query(func(row storage.Row) error {
		index[row.Text(0)] = len(c.Devices)
		var differences []gateway.PointDifference
		if err := json.Unmarshal([]byte(row.Text(15)), &differences); err != nil {
			return err
		}
		c.Devices = append(c.Devices, gateway.Device{
			ID: row.Text(0), Name: row.Text(1), Connection: row.Text(2), Unit: int(row.Int(3)), ScanClass: row.Text(4),
			Disabled: row.Int(5) != 0, Points: []gateway.Point{},
			Profile: gateway.ProfileRef{ID: row.Text(13), Version: int(row.Int(14))}, Differences: differences,
			Quirks: gateway.DeviceQuirks{
				MaxRegisters: int(row.Int(6)), MaxBits: int(row.Int(7)), OnePerPoint: row.Int(8) != 0,
				Pause: gateway.Duration(row.Int(9)), ReadFunction: int(row.Int(10)), AddressBase: int(row.Int(11)),
				AnyUnit: row.Int(12) != 0,
			},
		})
		return nil
	}, "SELECT id, name, connection, unit, scan_class, disabled, "+quirkColumns+", profile, profile_version, differences FROM device ORDER BY ordinal")
	if err != nil {
		return err
	}
	return conn.Query(func(row storage.Row) error {
		device := &c.Devices[index[row.Text(0)]]
		device.Points = append(device.Points, readPoint(row[1:]))
		return nil
	}, "SELECT device, "+pointColumns+" FROM point ORDER BY device, ordinal")
}

func readPoint(row storage.Row) gateway.Point {
	return gateway.Point{
		ID: row.Text(0), Name: row.Text(1), Address: row.Text(2), Type: gateway.Type(row.Text(3)), ByteOrder: row.Text(4),
		Length: int(row.Int(5)), Scale: row.Float(6), Offset: row.Float(7), Decimals: orNil(row[8]), Unit: row.Text(9),
		ScanClass: row.Text(10), Writable: row.Int(11) != 0,
		Mapping: gateway.Mapping{
			Topic: row.Text(12), Payload: gateway.Payload(row.Text(13)), QoS: orNil(row[14]), Retain: row.Int(15) != 0,
		},
		Decoding: gateway.Decoding{
			Encoding: gateway.Encoding(row.Text(16)), Bits: row.Text(17), Inverted: row.Int(18) != 0, Invalid: row.Text(19),
			ScaleFrom: row.Text(20), Blanks: row.Int(31) != 0,
		},
		Limits: gateway.Limits{Min: floatOrNil(row[21]), Max: floatOrNil(row[22]), Bad: row.Int(23) != 0},
		Enum:   gateway.Enum(row.Text(24)), Expression: row.Text(25),
		Publish: gateway.Publishing{
			OnChange: row.Int(26) != 0, Deadband: row.Float(27), DeadbandPercent: row.Float(28),
			LongestSilence: gateway.Duration(row.Int(29)),
		},
		Count: int(row.Int(30)),
	}
}
