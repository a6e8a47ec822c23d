package supervisor

import (
	"context"

	"github.com/tidegate/tidegate/gateway"
)

var _ gateway.LearnedDevices = (*Supervisor)(nil)

// ForgetLearned drops what is kept, and has the running driver forget it too.
func (s *Supervisor) ForgetLearned(ctx context.Context, id string) error {
	config := s.Config()
	device, known := config.Device(id)
	if !known {
		return gateway.Errorf(gateway.NotFound, "there is no device %q", id)
	}
	if err := s.options.Memory.Forget(ctx, id); err != nil {
		return err
	}
	running, runs := s.view().connections[device.Connection]
	if !runs {
		return nil
	}
	err := running.current().Explore(ctx, func(_ context.Context, driver gateway.Explorer) error {
		if learner, is := driver.(gateway.Learner); is {
			learner.Learn(device, gateway.Learned{})
		}
		return nil
	})
	// A wire that is down has no driver that knows anything.
	if gateway.CodeOf(err) == gateway.Unavailable && running.current().Status().State == gateway.StateDown {
		return nil
	}
	return err
}
