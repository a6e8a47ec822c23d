package supervisor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

const (
	// testLimit is how long a test of a connection may take.
	testLimit = 10 * time.Second
	// listenLimit is how much of it may go into reading.
	listenLimit = 8 * time.Second
)

// Test reads the points of a device once, without saving anything. It takes the running wire when a connection with the
// same URL runs, else it opens one for the test and closes it again; at most 10 s.
func (s *Supervisor) Test(ctx context.Context, connection gateway.Connection, device gateway.Device) ([]gateway.Reading, error) {
	connection.ID, device.ID = cmp.Or(connection.ID, "test"), cmp.Or(device.ID, "test")
	device.Connection = connection.ID
	if err := s.checkTest(connection, &device); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, testLimit)
	defer cancel()
	if running := s.runningAt(connection.URL); running != nil {
		return running.Test(ctx, device)
	}
	return s.testAlone(ctx, connection, device)
}

// checkTest refuses what could not be saved either.
func (s *Supervisor) checkTest(connection gateway.Connection, device *gateway.Device) error {
	current := s.Config()
	classes := current.ScanClasses
	if len(classes) == 0 {
		classes = gateway.DefaultScanClasses()
	}
	device.ScanClass = cmp.Or(device.ScanClass, classes[0].ID)
	alone := gateway.Config{
		Name: cmp.Or(current.Name, "test"), ScanClasses: classes,
		Connections: []gateway.Connection{connection}, Devices: []gateway.Device{*device},
	}
	if err := alone.Validate(); err != nil {
		return err
	}
	return s.options.Check(alone)
}

func (s *Supervisor) runningAt(url string) ConnectionRunner {
	for _, c := range s.view().connections {
		if c.plan.Connection.URL == url {
			return c.current()
		}
	}
	return nil
}

func (s *Supervisor) testAlone(ctx context.Context, connection gateway.Connection, device gateway.Device) (readings []gateway.Reading, err error) {
	driver, err := s.options.Open(ctx, connection)
	if err != nil {
		return nil, testError(err)
	}
	defer func() {
		if closeErr := driver.Close(); closeErr != nil && err == nil {
			err = fmt.Errorf("close the wire of the test: %w", closeErr)
		}
	}()
	reading, cancel := context.WithTimeout(ctx, listenLimit)
	defer cancel()
	if readings, err = gateway.ReadOnce(reading, driver, device); err != nil {
		return nil, testError(err)
	}
	return readings, nil
}

// testError shows what is wrong with the wire to the one who tests it.
func testError(err error) error {
	switch {
	case gateway.CodeOf(err) != "":
		return err
	case errors.Is(err, context.DeadlineExceeded):
		return gateway.Errorf(gateway.Unavailable, "no answer within %s: check cable, address and settings: %w", testLimit, err)
	}
	return gateway.Errorf(gateway.Unavailable, "the connection does not work: %w", err)
}

// Write sets a point of a running connection.
func (s *Supervisor) Write(ctx context.Context, key gateway.PointKey, value gateway.Value) (gateway.Reading, error) {
	config := s.Config()
	device, known := config.Device(key.Device)
	if !known {
		return gateway.Reading{}, gateway.Errorf(gateway.NotFound, "there is no device %q", key.Device)
	}
	running, runs := s.view().connections[device.Connection]
	if !runs || device.Disabled {
		return gateway.Reading{}, gateway.Errorf(gateway.Unavailable, "device %s or its connection is switched off: switch it on first", key.Device)
	}
	return running.current().Write(ctx, key, value)
}

// FlushBridge has a bridge try now what it waits for.
func (s *Supervisor) FlushBridge(id string) error {
	v := s.view()
	config, known := v.config.Bridge(id)
	switch {
	case !known:
		return gateway.Errorf(gateway.NotFound, "there is no bridge %q", id)
	case config.Disabled:
		return gateway.Errorf(gateway.Conflict, "bridge %s is switched off: switch it on first", id)
	case config.Paused:
		return gateway.Errorf(gateway.Conflict, "bridge %s is paused: resume it first", id)
	}
	if running, runs := v.bridges[id]; runs {
		if runner := running.current(); runner != nil {
			runner.Flush()
		}
	}
	return nil
}
