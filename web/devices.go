package web

import (
	"context"

	"github.com/tidegate/tidegate/gateway"
)

// DeviceEdit is a device as a form sends it.
type DeviceEdit struct {
	// Revision of the configuration from which the form was made.
	Revision int64 `json:"revision" doc:"Revision of the configuration from which the form was made"`
	// Connection is sent when it is new or changed.
	Connection *gateway.Connection `json:"connection,omitempty" doc:"Only when it is new or changed"`
	Device     gateway.Device      `json:"device"`
}

// DeviceSaved is a device as it is now.
type DeviceSaved struct {
	Revision   int64              `json:"revision"`
	Connection gateway.Connection `json:"connection"`
	Device     gateway.Device     `json:"device"`
}

// DeviceTest is what to try without saving it.
type DeviceTest struct {
	// Connection may be left out when the device's exists already.
	Connection *gateway.Connection `json:"connection,omitempty" doc:"Only when it is new or changed"`
	Device     gateway.Device      `json:"device"`
}

// Saved says which configuration is in force now.
type Saved struct {
	Revision int64 `json:"revision"`
}

type (
	addDeviceIn    struct{ Body DeviceEdit }
	changeDeviceIn struct {
		ID   string `path:"id"`
		Body DeviceEdit
	}
	removeIn struct {
		ID       string `path:"id"`
		Revision int64  `query:"revision" required:"true" doc:"Revision of the configuration that the user saw"`
	}
	forgetIn struct {
		ID string `path:"id"`
	}
	testDeviceIn struct{ Body DeviceTest }
	deviceOut    struct{ Body DeviceSaved }
	savedOut     struct{ Body Saved }
)

func (s *Server) addDevice(ctx context.Context, in *addDeviceIn) (*deviceOut, error) {
	return s.saveDevice(ctx, in.Body, func(config gateway.Config) (gateway.Config, error) {
		return withNewDevice(config, in.Body)
	})
}

func (s *Server) changeDevice(ctx context.Context, in *changeDeviceIn) (*deviceOut, error) {
	return s.saveDevice(ctx, in.Body, func(config gateway.Config) (gateway.Config, error) {
		return withChangedDevice(config, in.ID, in.Body)
	})
}

func (s *Server) saveDevice(ctx context.Context, sent DeviceEdit, edit edit) (*deviceOut, error) {
	ids := sentIDs{device: sent.Device.ID}
	if sent.Connection != nil {
		ids.connection = sent.Connection.ID
	}
	config, err := s.apply(ctx, sent.Revision, ids, edit)
	if err != nil {
		return nil, err
	}
	config = shown(config)
	device, _ := config.Device(sent.Device.ID)
	connection, _ := config.Connection(device.Connection)
	return &deviceOut{Body: DeviceSaved{Revision: config.Revision, Connection: connection, Device: device}}, nil
}

func (s *Server) removeDevice(ctx context.Context, in *removeIn) (*savedOut, error) {
	config, err := s.apply(ctx, in.Revision, sentIDs{}, func(config gateway.Config) (gateway.Config, error) {
		return withoutDevice(config, in.ID)
	})
	if err != nil {
		return nil, err
	}
	return &savedOut{Body: Saved{Revision: config.Revision}}, nil
}

func (s *Server) testDevice(ctx context.Context, in *testDeviceIn) (*readingsOut, error) {
	config := s.Control.Config()
	connection, err := connectionOf(&config, in.Body.Connection, in.Body.Device)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, wireTimeout)
	defer cancel()
	readings, err := s.Control.Test(ctx, connection, in.Body.Device)
	if err != nil {
		return nil, err
	}
	return &readingsOut{Body: list(readings)}, nil
}

func (s *Server) forgetLearned(ctx context.Context, in *forgetIn) (*none, error) {
	ctx, cancel := context.WithTimeout(ctx, wireTimeout)
	defer cancel()
	return &none{}, s.Learned.ForgetLearned(ctx, in.ID)
}
