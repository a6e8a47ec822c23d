package config_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/gateway"
)

// TestWhatIsPendingIsUndoneAtTheNextStart: an account that was changed, one that was removed, a certificate that was replaced,
// and one that was new.
func TestWhatIsPendingIsUndoneAtTheNextStart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.db")
	store := MustOpen(t, path)
	fresh, demoted, replaced := shown, anna, shown
	fresh.ID, demoted.Role, replaced.Chain, replaced.Key = "fresh", gateway.RoleViewer, "others", "another key"
	way := func(kind gateway.PendingKind, subject string, former gateway.Former) error {
		return store.PutPending(t.Context(), gateway.StoredPending{
			PendingChange: gateway.PendingChange{ID: subject, Kind: kind, Subject: subject, Author: "anna"}, Former: former,
		})
	}
	gone := gateway.Account{User: gateway.User{Name: "bob", Role: gateway.RoleOperator}, PasswordHash: "h3"}
	err := errors.Join(
		store.PutAccount(t.Context(), anna), store.PutCertificate(t.Context(), shown),
		way(gateway.PendingUser, "anna", gateway.Former{Account: &anna}), store.PutAccount(t.Context(), demoted),
		way(gateway.PendingUser, "bob", gateway.Former{Account: &gone}),
		way(gateway.PendingCertificate, "plant", gateway.Former{Certificate: &shown}), store.PutCertificate(t.Context(), replaced),
		way(gateway.PendingCertificate, "fresh", gateway.Former{}), store.PutCertificate(t.Context(), fresh),
		way(gateway.PendingCertificate, "never", gateway.Former{}),
	)
	if err != nil {
		t.Fatal(err)
	}
	MustClose(t, store)

	store = MustOpen(t, path)
	undone, err := store.UndoPending(t.Context())
	if err != nil || len(undone) != 5 {
		t.Fatalf("%d undone: %v", len(undone), err)
	}
	accounts, err1 := store.Accounts(t.Context())
	certificates, err2 := store.Certificates(t.Context())
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]gateway.Account{anna, gone}, accounts); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]gateway.StoredCertificate{shown}, certificates); diff != "" {
		t.Error(diff)
	}
	if again, err := store.UndoPending(t.Context()); err != nil || len(again) != 0 {
		t.Errorf("undone again: %+v %v", again, err)
	}
	MustClose(t, store)
}
