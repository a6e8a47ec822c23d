package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/web"
)

func pump(connection string) gateway.Device {
	return gateway.Device{ID: "pump", Name: "Pump", Connection: connection, Unit: 2, ScanClass: "fast", Points: []gateway.Point{
		{ID: "speed", Name: "Speed", Address: "holding:4", Type: gateway.Uint16},
	}}
}

func TestAddDevice(t *testing.T) {
	t.Run("OnAKnownConnection", func(t *testing.T) {
		p := newPage()
		answer := p.asAdministrator("POST", "/api/v1/devices", web.DeviceEdit{Revision: 7, Device: pump("bus")})
		saved := mustDecode[web.DeviceSaved](t, answer)
		if answer.Code != http.StatusOK || saved.Revision != 8 || saved.Connection.ID != "bus" || !cmp.Equal(saved.Device, pump("bus")) {
			t.Fatalf("%d %s", answer.Code, answer.Body)
		}
		config := p.Config()
		if device, there := config.Device("pump"); !there || !cmp.Equal(device, pump("bus")) || p.author != "administrator" {
			t.Errorf("%+v by %q", device, p.author)
		}
	})
	t.Run("WithANewConnection", func(t *testing.T) {
		p := newPage()
		line := gateway.Connection{ID: "line", Name: "Line", URL: "rtu:///dev/ttyUSB0?baud=9600", Timeout: gateway.Duration(time.Second)}
		p.asAdministrator("POST", "/api/v1/devices", web.DeviceEdit{Revision: 7, Connection: &line, Device: pump("line")})
		config := p.Config()
		if connection, there := config.Connection("line"); !there || connection != line {
			t.Errorf("%+v", config)
		}
	})
	t.Run("ErrAnotherConnectionOfThatName", func(t *testing.T) {
		p := newPage()
		bus := gateway.Connection{ID: "bus", URL: "tcp://elsewhere:502"}
		answer := p.asAdministrator("POST", "/api/v1/devices", web.DeviceEdit{Revision: 7, Connection: &bus, Device: pump("bus")})
		wantProblem(t, answer, http.StatusUnprocessableEntity, gateway.Invalid, "connection.id")
	})
	t.Run("ErrConnectionsDiffer", func(t *testing.T) {
		line := gateway.Connection{ID: "line", URL: "tcp://elsewhere:502"}
		answer := newPage().asAdministrator("POST", "/api/v1/devices", web.DeviceEdit{Revision: 7, Connection: &line, Device: pump("bus")})
		wantProblem(t, answer, http.StatusUnprocessableEntity, gateway.Invalid, "device.connection")
	})
	t.Run("ErrThereAlready", func(t *testing.T) {
		device := pump("bus")
		device.ID = "boiler"
		answer := newPage().asAdministrator("POST", "/api/v1/devices", web.DeviceEdit{Revision: 7, Device: device})
		wantProblem(t, answer, http.StatusUnprocessableEntity, gateway.Invalid, "device.id")
	})
	t.Run("ErrFieldOfTheForm", func(t *testing.T) {
		device := pump("bus")
		device.Points[0].ByteOrder = "XY"
		answer := newPage().asAdministrator("POST", "/api/v1/devices", web.DeviceEdit{Revision: 7, Device: device})
		wantProblem(t, answer, http.StatusUnprocessableEntity, gateway.Invalid, "device.points[0].byteOrder")
	})
}

func TestStaleRevisionChangesNothing(t *testing.T) {
	for _, request := range []struct {
		method, path string
		body         any
	}{
		{"POST", "/api/v1/devices", web.DeviceEdit{Revision: 6, Device: pump("bus")}},
		{"PUT", "/api/v1/devices/boiler", web.DeviceEdit{Revision: 8, Device: pump("bus")}},
		{"POST", "/api/v1/bridges", web.BridgeEdit{Revision: 6, Bridge: gateway.Bridge{ID: "b", URL: "mqtt://x", Routes: []gateway.Route{}}}},
		{"DELETE", "/api/v1/bridges/cloud?revision=6", nil},
		{"DELETE", "/api/v1/devices/boiler?revision=6", nil},
	} {
		p := newPage()
		before := p.Config()
		wantProblem(t, p.asAdministrator(request.method, request.path, request.body), http.StatusConflict, gateway.Conflict, "")
		if diff := cmp.Diff(before, p.Config()); diff != "" {
			t.Errorf("%s %s: %s", request.method, request.path, diff)
		}
	}
}

func TestChangeDevice(t *testing.T) {
	t.Run("MovedAwayFromAConnection", func(t *testing.T) {
		p := newPage()
		before := p.Config()
		answer := p.asAdministrator("PUT", "/api/v1/devices/fan", web.DeviceEdit{
			Revision: 7, Device: gateway.Device{ID: "fan", Name: "Fan", Connection: "bus", ScanClass: "slow", Points: []gateway.Point{}},
		})
		config := p.Config()
		if _, there := config.Connection("hall"); there || answer.Code != http.StatusOK {
			t.Errorf("the connection that nobody uses stays: %s", answer.Body)
		}
		if len(before.Connections) != 2 || before.Devices[1].Connection != "hall" {
			t.Error("the configuration was edited in place")
		}
	})
	t.Run("WithItsConnection", func(t *testing.T) {
		p := newPage()
		hall := gateway.Connection{ID: "hall", Name: "Hall", URL: "tcp://10.0.0.99:502", Timeout: gateway.DefaultTimeout}
		fan := gateway.Device{ID: "fan", Name: "Fan", Connection: "hall", ScanClass: "slow", Points: []gateway.Point{}}
		p.asAdministrator("PUT", "/api/v1/devices/fan", web.DeviceEdit{Revision: 7, Connection: &hall, Device: fan})
		config := p.Config()
		if got, _ := config.Connection("hall"); got != hall {
			t.Errorf("%+v", got)
		}
	})
	t.Run("ErrIDsNeverChange", func(t *testing.T) {
		answer := newPage().asAdministrator("PUT", "/api/v1/devices/fan", web.DeviceEdit{Revision: 7, Device: pump("bus")})
		wantProblem(t, answer, http.StatusUnprocessableEntity, gateway.Invalid, "device.id")
	})
	t.Run("ErrNotThere", func(t *testing.T) {
		answer := newPage().asAdministrator("PUT", "/api/v1/devices/pump", web.DeviceEdit{Revision: 7, Device: pump("bus")})
		wantProblem(t, answer, http.StatusNotFound, gateway.NotFound, "")
	})
}

func TestRemoveDevice(t *testing.T) {
	p := newPage()
	saved := mustDecode[web.Saved](t, p.asAdministrator("DELETE", "/api/v1/devices/fan?revision=7", nil))
	config := p.Config()
	if saved.Revision != 8 || len(config.Devices) != 1 || len(config.Connections) != 1 || config.Connections[0].ID != "bus" {
		t.Errorf("%+v", config)
	}
	wantProblem(t, p.asAdministrator("DELETE", "/api/v1/devices/fan?revision=8", nil), http.StatusNotFound, gateway.NotFound, "")
	wantProblem(t, p.asAdministrator("DELETE", "/api/v1/devices/boiler", nil), http.StatusUnprocessableEntity, gateway.Invalid, "revision")
}

func TestTestOfADevice(t *testing.T) {
	p := newPage()
	answer := p.asAdministrator("POST", "/api/v1/devices/test", web.DeviceTest{Device: pump("bus")})
	if readings := mustDecode[[]gateway.Reading](t, answer); len(readings) != 1 || p.tested[0].URL != "tcp://10.0.0.5:502" {
		t.Errorf("%s %v", answer.Body, p.tested)
	}
	answer = p.asAdministrator("POST", "/api/v1/devices/test", web.DeviceTest{Device: pump("nowhere")})
	wantProblem(t, answer, http.StatusUnprocessableEntity, gateway.Invalid, "device.connection")
	if p.Config().Revision != 7 {
		t.Error("a test saved something")
	}
}

// TestExploration: what is looked at may be a connection that is not saved; nothing is saved then either.
func TestExploration(t *testing.T) {
	p := newPage()
	unsaved := gateway.Connection{ID: "new", URL: "tcp://10.0.0.9:502"}
	answer := p.asAdministrator("POST", "/api/v1/connections/units",
		web.WireSearch{Connection: unsaved, Search: gateway.UnitSearch{From: 3, To: 9}})
	if found := mustDecode[[]gateway.FoundUnit](t, answer); len(found) != 1 || found[0].Unit != 3 || p.tested[0].URL != unsaved.URL {
		t.Errorf("%s %v", answer.Body, p.tested)
	}
	answer = p.asAdministrator("POST", "/api/v1/connections/read",
		web.WireRange{Connection: unsaved, Range: gateway.Range{Unit: 1, Address: "holding:5", Count: 1}})
	if places := mustDecode[[]gateway.Place](t, answer); len(places) != 1 || *places[0].Raw != 7 {
		t.Errorf("%s", answer.Body)
	}
	answer = p.asAdministrator("POST", "/api/v1/devices/plan", web.DeviceTest{Device: pump("bus")})
	if plan := mustDecode[gateway.Plan](t, answer); len(plan.Requests) != 1 || plan.Requests[0].Points != 1 {
		t.Errorf("%s", answer.Body)
	}
	answer = p.asAdministrator("POST", "/api/v1/devices/plan", web.DeviceTest{Device: pump("nowhere")})
	wantProblem(t, answer, http.StatusUnprocessableEntity, gateway.Invalid, "device.connection")
	if p.Config().Revision != 7 {
		t.Error("a look saved something")
	}
}

func TestBridges(t *testing.T) {
	cloud := func() gateway.Bridge { return newPlant().config.Bridges[0] }
	put := func(p *page, b gateway.Bridge, password string) int {
		// Encoding hides the secret, so it goes in by hand.
		b.Password = ""
		body := fmt.Sprintf(`{"revision":%d,"bridge":{"id":%q,"name":%q,"url":%q,"password":%q,"routes":[]}}`,
			p.Config().Revision, b.ID, b.Name, b.URL, password)
		return p.as(gateway.RoleAdministrator, "PUT", "/api/v1/bridges/cloud", body).Code
	}
	t.Run("StarsKeepTheSecret", func(t *testing.T) {
		p, b := newPage(), cloud()
		b.Name = "Renamed"
		if status := put(p, b, gateway.Redacted); status != http.StatusOK {
			t.Fatal(status)
		}
		if got := p.Config().Bridges[0]; got.Name != "Renamed" || got.Password.Reveal() != canaryPassword {
			t.Errorf("%q %q", got.Name, got.Password.Reveal())
		}
	})
	t.Run("ANewSecretReplacesIt", func(t *testing.T) {
		p := newPage()
		put(p, cloud(), "new")
		if got := p.Config().Bridges[0].Password.Reveal(); got != "new" {
			t.Errorf("%q", got)
		}
		put(p, cloud(), "")
		if got := p.Config().Bridges[0].Password.Reveal(); got != "" {
			t.Errorf("%q", got)
		}
	})
	t.Run("ErrTheSecretDoesNotMove", func(t *testing.T) {
		for _, url := range []string{"mqtts://evil.example:8883", "mqtt://cloud.example:8883", "mqtts://cloud.example:8884"} {
			p, b := newPage(), cloud()
			b.URL = url
			if status := put(p, b, gateway.Redacted); status != http.StatusUnprocessableEntity || p.Config().Revision != 7 {
				t.Errorf("%s: %d", url, status)
			}
		}
	})
	t.Run("ErrSecretInTheURL", func(t *testing.T) {
		p, b := newPage(), cloud()
		b.URL = "mqtts://user:" + canaryPassword + "@cloud.example:8883"
		if status := put(p, b, "x"); status != http.StatusUnprocessableEntity {
			t.Errorf("%d", status)
		}
	})
	t.Run("AddAndRemove", func(t *testing.T) {
		p := newPage()
		other := gateway.Bridge{ID: "other", Name: "Other", URL: "mqtt://other.example:1883", Routes: []gateway.Route{}}
		saved := mustDecode[web.BridgeSaved](t, p.asAdministrator("POST", "/api/v1/bridges", web.BridgeEdit{Revision: 7, Bridge: other}))
		if saved.Revision != 8 || saved.Bridge.ID != "other" || len(p.Config().Bridges) != 2 {
			t.Errorf("%+v", saved)
		}
		answer := p.asAdministrator("POST", "/api/v1/bridges", web.BridgeEdit{Revision: 8, Bridge: other})
		wantProblem(t, answer, http.StatusUnprocessableEntity, gateway.Invalid, "bridge.id")
		p.asAdministrator("DELETE", "/api/v1/bridges/other?revision=8", nil)
		if len(p.Config().Bridges) != 1 {
			t.Error("not removed")
		}
	})
	t.Run("ErrFieldOfTheForm", func(t *testing.T) {
		answer := newPage().asAdministrator("POST", "/api/v1/bridges",
			web.BridgeEdit{Revision: 7, Bridge: gateway.Bridge{ID: "x", URL: "ftp://x", Routes: []gateway.Route{}}})
		wantProblem(t, answer, http.StatusUnprocessableEntity, gateway.Invalid, "bridge.url")
	})
}

func TestWritePoint(t *testing.T) {
	p := newPage()
	for body, want := range map[string]gateway.Value{
		`{"value":21.5}`: gateway.FloatValue(21.5), `{"value":4}`: gateway.IntValue(4), `{"value":true}`: gateway.BoolValue(true),
		`{"value":"on"}`: gateway.TextValue("on"), `{"value":"18446744073709551615"}`: gateway.TextValue("18446744073709551615"),
		`{"value":[1,true,"on"]}`: gateway.ListValue([]gateway.Value{gateway.IntValue(1), gateway.BoolValue(true), gateway.TextValue("on")}),
	} {
		answer := p.as(gateway.RoleOperator, "POST", "/api/v1/points/boiler/flow/write", body)
		if got := p.written[gateway.PointKey{Device: "boiler", Point: "flow"}]; got != want || answer.Code != http.StatusOK {
			t.Errorf("%s: %v %d %s", body, got, answer.Code, answer.Body)
		}
	}
	for _, body := range []string{`{"value":null}`, `{}`, `{"value":{}}`, `{"value":[[1]]}`, `{"value":[{}]}`, `{"value":1,"x":1}`} {
		answer := p.as(gateway.RoleOperator, "POST", "/api/v1/points/boiler/flow/write", body)
		if answer.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", body, answer.Code)
		}
	}
}

func TestDemoOutage(t *testing.T) {
	p := newPage()
	if answer := p.as(gateway.RoleOperator, "POST", "/api/v1/demo/outage", `{"seconds":90}`); answer.Code != http.StatusNoContent ||
		p.outage != 90*time.Second {
		t.Errorf("%d %v", answer.Code, p.outage)
	}
	answer := p.as(gateway.RoleOperator, "POST", "/api/v1/demo/outage", `{"seconds":86401}`)
	wantProblem(t, answer, http.StatusUnprocessableEntity, gateway.Invalid, "seconds")
	service := newPage(func(o *web.Options) { o.Demo = nil })
	answer = service.as(gateway.RoleOperator, "POST", "/api/v1/demo/outage", `{"seconds":1}`)
	wantProblem(t, answer, http.StatusNotFound, gateway.NotFound, "")
}

func TestSerialPortsKnowTheConnections(t *testing.T) {
	ports := mustDecode[[]gateway.SerialPort](t, newPage().as(gateway.RoleAdministrator, "GET", "/api/v1/serial/ports", ""))
	if len(ports) != 1 || ports[0].Connection != "bus" {
		t.Errorf("%+v", ports)
	}
}

func TestListsAreNeverNull(t *testing.T) {
	p := newPage(func(o *web.Options) { o.SerialPorts = func(gateway.Config) []gateway.SerialPort { return nil } })
	p.config = gateway.Config{Revision: 1, Name: "x", Devices: []gateway.Device{{ID: "d"}}, Bridges: []gateway.Bridge{{ID: "b"}}}
	p.readings = nil
	for _, path := range []string{"config", "status", "values", "sessions", "serial/ports"} {
		if body := p.as(gateway.RoleAdministrator, "GET", "/api/v1/"+path, "").Body.String(); strings.Contains(body, "null") {
			t.Errorf("%s: %s", path, body)
		}
	}
}
