package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/tidegate/tidegate/gateway"
)

// edit makes the next configuration out of a copy of the one in force.
type edit func(gateway.Config) (gateway.Config, error)

// apply edits the configuration in force and makes the result run. revision is the one that the user saw.
func (s *Server) apply(ctx context.Context, revision int64, sent sentIDs, change edit) (gateway.Config, error) {
	config := shown(s.Control.Config())
	if config.Revision != revision {
		return gateway.Config{}, gateway.Errorf(gateway.Conflict,
			"the configuration was changed meanwhile (revision %d, you saw %d): load it anew and repeat your change",
			config.Revision, revision)
	}
	next, err := change(config)
	if err != nil {
		return gateway.Config{}, err
	}
	next = next.WithoutIdleProfiles(s.Profiles.BuiltIn())
	applied, err := s.Control.Apply(ctx, next, visitorOf(ctx).user.Name)
	if err != nil {
		return gateway.Config{}, inRequest(err, &next, sent)
	}
	noteOf(ctx).subject = cmp.Or(sent.device, sent.bridge, sent.listener)
	if applied.Revision != revision {
		noteOf(ctx).revision = applied.Revision
	}
	return applied, nil
}

func withNewDevice(config gateway.Config, sent DeviceEdit) (gateway.Config, error) {
	if _, exists := config.Device(sent.Device.ID); exists {
		return config, gateway.FieldErrorf("device.id", "%q is there already: choose another one", sent.Device.ID)
	}
	if sent.Connection != nil {
		known, exists := config.Connection(sent.Connection.ID)
		wanted := *sent.Connection
		if wanted.TLS.Key == gateway.Redacted {
			wanted.TLS.Key = known.TLS.Key
		}
		if exists && known != wanted {
			return config, gateway.FieldErrorf("connection.id",
				"%q is there already with other settings: choose another one, or use it as it is", known.ID)
		}
	}
	config, err := withConnection(config, sent)
	if err != nil {
		return config, err
	}
	config.Devices = append(config.Devices, sent.Device)
	return config, nil
}

func withChangedDevice(config gateway.Config, id string, sent DeviceEdit) (gateway.Config, error) {
	i := slices.IndexFunc(config.Devices, func(d gateway.Device) bool { return d.ID == id })
	if i < 0 {
		return config, notFound("device", id)
	}
	if sent.Device.ID != id {
		return config, gateway.FieldErrorf("device.id", "the id of a device never changes: %q", id)
	}
	config, err := withConnection(config, sent)
	if err != nil {
		return config, err
	}
	former := config.Devices[i].Connection
	config.Devices[i] = sent.Device
	return withoutIdleConnection(config, former), nil
}

func withoutDevice(config gateway.Config, id string) (gateway.Config, error) {
	device, exists := config.Device(id)
	if !exists {
		return config, notFound("device", id)
	}
	config.Devices = slices.DeleteFunc(config.Devices, func(d gateway.Device) bool { return d.ID == id })
	return withoutIdleConnection(config, device.Connection), nil
}

// connectionOf is the connection of a device: the one sent with it, or the one in force.
func connectionOf(config *gateway.Config, sent *gateway.Connection, device gateway.Device) (gateway.Connection, error) {
	if sent != nil {
		if sent.ID != device.Connection {
			return *sent, gateway.FieldErrorf("device.connection", "%q is not the connection %q", device.Connection, sent.ID)
		}
		return withKey(config, *sent)
	}
	connection, exists := config.Connection(device.Connection)
	if !exists {
		return connection, gateway.FieldErrorf("device.connection", "there is no connection %q", device.Connection)
	}
	return connection, nil
}

// withKey puts the stored key in where a form has only its stars.
func withKey(config *gateway.Config, sent gateway.Connection) (gateway.Connection, error) {
	stored, _ := config.Connection(sent.ID)
	return sent, sent.KeepSecrets(stored, "connection")
}

func withConnection(config gateway.Config, sent DeviceEdit) (gateway.Config, error) {
	connection, err := connectionOf(&config, sent.Connection, sent.Device)
	if err != nil {
		return config, err
	}
	i := slices.IndexFunc(config.Connections, func(c gateway.Connection) bool { return c.ID == connection.ID })
	if i < 0 {
		config.Connections = append(config.Connections, connection)
	} else {
		config.Connections[i] = connection
	}
	return config, nil
}

func withoutIdleConnection(config gateway.Config, id string) gateway.Config {
	if slices.ContainsFunc(config.Devices, func(d gateway.Device) bool { return d.Connection == id }) {
		return config
	}
	config.Connections = slices.DeleteFunc(config.Connections, func(c gateway.Connection) bool { return c.ID == id })
	return config
}

func withNewBridge(config gateway.Config, bridge gateway.Bridge) (gateway.Config, error) {
	if _, exists := config.Bridge(bridge.ID); exists {
		return config, gateway.FieldErrorf("bridge.id", "%q is there already: choose another one", bridge.ID)
	}
	bridge, err := withSecrets(bridge, gateway.Bridge{})
	if err != nil {
		return config, err
	}
	config.Bridges = append(config.Bridges, bridge)
	return config, nil
}

func withChangedBridge(config gateway.Config, id string, bridge gateway.Bridge) (gateway.Config, error) {
	i := slices.IndexFunc(config.Bridges, func(b gateway.Bridge) bool { return b.ID == id })
	if i < 0 {
		return config, notFound("bridge", id)
	}
	if bridge.ID != id {
		return config, gateway.FieldErrorf("bridge.id", "the id of a bridge never changes: %q", id)
	}
	bridge, err := withSecrets(bridge, config.Bridges[i])
	if err != nil {
		return config, err
	}
	config.Bridges[i] = bridge
	return config, nil
}

func withoutBridge(config gateway.Config, id string) (gateway.Config, error) {
	if _, exists := config.Bridge(id); !exists {
		return config, notFound("bridge", id)
	}
	config.Bridges = slices.DeleteFunc(config.Bridges, func(b gateway.Bridge) bool { return b.ID == id })
	return config, nil
}

// withSecrets puts the stored secrets in where the form has only their stars. They do not follow the bridge to another
// host or proxy, nor from TLS to plain text: then whoever edits could read them.
func withSecrets(bridge, stored gateway.Bridge) (gateway.Bridge, error) {
	u, err := url.Parse(bridge.URL)
	if err == nil && u.User != nil {
		return bridge, gateway.FieldErrorf("bridge.url", "user name and password have their own fields")
	}
	path, name, hidden := bridge.HiddenSecret()
	if !hidden {
		return bridge, nil
	}
	if err != nil || !samePeer(bridge.URL, stored.URL) || bridge.Proxy.URL != stored.Proxy.URL ||
		bridge.Link.Backup != "" && !samePeer(bridge.Link.Backup, stored.Link.Backup) {
		return bridge, gateway.FieldErrorf("bridge."+path, "enter the %s again: it is kept for the stored address only", name)
	}
	return bridge, bridge.KeepSecrets(stored, "bridge")
}

func samePeer(a, b string) bool {
	one, err1 := url.Parse(a)
	other, err2 := url.Parse(b)
	return err1 == nil && err2 == nil && one.Scheme == other.Scheme && one.Host == other.Host
}

func notFound(what, id string) error {
	return gateway.Errorf(gateway.NotFound, "there is no %s %q: it may have been removed meanwhile", what, id)
}

// inRequest turns a field of the whole configuration into one of the request: devices[3].points[0].address becomes
// device.points[0].address when devices[3] is the one that was sent.
func inRequest(err error, next *gateway.Config, sent sentIDs) error {
	e, is := errors.AsType[*gateway.Error](err)
	if !is {
		return err
	}
	translated := *e
	for _, place := range sent.places(next) {
		if rest, found := strings.CutPrefix(e.Field, place.inConfig); found {
			translated.Field = place.inRequest + rest
			break
		}
	}
	return &translated
}

// sentIDs are what a request is about.
type sentIDs struct {
	device, connection, bridge, listener string
	// batch are the devices of a list.
	batch []string
}

type place struct{ inConfig, inRequest string }

func (s sentIDs) places(config *gateway.Config) []place {
	device := slices.IndexFunc(config.Devices, func(d gateway.Device) bool { return d.ID == s.device })
	connection := slices.IndexFunc(config.Connections, func(c gateway.Connection) bool { return c.ID == s.connection })
	bridge := slices.IndexFunc(config.Bridges, func(b gateway.Bridge) bool { return b.ID == s.bridge })
	listener := slices.IndexFunc(config.Listeners, func(l gateway.Listener) bool { return l.ID == s.listener })
	var batch []place
	for i, id := range s.batch {
		at := slices.IndexFunc(config.Devices, func(d gateway.Device) bool { return d.ID == id })
		batch = append(batch, place{fmt.Sprintf("devices[%d]", at), fmt.Sprintf("devices[%d]", i)})
	}
	return append([]place{
		{fmt.Sprintf("devices[%d]", device), "device"},
		{fmt.Sprintf("connections[%d]", connection), "connection"},
		{fmt.Sprintf("bridges[%d]", bridge), "bridge"},
		{fmt.Sprintf("listeners[%d]", listener), "listener"},
	}, batch...)
}
