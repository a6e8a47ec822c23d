package supervisor

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

var _ gateway.Exploration = (*Supervisor)(nil)

// exploreLimit is how long a look at a wire may take.
const exploreLimit = 25 * time.Second

// FindUnits asks one unit after the other, so that a running connection goes on polling in between.
func (s *Supervisor) FindUnits(ctx context.Context, connection gateway.Connection, search gateway.UnitSearch) ([]gateway.FoundUnit, error) {
	if search.To-search.From >= gateway.MaxUnitSearch || search.To < search.From {
		return nil, gateway.FieldErrorf("search.to", "1 to %d units are asked at once", gateway.MaxUnitSearch)
	}
	found := []gateway.FoundUnit{}
	err := s.explore(ctx, connection, search.From, func(ctx context.Context, look looker) error {
		for unit := search.From; unit <= search.To; unit++ {
			one := gateway.UnitSearch{From: unit, To: unit, Timeout: search.Timeout}
			err := look(ctx, func(ctx context.Context, explorer gateway.Explorer) error {
				answers, err := explorer.FindUnits(ctx, one)
				found = append(found, answers...)
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return found, err
}

// ReadRange reads in one go.
func (s *Supervisor) ReadRange(ctx context.Context, connection gateway.Connection, span gateway.Range) (places []gateway.Place, err error) {
	err = s.explore(ctx, connection, span.Unit, func(ctx context.Context, look looker) error {
		return look(ctx, func(ctx context.Context, explorer gateway.Explorer) (err error) {
			places, err = explorer.ReadRange(ctx, span)
			return err
		})
	})
	return places, err
}

// Plan checks what a form has and plans it.
func (s *Supervisor) Plan(connection gateway.Connection, device gateway.Device) (gateway.Plan, error) {
	connection.ID, device.ID = cmp.Or(connection.ID, "test"), cmp.Or(device.ID, "test")
	device.Connection = connection.ID
	if err := s.checkTest(connection, &device); err != nil {
		return gateway.Plan{}, err
	}
	config := s.Config()
	if len(config.ScanClasses) == 0 {
		config.ScanClasses = gateway.DefaultScanClasses()
	}
	return s.options.Plan(config, connection, device, s.options.Memory.Recall(connection, device))
}

// PointProblems asks the domain and the driver.
func (s *Supervisor) PointProblems(next gateway.Config, deviceID string) []*gateway.Error {
	device, _ := next.Device(deviceID)
	connection, _ := next.Connection(device.Connection)
	return next.PointProblems(deviceID, func(p gateway.Point) error { return s.options.CheckPoint(connection, device, p) })
}

// looker does something with an open wire.
type looker func(ctx context.Context, look func(context.Context, gateway.Explorer) error) error

// explore gives work a wire: the running one of a connection with the same URL, else one that is opened for it.
func (s *Supervisor) explore(ctx context.Context, connection gateway.Connection, unit int, work func(context.Context, looker) error) error {
	connection.ID = cmp.Or(connection.ID, "test")
	if err := s.checkTest(connection, &gateway.Device{ID: "test", Connection: connection.ID, Unit: unit}); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, exploreLimit)
	defer cancel()
	if running := s.runningAt(connection.URL); running != nil {
		return work(ctx, running.Explore)
	}
	driver, err := s.options.Open(ctx, connection)
	if err != nil {
		return testError(err)
	}
	explorer, can := driver.(gateway.Explorer)
	if !can {
		return errors.Join(gateway.FieldErrorf("connection.url", "devices that speak by themselves cannot be looked for"), driver.Close())
	}
	err = work(ctx, func(ctx context.Context, look func(context.Context, gateway.Explorer) error) error {
		return look(ctx, explorer)
	})
	if err != nil {
		err = testError(err)
	}
	return errors.Join(err, driver.Close())
}

// DetectLine needs the port for itself: a line that is in use cannot change its settings.
func (s *Supervisor) DetectLine(ctx context.Context, connection gateway.Connection, search gateway.LineSearch) ([]gateway.FoundLine, error) {
	connection.ID = cmp.Or(connection.ID, "test")
	if err := s.checkTest(connection, &gateway.Device{ID: "test", Connection: connection.ID, Unit: 1}); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, exploreLimit)
	defer cancel()
	found, err := s.options.Detect(ctx, connection, search)
	if err != nil {
		return nil, testError(err)
	}
	return found, nil
}
