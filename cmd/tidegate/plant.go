package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/tidegate/tidegate/drivers/sim"
	"github.com/tidegate/tidegate/gateway"
)

// plant is the demo's simulated plant: a controller behind Modbus TCP, two meters on a serial line and a scale.
type plant struct {
	running *parts
	plc     *sim.TCPSlave
	// rtu and scale are paths that stay the same over restarts; they lead to pseudo terminals.
	rtu, scale string
}

// openPlant starts the slaves. dir gets the links to the serial lines.
func openPlant(ctx context.Context, dir string) (*plant, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the directory of the plant: %w", err)
	}
	p := &plant{running: newParts(), rtu: filepath.Join(dir, "rtu"), scale: filepath.Join(dir, "scale")}
	var err error
	if p.plc, err = openPLC(ctx); err != nil {
		return nil, err
	}
	line, err := sim.OpenRTU(19200, map[byte]*sim.Unit{1: sim.NewMeter(0), 2: sim.NewMeter(9)})
	if err != nil {
		return nil, errors.Join(err, p.plc.Close())
	}
	scale, err := sim.OpenScale(500 * time.Millisecond)
	if err != nil {
		return nil, errors.Join(err, line.Close(), p.plc.Close())
	}
	p.running.Go("plc", p.plc.Run)
	p.running.Go("meters", line.Run)
	p.running.Go("scale", scale.Run)
	if err := errors.Join(line.Link(p.rtu), scale.Link(p.scale)); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// openPLC prefers a port that stays the same, so that the configuration does.
func openPLC(ctx context.Context) (*sim.TCPSlave, error) {
	units := map[byte]*sim.Unit{1: sim.NewPLC()}
	slave, err := sim.ListenTCP(ctx, "127.0.0.1:15020", units)
	if isTaken(err) {
		return sim.ListenTCP(ctx, "127.0.0.1:0", units)
	}
	return slave, err
}

// Close ends the slaves.
func (p *plant) Close() error { return p.running.Close() }

func (p *plant) lines() []extraLine {
	return []extraLine{
		{"plant", "Modbus TCP slave " + p.plc.Addr()},
		{"plant", "Modbus RTU slaves 1 and 2 on " + p.rtu},
		{"plant", "scale on " + p.scale},
	}
}

// configure gives an empty gateway the demo's devices and bridge. In a later start only the addresses are put right that
// may have changed: what the user made of the rest is kept.
func (p *plant) configure(config gateway.Config, cloudURL string) gateway.Config {
	if config.Revision == 0 {
		return p.firstConfig(config, cloudURL)
	}
	config.Connections = slices.Clone(config.Connections)
	for i := range config.Connections {
		if url, ours := p.urls()[config.Connections[i].ID]; ours {
			config.Connections[i].URL = url
		}
	}
	config.Bridges = slices.Clone(config.Bridges)
	for i := range config.Bridges {
		if config.Bridges[i].ID == "cloud" {
			config.Bridges[i].URL = cloudURL
		}
	}
	return config
}

func (p *plant) urls() map[string]string {
	return map[string]string{
		"plc-net":    "tcp://" + p.plc.Addr(),
		"meter-line": "rtu://" + p.rtu + "?baud=19200",
		"scale-line": "line://" + p.scale + "?baud=9600",
	}
}

func (p *plant) firstConfig(config gateway.Config, cloudURL string) gateway.Config {
	urls := p.urls()
	config.Name = "demo"
	config.ScanClasses = gateway.DefaultScanClasses()
	config.Connections = []gateway.Connection{
		{ID: "plc-net", Name: "Controller", URL: urls["plc-net"], Timeout: gateway.DefaultTimeout},
		{ID: "meter-line", Name: "Meters, RS-485", URL: urls["meter-line"], Timeout: gateway.Duration(500 * time.Millisecond)},
		{ID: "scale-line", Name: "Scale, RS-232", URL: urls["scale-line"], Timeout: gateway.DefaultTimeout},
	}
	config.Devices = []gateway.Device{
		{ID: "tank", Name: "Tank 1", Connection: "plc-net", Unit: 1, ScanClass: "normal", Points: tankPoints()},
		{ID: "meter-1", Name: "Meter 1, pump", Connection: "meter-line", Unit: 1, ScanClass: "normal", Points: meterPoints()},
		{ID: "meter-2", Name: "Meter 2, heater", Connection: "meter-line", Unit: 2, ScanClass: "normal", Points: meterPoints()},
		{ID: "scale", Name: "Bag scale", Connection: "scale-line", ScanClass: "normal", Points: scalePoints()},
	}
	config.Bridges = []gateway.Bridge{{
		ID: "cloud", Name: "Cloud", URL: cloudURL, KeepAlive: gateway.Duration(10 * time.Second),
		Routes: []gateway.Route{{Direction: gateway.Out, Filter: "#", QoS: 2}},
	}}
	return config
}

func tankPoints() []gateway.Point {
	exactlyOnce := 2
	return []gateway.Point{
		{ID: "temperature", Name: "Temperature", Address: "input:0", Type: gateway.Float32, ByteOrder: "CDAB", Decimals: new(1), Unit: "°C"},
		{ID: "pressure", Name: "Pressure", Address: "input:2", Type: gateway.Int16, Scale: 0.01, Decimals: new(2), Unit: "bar"},
		{ID: "flow", Name: "Flow", Address: "input:3", Type: gateway.Float32, Decimals: new(1), Unit: "l/min"},
		{ID: "level", Name: "Level", Address: "input:5", Type: gateway.Uint16, Scale: 0.1, Decimals: new(1), Unit: "%"},
		{ID: "energy", Name: "Energy", Address: "input:6", Type: gateway.Uint32, Unit: "Wh"},
		{ID: "running", Name: "Running", Address: "input:8.0", Type: gateway.Bool},
		{ID: "alarm", Name: "Level alarm", Address: "input:8.1", Type: gateway.Bool, Mapping: gateway.Mapping{Retain: true}},
		{ID: "counter", Name: "Counter", Address: "input:10", Type: gateway.Uint32, Mapping: gateway.Mapping{QoS: &exactlyOnce}},
		{ID: "pump", Name: "Pump", Address: "coil:0", Type: gateway.Bool, Writable: true},
		{ID: "setpoint", Name: "Set point", Address: "holding:0", Type: gateway.Float32, Decimals: new(1), Unit: "°C", Writable: true},
	}
}

func meterPoints() []gateway.Point {
	return []gateway.Point{
		{ID: "voltage", Name: "Voltage", Address: "input:0", Type: gateway.Float32, Decimals: new(1), Unit: "V"},
		{ID: "current", Name: "Current", Address: "input:6", Type: gateway.Float32, Decimals: new(2), Unit: "A"},
		{ID: "power", Name: "Power", Address: "input:12", Type: gateway.Float32, Decimals: new(0), Unit: "W"},
		{ID: "frequency", Name: "Frequency", Address: "input:70", Type: gateway.Float32, Decimals: new(2), Unit: "Hz"},
		{ID: "energy", Name: "Energy", Address: "input:342", Type: gateway.Float32, Decimals: new(2), Unit: "kWh"},
	}
}

func scalePoints() []gateway.Point {
	return []gateway.Point{
		{ID: "weight", Name: "Weight", Address: `regex:S [SD]\s+(-?[0-9.]+) kg`, Type: gateway.Float64, Unit: "kg"},
		{ID: "motion", Name: "Stable (S) or moving (D)", Address: `regex:S ([SD]) `, Type: gateway.String, Length: 1},
	}
}
