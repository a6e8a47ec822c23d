package config_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage/storagetest"
)

func TestEverySchemaThatEverLandedIsBroughtUpToDate(t *testing.T) {
	storagetest.Schemas(t, "migrations", "testdata/schema", fillEverything, checkEverything)
}

// longAgo and farAway are fixed, since fixtures are committed.
var (
	longAgo = time.UnixMilli(1_700_000_000_123).UTC()
	farAway = time.UnixMilli(4_000_000_000_456).UTC()

	anna = gateway.Account{User: gateway.User{Name: "anna", Role: gateway.RoleAdministrator}, PasswordHash: "h1"}
	pump = gateway.Account{User: gateway.User{Name: "pump"}, PasswordHash: "h2", Scram: "keys", Disabled: true, MQTT: &gateway.MQTTRights{
		Rules: []gateway.Rule{
			{Action: gateway.ActionSubscribe, Effect: gateway.Deny, Filter: "z/%c"},
			{Action: gateway.ActionBoth, Effect: gateway.Allow, Filter: "a/#"},
		},
	}}
	login = gateway.StoredLogin{TokenHash: [32]byte{1, 2, 255}, User: "anna", Address: "10.0.0.7", Used: longAgo, Expires: farAway}
	noted = gateway.AuditEntry{Author: "anna", Address: "10.0.0.7", Action: "addUser", Subject: "bob", Revision: 3, Fields: []gateway.FieldChange{
		{Field: "role", After: "viewer"},
	}}
	machine = gateway.StoredToken{Hash: [32]byte{3, 4, 255}, Token: gateway.Token{
		ID: "0304", Name: "grafana", Scope: gateway.ScopeRead, Author: "anna", Created: longAgo, Expires: &farAway, Used: &longAgo,
	}}
	found = gateway.StoredLearned{Device: "meter", Subject: "rtu:///dev/ttyUSB0", Learned: gateway.Learned{
		Since: longAgo, Tables: []gateway.LearnedTable{{Table: "holding", Holes: []gateway.LearnedHole{{From: 5, To: 9}}, Cuts: []int{40}}},
	}}
	held = gateway.AlarmEvent{Number: 1, Alarm: gateway.Alarm{
		Code: gateway.AlarmBridgeParked, Severity: gateway.SeverityWarning, Since: longAgo, Subject: "cloud", Detail: "7 messages are kept",
		Acknowledged: &gateway.Acknowledgement{By: "anna", At: longAgo},
	}}
	shown = gateway.StoredCertificate{
		ID: "plant", Chain: "certificates", Key: "its key", Listeners: []string{"lan", "page"}, Changed: longAgo, Author: "anna",
	}
)

func fillEverything(t *testing.T, path string) {
	store := MustOpen(t, path)
	MustSave(t, store, MustSave(t, store, plant()))
	_, err := store.NextRun(t.Context())
	if err = errors.Join(err, store.PutAccount(t.Context(), anna), store.PutAccount(t.Context(), pump), store.PutLogin(t.Context(), login),
		store.PutToken(t.Context(), machine), store.PutCertificate(t.Context(), shown), store.PutLearned(t.Context(), found), store.Record(t.Context(), noted),
		store.PutAlarms(t.Context(), []gateway.AlarmEvent{held})); err != nil {
		t.Fatal(err)
	}
	MustClose(t, store)
}

func checkEverything(t *testing.T, path string, schema int) {
	store := MustOpen(t, path)
	want := plant()
	want.Revision = 2
	uploaded := []gateway.StoredCertificate{shown}
	if schema < 10 {
		want.Devices[1].Quirks.AnyUnit, want.Devices[0].Points[4].Decoding.Blanks = false, false
		want.Devices[0].Points = want.Devices[0].Points[:5]
	}
	if schema < 9 {
		want.TimeZone, want.History = "", gateway.HistoryLimits{}
	}
	if schema < 6 {
		want.Connections[1].TLS = gateway.ConnectionTLS{}
		want.Connections[0].Proxy, want.Connections[0].StaleAfter = gateway.ConnectionProxy{}, 0
		uploaded, want.LocalLogin = nil, gateway.LocalLogin{}
		want.Bridges[0].Paused, want.Bridges[0].Pace = false, gateway.BridgePace{}
		want.Bridges[0].Link = gateway.BridgeLink{}
		want.Bridges[0].Storage, want.Bridges[0].Routes[0].Priority = gateway.BridgeStorage{}, 0
		want.Bridges[0].Routes[0].Retain, want.Bridges[0].Routes[0].Batch = "", gateway.RouteBatch{}
		want.Connections[1].Quirks, want.Devices[1].Quirks = gateway.ConnectionQuirks{}, gateway.DeviceQuirks{}
		power, label := want.Devices[0].Points[0], want.Devices[0].Points[4]
		power.Decoding, power.Limits, power.Publish = gateway.Decoding{}, gateway.Limits{}, gateway.Publishing{}
		want.Devices[0].Points = []gateway.Point{power, label}
		want.Bridges[0].Preset, want.Bridges[1].Token, want.Bridges[0].TLS.Pins = "", gateway.BridgeToken{}, ""
		want.Bridges[0].TLS.NewKey = ""
	}
	if schema < 5 {
		want.Listeners[1].ProxyProtocol, want.Listeners[1].TrustedProxies = false, nil
	}
	if schema < 3 {
		want.Listeners = []gateway.Listener{}
	}
	if schema < 2 {
		cloud := &want.Bridges[0]
		cloud.TLS, cloud.Proxy = gateway.BridgeTLS{}, gateway.BridgeProxy{}
		cloud.Routes[0].Exclude, cloud.Routes[1].Topic = nil, ""
	}
	if diff := cmp.Diff(want, MustLoad(t, store)); diff != "" || store.Recovered() != nil {
		t.Errorf("recovered %+v: %s", store.Recovered(), diff)
	}
	if run, err := store.NextRun(t.Context()); run != 2 || err != nil {
		t.Errorf("run %d: %v", run, err)
	}
	accounts, err := store.Accounts(t.Context())
	known := []gateway.Account{anna, pump}
	if schema < 4 {
		known = known[:1]
	}
	if diff := cmp.Diff(known, accounts); diff != "" || err != nil {
		t.Error(diff, err)
	}
	tokens, err := store.StoredTokens(t.Context())
	running, keys := login, []gateway.StoredToken{machine}
	if schema < 6 {
		running.Address, keys = "", nil
	}
	entries, auditErr := store.Entries(t.Context(), 0, 10)
	if schema >= 6 && len(entries) == 1 {
		entries[0].Number, entries[0].Time = 0, time.Time{}
		if diff := cmp.Diff(noted, entries[0]); diff != "" {
			t.Error(diff)
		}
	} else if schema >= 6 || len(entries) > 0 || auditErr != nil {
		t.Errorf("the audit log: %+v, %v", entries, auditErr)
	}
	if diff := cmp.Diff(keys, tokens); diff != "" || err != nil {
		t.Error(diff, err)
	}
	logins, err := store.Logins(t.Context(), longAgo)
	if diff := cmp.Diff([]gateway.StoredLogin{running}, logins); diff != "" || err != nil {
		t.Error(diff, err)
	}
	certificates, err := store.Certificates(t.Context())
	if diff := cmp.Diff(uploaded, certificates); diff != "" || err != nil {
		t.Error(diff, err)
	}
	learned, err := store.LearnedDevices(t.Context())
	if known := len(learned) == 1 && cmp.Equal(found, learned[0]); known != (schema >= 7) || err != nil {
		t.Errorf("what was learned: %+v, %v", learned, err)
	}
	alarms, err := store.HeldAlarms(t.Context())
	if known := len(alarms) == 1 && cmp.Equal(held, alarms[0]); known != (schema >= 11) || err != nil {
		t.Errorf("alarms: %+v, %v", alarms, err)
	}
	key, err := store.NameKey(t.Context())
	if len(key) != 32 || err != nil {
		t.Errorf("key for names: %x, %v", key, err)
	}
	first, err := store.Revision(t.Context(), 1)
	if first.Name != want.Name || err != nil {
		t.Errorf("the first revision: %+v, %v", first, err)
	}
	MustClose(t, store)
}
