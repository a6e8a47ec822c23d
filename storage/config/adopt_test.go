package config_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage/config"
)

func adopt(t *testing.T, copied, present string) (config.Adopted, error) {
	t.Helper()
	return config.Adopt(t.Context(), copied, present, slog.New(slog.DiscardHandler))
}

// backup is a store with a plant, a user who is logged in, and five starts, and a copy of it.
func backup(t *testing.T, folder string) (store *config.Store, copied string) {
	t.Helper()
	store = MustOpen(t, filepath.Join(folder, "config.db"))
	MustSave(t, store, plant())
	account := gateway.Account{User: gateway.User{Name: "anna", Role: gateway.RoleAdministrator}, PasswordHash: "hash"}
	if err := store.PutAccount(t.Context(), account); err != nil {
		t.Fatal(err)
	}
	if err := store.PutLogin(t.Context(), gateway.StoredLogin{User: "anna", Expires: time.Now().Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	copied = filepath.Join(t.TempDir(), "config.db")
	if err := store.Backup(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	return store, copied
}

func nextRun(t *testing.T, store *config.Store) uint64 {
	t.Helper()
	run, err := store.NextRun(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func TestAdoptedTakesThePlaceOfTheLiveFile(t *testing.T) {
	folder := t.TempDir()
	live, copied := backup(t, folder)
	var last uint64
	for range 7 {
		last = nextRun(t, live)
	}
	without := MustLoad(t, live)
	gone := without.Bridges
	without.Bridges = append(without.Bridges, gateway.Bridge{ID: "later", Name: "Later", URL: "mqtt://later:1883"})
	MustSave(t, live, without)
	adopted, err := adopt(t, copied, filepath.Join(folder, "config.db"))
	if err != nil {
		t.Fatal(err)
	}
	if !cmp.Equal(adopted.Users, []string{"anna"}) || !cmp.Equal(adopted.Gone, []string{"later"}) || len(adopted.Config.Bridges) != len(gone) {
		t.Errorf("adopted %+v", adopted)
	}
	if entries, err := os.ReadDir(filepath.Dir(copied)); err != nil || len(entries) != 1 {
		t.Errorf("beside the copy lie %v, %v", entries, err)
	}
	MustClose(t, live)
	place := filepath.Join(folder, "config.db")
	if err := os.Rename(copied, place); err != nil {
		t.Fatal(err)
	}
	checkAdopted(t, place, last)
}

func checkAdopted(t *testing.T, path string, last uint64) {
	t.Helper()
	store := MustOpen(t, path)
	if logins, err := store.Logins(t.Context(), time.Now()); err != nil || len(logins) > 0 {
		t.Errorf("logins came back: %v, %v", logins, err)
	}
	if run := nextRun(t, store); run <= last {
		t.Errorf("run %d comes again, %d was used", run, last)
	}
	want := MustLoad(t, store)
	// The copy that a damaged file falls back to is one of the restored file, not of the file before.
	MustClose(t, store)
	if err := os.Truncate(path, 100); err != nil {
		t.Fatal(err)
	}
	again := MustOpen(t, path)
	if got := MustLoad(t, again); !cmp.Equal(got, want) {
		t.Errorf("after damage: %s", cmp.Diff(want, got))
	}
}

func TestAdoptWithoutAPresentFileUsesTheClock(t *testing.T) {
	_, copied := backup(t, t.TempDir())
	if _, err := adopt(t, copied, filepath.Join(t.TempDir(), "none", "config.db")); err != nil {
		t.Fatal(err)
	}
	if run := nextRun(t, MustOpen(t, copied)); run <= uint64(time.Now().Add(-time.Hour).Unix()) {
		t.Errorf("run %d may have been used", run)
	}
}

func TestAdoptRefuses(t *testing.T) {
	for name, spoil := range map[string]func(data []byte) []byte{
		"not a database":  func([]byte) []byte { return []byte(strings.Repeat("spoilt", 1000)) },
		"empty":           func([]byte) []byte { return nil },
		"cut off":         func(data []byte) []byte { return data[:len(data)/2] },
		"another program": func(data []byte) []byte { copy(data[68:], "Othr"); return data },
		"newer schema":    func(data []byte) []byte { data[61] = 99; return data }, // user_version: oldest<<16 | number
		"damaged page":    func(data []byte) []byte { copy(data[4096:], strings.Repeat("\xff", 4096)); return data },
	} {
		t.Run(name, func(t *testing.T) {
			_, copied := backup(t, t.TempDir())
			data, err := os.ReadFile(copied)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(copied, spoil(data), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := adopt(t, copied, filepath.Join(t.TempDir(), "config.db")); err == nil {
				t.Error("it is accepted")
			}
			if entries, err := filepath.Glob(copied + ".*"); err != nil || len(entries) > 0 {
				t.Errorf("it was set aside as if it were ours: %v, %v", entries, err)
			}
		})
	}
}
