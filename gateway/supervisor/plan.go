package supervisor

import (
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// connectionPlan is what matters to the runner of a connection. Two equal plans are the same runner; names for people are
// not part of it.
type connectionPlan struct {
	Gateway    string
	Connection gateway.Connection
	Devices    []gateway.Device
	Intervals  [][]time.Duration
}

// bridgePlan is what matters to the runner of a bridge.
type bridgePlan struct {
	Gateway string
	Bridge  gateway.Bridge
}

// enabledDevices are the devices of a connection that are to be polled.
func enabledDevices(config gateway.Config, connection string) []gateway.Device {
	var devices []gateway.Device
	for _, d := range config.Devices {
		if d.Connection == connection && !d.Disabled {
			devices = append(devices, d)
		}
	}
	return devices
}

func planConnection(config gateway.Config, connection gateway.Connection, devices []gateway.Device) connectionPlan {
	plan := connectionPlan{Gateway: config.Name, Connection: connection}
	plan.Connection.Name = ""
	for _, d := range devices {
		intervals := make([]time.Duration, 0, len(d.Points))
		points := append([]gateway.Point(nil), d.Points...) // nil when empty: equal to absent
		for i, p := range d.Points {
			intervals = append(intervals, config.Interval(d, p))
			points[i].Name, points[i].Unit, points[i].ScanClass = "", "", ""
		}
		d.Name, d.ScanClass, d.Profile, d.Points = "", "", gateway.ProfileRef{}, points
		plan.Devices = append(plan.Devices, d)
		plan.Intervals = append(plan.Intervals, intervals)
	}
	return plan
}

func planBridge(config gateway.Config, b gateway.Bridge) bridgePlan {
	b.Name = ""
	b.Routes = append([]gateway.Route(nil), b.Routes...)
	return bridgePlan{Gateway: config.Name, Bridge: b}
}

// planListener has absent for an empty list.
func planListener(l gateway.Listener) gateway.Listener {
	l.TrustedProxies = append([]string(nil), l.TrustedProxies...)
	return l
}

// forComparison is the configuration with absent for empty lists, and with the secrets in force where it carries the
// redacted ones; it is only used to see whether anything changed.
func forComparison(config, inForce gateway.Config) gateway.Config {
	config.ScanClasses = append([]gateway.ScanClass(nil), config.ScanClasses...)
	config.Connections = append([]gateway.Connection(nil), config.Connections...)
	for i, c := range config.Connections {
		if stored, known := inForce.Connection(c.ID); known {
			_ = config.Connections[i].KeepSecrets(stored, "")
		}
	}
	config.Devices = append([]gateway.Device(nil), config.Devices...)
	for i, d := range config.Devices {
		config.Devices[i].Points = append([]gateway.Point(nil), d.Points...)
	}
	config.Listeners = append([]gateway.Listener(nil), config.Listeners...)
	for i, l := range config.Listeners {
		config.Listeners[i] = planListener(l)
	}
	config.Bridges = append([]gateway.Bridge(nil), config.Bridges...)
	for i, b := range config.Bridges {
		config.Bridges[i].Routes = append([]gateway.Route(nil), b.Routes...)
		if stored, known := inForce.Bridge(b.ID); known {
			_ = config.Bridges[i].KeepSecrets(stored, "") // what is not stored is a difference
		}
	}
	return config
}
