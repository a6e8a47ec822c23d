package config_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"reflect"
	"testing"

	_ "github.com/mattn/go-sqlite3" // the driver sqlite3

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage/config"
)

func withThirtyMeters(c gateway.Config) gateway.Config {
	profile := gateway.Profile{
		ID: "meter", Version: 3, Name: "Meter", Source: gateway.ProfileSource{Document: "Manual", Page: "7"}, Checked: gateway.CheckedDocument,
		Vectors: []gateway.ProfileVector{{Point: "p0", Registers: "4366 3334", Value: gateway.FloatValue(230.2), Source: "Manual, page 8"}},
	}
	for i := range 40 {
		profile.Points = append(profile.Points, gateway.Point{ID: fmt.Sprintf("p%d", i), Address: fmt.Sprintf("input:%d", 2*i), Type: gateway.Float32})
	}
	c.Profiles = []gateway.Profile{profile}
	c.Connections = []gateway.Connection{{ID: "bus", URL: "tcp://10.0.0.1:502"}}
	for i := range 30 {
		device := gateway.Device{ID: fmt.Sprintf("m%d", i), Connection: "bus", Unit: i + 1, ScanClass: "normal"}
		c.Devices = append(c.Devices, c.FromProfile(device, profile))
	}
	c.Devices[4].Points[1].Unit = "A"
	c.Devices[29].Profile = gateway.ProfileRef{}
	return c
}

func TestDevicesStoreDifferencesOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.db")
	store, err := config.Open(path, config.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := store.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wanted := withThirtyMeters(c)
	saved, err := store.Save(t.Context(), wanted, "alice")
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	store, err = config.Open(path, config.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	loaded, err := store.Load(t.Context())
	if err != nil || !reflect.DeepEqual(loaded, saved) || !reflect.DeepEqual(loaded.Devices, wanted.Devices) || !reflect.DeepEqual(loaded.Profiles, wanted.Profiles) {
		t.Errorf("%v: %+v", err, gateway.Diff(wanted, loaded))
	}
	old, err := store.Revision(t.Context(), saved.Revision)
	if err != nil || !reflect.DeepEqual(old.Devices, wanted.Devices) {
		t.Errorf("%v: %+v", err, gateway.Diff(wanted, old))
	}
	if rows := count(t, path, "SELECT count(*) FROM point"); rows != 40 {
		t.Errorf("%d points are stored, want those of the device that stands alone", rows)
	}
	if rows := count(t, path, "SELECT count(*) FROM device WHERE differences NOT IN ('[]', 'null')"); rows != 1 {
		t.Errorf("%d devices have differences", rows)
	}
	if bytes := count(t, path, "SELECT length(document) FROM revision ORDER BY number DESC LIMIT 1"); bytes > 20_000 {
		t.Errorf("the revision has %d bytes", bytes)
	}
}

func count(t *testing.T, path, query string) int64 {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+path+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var n int64
	if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
