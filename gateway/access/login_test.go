package access_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

func TestLoginsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		a, _ := mustSetUp(t, s)
		log := func() gateway.Login {
			login, err := a.Login(t.Context(), "alice", password, "10.0.0.3")
			if err != nil {
				t.Fatal(err)
			}
			return login
		}
		idle, used := log(), log()
		for elapsed := time.Duration(0); elapsed < 12*time.Hour; elapsed += 29 * time.Minute {
			if !running(a, used) {
				t.Fatalf("ended after %v although used", elapsed)
			}
			time.Sleep(29 * time.Minute)
		}
		if running(a, used) {
			t.Error("still running after 12 hours")
		}
		if running(a, idle) {
			t.Error("still running after 30 minutes without use")
		}
		last := log()
		time.Sleep(30*time.Minute - time.Second)
		if !running(a, last) {
			t.Error("ended before 30 minutes")
		}
		time.Sleep(30 * time.Minute)
		if running(a, last) {
			t.Error("still running after 30 minutes")
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if _, stored := s.logins[[32]byte{}]; stored || len(s.logins) > 1 {
			t.Errorf("%d ended logins are still stored", len(s.logins))
		}
	})
}

func TestLoginsGoOnAfterARestartButNotLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		a, login := mustSetUp(t, s)
		time.Sleep(20 * time.Minute)
		if !running(a, login) {
			t.Fatal("ended")
		}
		time.Sleep(20 * time.Minute)
		a = mustAccess(t, s, nil)
		if !running(a, login) {
			t.Error("ended by the restart")
		}
		time.Sleep(31 * time.Minute)
		if running(mustAccess(t, s, nil), login) {
			t.Error("a restart woke a login that was idle for too long")
		}
	})
}

func TestUseIsNotStoredEachTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		a, login := mustSetUp(t, s)
		before := s.writes.Load()
		for range 600 {
			running(a, login)
			time.Sleep(time.Second)
		}
		if writes := s.writes.Load() - before; writes > 2 {
			t.Errorf("%d writes in 10 minutes of use", writes)
		}
	})
}

func TestChangesOfAUserEndTheLogins(t *testing.T) {
	s := newStore()
	a, alice := mustSetUp(t, s)
	bob := gateway.User{Name: "bob", Role: gateway.RoleOperator}
	log := func() gateway.Login {
		if err := put(t, a, bob, password); err != nil {
			t.Fatal(err)
		}
		login, err := a.Login(t.Context(), "bob", password, "10.0.0.4")
		if err != nil {
			t.Fatal(err)
		}
		return login
	}
	first := log()
	second := log() // after a new password
	if running(a, first) || !running(a, second) {
		t.Error("a new password did not end the login of before")
	}
	if err := a.RemoveUser(t.Context(), "bob", "test"); err != nil {
		t.Fatal(err)
	}
	if running(a, second) || running(mustAccess(t, s, nil), second) {
		t.Error("the login of a removed user goes on")
	}
	if !running(a, alice) {
		t.Error("somebody else's login ended")
	}
	wantCode(t, "remove again", a.RemoveUser(t.Context(), "bob", "test"), gateway.NotFound)
}

// TestAStoreThatForgetsTheUse counts the use from the log-in: a restart never makes a login longer.
func TestAStoreThatForgetsTheUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		_, login := mustSetUp(t, s)
		forget := func() {
			for hash, stored := range s.logins {
				stored.Used = time.Time{}
				s.logins[hash] = stored
			}
		}
		time.Sleep(29 * time.Minute)
		forget()
		if !running(mustAccess(t, s, nil), login) {
			t.Error("ended too early")
		}
		time.Sleep(time.Minute)
		forget()
		if running(mustAccess(t, s, nil), login) {
			t.Error("a restart made the login longer")
		}
	})
}
