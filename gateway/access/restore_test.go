package access_test

import (
	"log/slog"
	"testing"

	"github.com/tidegate/tidegate/gateway"
)

// TestAnAccountIsRestoredWithItsPassword, whether it was changed or removed.
func TestAnAccountIsRestoredWithItsPassword(t *testing.T) {
	s := newStore()
	a, _ := mustSetUp(t, s)
	person := gateway.Person{User: gateway.User{Name: "bob", Role: gateway.RoleAdministrator}}
	if err := a.AddUser(t.Context(), person, password, "anna"); err != nil {
		t.Fatal(err)
	}
	before := *a.Account("bob")
	demoted := person
	demoted.Role = gateway.RoleViewer
	for name, change := range map[string]func() error{
		"changed": func() error { return a.ChangeUser(t.Context(), demoted, "another long password", "bob") },
		"removed": func() error { return a.RemoveUser(t.Context(), "bob", "bob") },
	} {
		if err := change(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := a.RestoreAccount(t.Context(), before, "undo"); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		login, err := a.Login(t.Context(), "bob", password, "192.0.2.1")
		if err != nil || login.User.Role != gateway.RoleAdministrator {
			t.Errorf("%s: %+v %v", name, login.User, err)
		}
	}
	if again, err := mustAccess(t, s, slog.New(slog.DiscardHandler)).Login(t.Context(), "bob", password, "192.0.2.1"); err != nil {
		t.Errorf("from the store: %+v %v", again.User, err)
	}
	if nobody := a.Account("carl"); nobody != nil {
		t.Errorf("%+v", nobody)
	}
}
