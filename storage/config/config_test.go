package config_test

import (
	_ "embed" // the pair of a gateway
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage/config"
)

func MustOpen(tb testing.TB, path string) *config.Store {
	tb.Helper()
	store, err := config.Open(path, config.Options{})
	if err != nil {
		tb.Fatalf("open: %v", err)
	}
	tb.Cleanup(func() { MustClose(tb, store) })
	return store
}

func MustClose(tb testing.TB, store *config.Store) {
	tb.Helper()
	if err := store.Close(); err != nil {
		tb.Errorf("close: %v", err)
	}
}

func MustLoad(tb testing.TB, store *config.Store) gateway.Config {
	tb.Helper()
	c, err := store.Load(tb.Context())
	if err != nil {
		tb.Fatalf("load: %v", err)
	}
	return c
}

func MustSave(tb testing.TB, store *config.Store, c gateway.Config) gateway.Config {
	tb.Helper()
	saved, err := store.Save(tb.Context(), c, "anna")
	if err != nil {
		tb.Fatalf("save: %v", err)
	}
	return saved
}

// A pair of a gateway, made for these tests.
//
//go:embed testdata/certificate.pem
var certificate string

//go:embed testdata/key.pem
var key gateway.Secret

// plant uses every field.
func plant() gateway.Config {
	return gateway.Config{
		Name:        "press-hall",
		TimeZone:    "Europe/Berlin",
		LocalLogin:  gateway.LocalLogin{TCP: true},
		History:     gateway.HistoryLimits{RawDays: 14, MaxBytes: 1 << 30},
		ScanClasses: []gateway.ScanClass{{ID: "slow", Interval: gateway.Duration(time.Minute)}, {ID: "fast", Interval: 1e8}},
		Connections: []gateway.Connection{
			{ID: "z", Name: "Serial line", URL: "rtu:///dev/ttyUSB0?baud=9600&parity=E", Timeout: gateway.Duration(time.Second), StaleAfter: 5, Proxy: gateway.ConnectionProxy{
				Address: ":1502", Writable: true, Units: "1-10,17", From: "10.0.0.0/24", Share: 30,
			}},
			{ID: "a", URL: "tcp://10.0.0.5:502", Disabled: true, TLS: gateway.ConnectionTLS{
				CA: certificate, Certificate: certificate, Key: key, ServerName: "plc.example",
			}, Quirks: gateway.ConnectionQuirks{PauseAfterConnect: 3, CloseAfterPoll: true}},
		},
		Devices: []gateway.Device{
			{ID: "meter", Name: "Zähler", Connection: "z", Unit: 17, ScanClass: "fast", Points: []gateway.Point{
				{
					ID: "power", Name: "Power", Address: "holding:100", Type: gateway.Float32, ByteOrder: "CDAB", Scale: 0.1,
					Offset: -40, Decimals: new(0), Unit: "kW", ScanClass: "slow", Writable: true,
					Mapping:  gateway.Mapping{Topic: "{gateway}/p", Payload: gateway.PayloadPlain, QoS: new(0), Retain: true},
					Decoding: gateway.Decoding{Invalid: "-1,0", ScaleFrom: "holding:102"},
					Limits:   gateway.Limits{Min: new(-1.5), Max: new(0.0), Bad: true},
					Publish: gateway.Publishing{
						OnChange: true, Deadband: 0.5, DeadbandPercent: 2, LongestSilence: gateway.Duration(time.Hour),
					},
				},
				{
					ID: "alarm", Address: "holding:9", Type: gateway.Bool,
					Decoding: gateway.Decoding{Bits: "3-0", Inverted: true},
				},
				{
					ID: "count", Address: "holding:10", Type: gateway.Uint32, Decoding: gateway.Decoding{Encoding: gateway.BCD},
					Enum: "0=none; *=some",
				},
				{ID: "half", Type: gateway.Float64, Expression: "power / 2"},
				{ID: "label", Address: "holding:7", Type: gateway.String, Length: 12, Scale: 2, Decoding: gateway.Decoding{Blanks: true}},
				{ID: "phases", Address: "holding:20", Type: gateway.Uint16, Count: 3},
			}},
			{
				ID: "empty", Connection: "a", ScanClass: "slow", Points: []gateway.Point{}, Disabled: true,
				Quirks: gateway.DeviceQuirks{
					MaxRegisters: 30, MaxBits: 16, OnePerPoint: true, Pause: 5, ReadFunction: 3, AddressBase: 1, AnyUnit: true,
				},
			},
		},
		Bridges: []gateway.Bridge{
			{
				ID: "cloud", Name: "Cloud", URL: "mqtts://broker:8883", ClientID: "me", Username: "u", Password: "s3cret", Version: 5,
				KeepAlive: gateway.Duration(30 * time.Second), Window: 20, Routes: []gateway.Route{
					{Direction: gateway.Out, Filter: "#", Prefix: "site", QoS: 1, Priority: 7, Retain: gateway.RetainNever, Batch: gateway.RouteBatch{Messages: 50, Delay: gateway.Duration(time.Second), Format: gateway.BatchLines}, Exclude: []string{"a/#", "b"}},
					{Direction: gateway.In, Filter: "cmd/+", Topic: "orders/{1}", QoS: 2},
				},
				TLS: gateway.BridgeTLS{
					CA: certificate, Certificate: certificate, Key: key, NewKey: "a new key", ServerName: "broker.example", ALPN: "mqtt", Pins: "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
				},
				Proxy:  gateway.BridgeProxy{URL: "socks5://proxy:1080", Username: "p", Password: "s3cret too"},
				Paused: true, Preset: "mosquitto", Pace: gateway.BridgePace{MessagesPerSecond: 50, BytesPerSecond: 64_000},
				Link: gateway.BridgeLink{
					Backup: "mqtts://backup:8883", ReturnAfter: gateway.Duration(time.Minute), Interface: "wwan0",
					RetryMax: gateway.Duration(time.Minute), AckTimeout: gateway.Duration(20 * time.Second), ProbeTopic: "probe/me",
					ProbeEvery: gateway.Duration(30 * time.Second), Start: gateway.StartSchedule, IdleAfter: gateway.Duration(time.Minute),
					Hours: []gateway.BridgeHours{{From: "22:00", To: "05:30", Days: []string{"mon", "fri"}}},
				},
				Storage: gateway.BridgeStorage{
					MaxBytes: 5_000_000, MaxAge: gateway.Duration(72 * time.Hour), FreeDisk: 1 << 30, QoS0: true,
					Overflow: gateway.OverflowThinOut, ThinOut: gateway.Duration(time.Minute),
				},
			},
			{
				ID: "spare", URL: "mqtt://x:1883", Routes: []gateway.Route{}, Disabled: true,
				Token: gateway.BridgeToken{Kind: gateway.TokenSAS, Key: "a2V5", Policy: "device", Resource: "x/devices/spare", Lifetime: gateway.Duration(time.Hour)},
			},
		},
		Listeners: []gateway.Listener{
			{
				ID: "lan", Kind: gateway.ListenTLS, Address: ":8883", ClientCertificates: gateway.CertificateRequired,
				ClientCA: certificate, CertificateUser: true,
			},
			{
				ID: "behind", Kind: gateway.ListenTCP, Address: "127.0.0.1:1885", Anonymous: true, Disabled: true,
				ProxyProtocol: true, TrustedProxies: []string{"192.0.2.7", "2001:db8::/32"},
			},
		},
	}
}

func TestANewDatabaseHasADefault(t *testing.T) {
	c := MustLoad(t, MustOpen(t, t.TempDir()+"/data/config.db"))
	if c.Revision != 0 || len(c.ScanClasses) != len(gateway.DefaultScanClasses()) {
		t.Errorf("default: %+v", c)
	}
	if err := c.Validate(); err != nil {
		t.Errorf("the default is not valid: %v", err)
	}
}

func TestWhatIsSavedComesBack(t *testing.T) {
	path := t.TempDir() + "/config.db"
	store := MustOpen(t, path)
	want := plant()
	if err := want.Validate(); err != nil {
		t.Fatal(err)
	}
	saved := MustSave(t, store, want)
	want.Revision = 1
	if diff := cmp.Diff(want, saved); diff != "" {
		t.Error(diff)
	}
	MustClose(t, store)
	store = MustOpen(t, path)
	if diff := cmp.Diff(want, MustLoad(t, store)); diff != "" {
		t.Error(diff)
	}
	want.Devices, want.Connections = want.Devices[:1], want.Connections[:1]
	want.Bridges = []gateway.Bridge{}
	MustSave(t, store, want)
	want.Revision = 2
	if diff := cmp.Diff(want, MustLoad(t, store)); diff != "" {
		t.Error(diff)
	}
}

func TestAStaleEditIsAConflict(t *testing.T) {
	store := MustOpen(t, t.TempDir()+"/config.db")
	first := MustSave(t, store, plant())
	MustSave(t, store, first)
	_, err := store.Save(t.Context(), first, "bert")
	if gateway.CodeOf(err) != gateway.Conflict || !strings.Contains(err.Error(), "anna") {
		t.Errorf("stale edit: %v", err)
	}
	if got := MustLoad(t, store).Revision; got != 2 {
		t.Errorf("revision %d after a refused edit", got)
	}
}

func TestSecretsAreKeptAndNeverShownInRevisions(t *testing.T) {
	path := t.TempDir() + "/config.db"
	store := MustOpen(t, path)
	saved := MustSave(t, store, plant())
	shown := saved
	shown.Bridges = append([]gateway.Bridge{}, saved.Bridges...)
	shown.Bridges[0].Password, shown.Bridges[0].TLS.Key = gateway.Redacted, gateway.Redacted
	shown.Bridges[0].Proxy.Password, shown.Bridges[1].Token.Key = gateway.Redacted, gateway.Redacted
	again := MustSave(t, store, shown)
	if diff := cmp.Diff(saved.Bridges, again.Bridges); diff != "" {
		t.Errorf("secrets were not kept: %s", diff)
	}
	if shown.Bridges[0].Password != gateway.Redacted {
		t.Error("the caller's value was changed")
	}
	shown.Revision = 2
	shown.Bridges[0].ID = "other"
	if _, err := store.Save(t.Context(), shown, "anna"); gateway.CodeOf(err) != gateway.Invalid {
		t.Errorf("a redacted password of a new bridge: %v", err)
	}
	old, err := store.Revision(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if old.Bridges[0].Password != gateway.Redacted {
		t.Error("a revision shows a password")
	}
	// A rollback: the old document saved again, with the password of today.
	old.Revision = 2
	if back := MustSave(t, store, old); back.Bridges[0].Password != "s3cret" {
		t.Error("a rollback has lost the password")
	}
	list, err := store.Revisions(t.Context(), 2)
	if err != nil || len(list) != 2 || list[0].Number != 3 || list[0].Author != "anna" || time.Since(list[0].Time) > time.Minute {
		t.Errorf("revisions: %+v, %v", list, err)
	}
	if _, err := store.Revision(t.Context(), 99); gateway.CodeOf(err) != gateway.NotFound {
		t.Errorf("revision 99: %v", err)
	}
}

func TestARefusedSaveChangesNothing(t *testing.T) {
	store := MustOpen(t, t.TempDir()+"/config.db")
	want := MustSave(t, store, plant())
	broken := want
	broken.Connections = nil // a device refers to one
	if _, err := store.Save(t.Context(), broken, "anna"); err == nil {
		t.Fatal("saved a device without its connection")
	}
	if diff := cmp.Diff(want, MustLoad(t, store)); diff != "" {
		t.Error(diff)
	}
	MustSave(t, store, want)
}

func TestADamagedFileIsReplacedByItsNewestGoodCopy(t *testing.T) {
	folder := t.TempDir()
	path := folder + "/config.db"
	store := MustOpen(t, path)
	first, err := store.NextRun(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	account := gateway.Account{User: gateway.User{Name: "anna", Role: gateway.RoleAdministrator}, PasswordHash: "h"}
	if err := store.PutAccount(t.Context(), account); err != nil {
		t.Fatal(err)
	}
	saved := plant()
	for range 7 {
		saved = MustSave(t, store, saved)
	}
	MustClose(t, store)
	copies, err := filepath.Glob(path + ".good-*")
	if err != nil || len(copies) != 5 {
		t.Fatalf("copies: %v, %v", copies, err)
	}
	damage(t, path)

	store = MustOpen(t, path)
	recovered := store.Recovered()
	if recovered == nil || recovered.Snapshot != copies[4] || len(recovered.SetAside) == 0 {
		t.Fatalf("recovered: %+v", recovered)
	}
	if diff := cmp.Diff(saved, MustLoad(t, store)); diff != "" {
		t.Error(diff)
	}
	if users, err := store.Accounts(t.Context()); err != nil || len(users) != 1 {
		t.Errorf("users: %v, %v", users, err)
	}
	next, err := store.NextRun(t.Context())
	if err != nil || next <= first+1 {
		t.Errorf("run %d after %d and a replaced file: %v", next, first, err)
	}
	MustClose(t, store)

	// The newest copy is damaged too: the one before it has the revision before. NextRun made one more copy.
	damage(t, path)
	copies, err = filepath.Glob(path + ".good-*")
	if err != nil {
		t.Fatal(err)
	}
	damage(t, copies[4])
	damage(t, copies[3])
	store = MustOpen(t, path)
	if recovered := store.Recovered(); recovered == nil || recovered.Snapshot != copies[2] {
		t.Fatalf("recovered: %+v", recovered)
	}
	if got := MustLoad(t, store).Revision; got != saved.Revision-1 {
		t.Errorf("revision %d", got)
	}
}

// damage overwrites a page in the middle of a closed file.
func damage(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	for start := page; start < 4*page; start++ {
		data[start] = 0xA5
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestUsersAndTheirLogins(t *testing.T) {
	path := t.TempDir() + "/config.db"
	store := MustOpen(t, path)
	ctx := t.Context()
	now := time.Now().Truncate(time.Millisecond).UTC()
	anna := gateway.Account{User: gateway.User{Name: "anna", Role: gateway.RoleAdministrator}, PasswordHash: "h1"}
	bert := gateway.Account{User: gateway.User{Name: "bert", Role: gateway.RoleViewer}, PasswordHash: "h2"}
	login := func(user string, first byte, rest time.Duration) gateway.StoredLogin {
		return gateway.StoredLogin{TokenHash: [32]byte{first}, User: user, Used: now.Add(-rest), Expires: now.Add(rest)}
	}
	for _, err := range []error{
		store.PutAccount(ctx, bert), store.PutAccount(ctx, anna),
		store.PutLogin(ctx, login("anna", 1, time.Hour)), store.PutLogin(ctx, login("bert", 2, 2*time.Hour)),
		store.PutLogin(ctx, login("bert", 3, 3*time.Hour)), store.RemoveLogin(ctx, [32]byte{3}),
		store.RemoveLogin(ctx, [32]byte{4}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := store.PutLogin(ctx, login("nobody", 9, time.Hour)); err == nil {
		t.Error("a login of nobody was stored")
	}
	MustClose(t, store)
	store = MustOpen(t, path)
	check := func(at time.Time, accounts []gateway.Account, logins []gateway.StoredLogin) {
		t.Helper()
		gotAccounts, err := store.Accounts(ctx)
		if diff := cmp.Diff(accounts, gotAccounts); diff != "" || err != nil {
			t.Error(diff, err)
		}
		gotLogins, err := store.Logins(ctx, at)
		if diff := cmp.Diff(logins, gotLogins, cmpopts.EquateEmpty()); diff != "" || err != nil {
			t.Error(diff, err)
		}
	}
	check(now, []gateway.Account{anna, bert}, []gateway.StoredLogin{login("anna", 1, time.Hour), login("bert", 2, 2*time.Hour)})
	check(now.Add(time.Hour), []gateway.Account{anna, bert}, []gateway.StoredLogin{login("bert", 2, 2*time.Hour)})
	// A new password ends the logins.
	anna.PasswordHash = "h3"
	if err := store.PutAccount(ctx, anna); err != nil {
		t.Fatal(err)
	}
	check(now, []gateway.Account{anna, bert}, []gateway.StoredLogin{login("bert", 2, 2*time.Hour)})
	if err := store.RemoveAccount(ctx, "bert"); err != nil {
		t.Fatal(err)
	}
	check(now, []gateway.Account{anna}, nil)
	if err := store.RemoveAccount(ctx, "bert"); gateway.CodeOf(err) != gateway.NotFound {
		t.Errorf("removed again: %v", err)
	}
}

func TestStartsAreCounted(t *testing.T) {
	path := t.TempDir() + "/config.db"
	for want := range uint64(3) {
		store := MustOpen(t, path)
		got, err := store.NextRun(t.Context())
		if err != nil || got != want+1 {
			t.Errorf("run %d: %v", got, err)
		}
		MustClose(t, store)
	}
}

func TestTheFilesAreForUsAlone(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "data")
	store := MustOpen(t, folder+"/config.db")
	MustSave(t, store, plant())
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if info, err := entry.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", entry.Name(), info.Mode(), err)
		}
	}
	if info, err := os.Stat(folder); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder: %v, %v", info.Mode(), err)
	}
}

func TestConcurrentEditsAreSerial(t *testing.T) {
	store := MustOpen(t, t.TempDir()+"/config.db")
	results := make(chan error)
	for range 4 {
		go func() {
			_, err := store.Save(t.Context(), plant(), "anna")
			results <- err
		}()
	}
	saved := 0
	for range 4 {
		switch err := <-results; {
		case err == nil:
			saved++
		case gateway.CodeOf(err) != gateway.Conflict:
			t.Error(err)
		}
	}
	if saved != 1 {
		t.Errorf("%d of 4 edits of revision 0 were saved", saved)
	}
}

func TestRightsOnMQTTAreReplacedWithTheAccount(t *testing.T) {
	store := MustOpen(t, t.TempDir()+"/config.db")
	rule := func(filter string) gateway.Rule {
		return gateway.Rule{Action: gateway.ActionPublish, Effect: gateway.Allow, Filter: filter}
	}
	bert := gateway.Account{User: gateway.User{Name: "bert", Role: gateway.RoleViewer}, PasswordHash: "h"}
	for _, rights := range []*gateway.MQTTRights{
		{Preset: "sensor"}, {Rules: []gateway.Rule{rule("b"), rule("a"), rule("c")}}, {Rules: []gateway.Rule{rule("z")}}, {}, nil,
	} {
		bert.MQTT = rights
		pumpAgain := pump
		pumpAgain.Disabled = !pumpAgain.Disabled
		for _, account := range []gateway.Account{bert, pump, pumpAgain} {
			if err := store.PutAccount(t.Context(), account); err != nil {
				t.Fatal(err)
			}
		}
		accounts, err := store.Accounts(t.Context())
		if diff := cmp.Diff([]gateway.Account{bert, pumpAgain}, accounts); diff != "" || err != nil {
			t.Error(diff, err)
		}
	}
	if err := store.RemoveAccount(t.Context(), "pump"); err != nil {
		t.Fatal(err)
	}
	if accounts, err := store.Accounts(t.Context()); len(accounts) != 1 || err != nil {
		t.Errorf("accounts %v, %v", accounts, err)
	}
}
