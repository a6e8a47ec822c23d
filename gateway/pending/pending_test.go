package pending_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/gateway/pending"
)

// TestMain: no test may leave a goroutine.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// plant has one account, and a store that can fail.
type plant struct {
	mu       sync.Mutex // guards everything that follows
	role     gateway.Role
	stored   map[string]gateway.StoredPending
	putFails error
	restores int
	undoFail int // so many restores fail
}

func (p *plant) PutPending(_ context.Context, change gateway.StoredPending) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.putFails == nil {
		p.stored[change.ID] = change
	}
	return p.putFails
}

func (p *plant) RemovePending(_ context.Context, id string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.stored, id)
	return nil
}

func (p *plant) former(_ context.Context, kind gateway.PendingKind, subject string) (gateway.Former, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return gateway.Former{Account: &gateway.Account{User: gateway.User{Name: subject, Role: p.role}}}, nil
}

func (p *plant) restore(_ context.Context, change gateway.StoredPending) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.restores++; p.restores <= p.undoFail {
		return errors.New("the disk is full")
	}
	p.role = change.Former.Account.Role
	return nil
}

func (p *plant) state() (role gateway.Role, stored int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.role, len(p.stored)
}

func (p *plant) demote() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.role = gateway.RoleViewer
	return nil
}

// with runs changes in a bubble of time.
func with(t *testing.T, p *plant, test func(t *testing.T, changes *pending.Changes)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p.role, p.stored = gateway.RoleAdministrator, map[string]gateway.StoredPending{}
		changes := pending.New(pending.Options{Store: p, Former: p.former, Restore: p.restore, Logger: slog.New(slog.DiscardHandler)})
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { _ = changes.Run(ctx) })
		test(t, changes)
		cancel()
		running.Wait()
	})
}

var anna = gateway.PendingChange{Kind: gateway.PendingUser, Subject: "anna", Author: "anna"}

func mustTry(t *testing.T, changes *pending.Changes, p *plant) string {
	t.Helper()
	if err := changes.Try(t.Context(), anna, p.demote); err != nil {
		t.Fatal(err)
	}
	return changes.PendingChanges()[0].ID
}

func wantState(t *testing.T, p *plant, role gateway.Role, stored int) {
	t.Helper()
	synctest.Wait()
	if gotRole, gotStored := p.state(); gotRole != role || gotStored != stored {
		t.Errorf("role %s with %d ways back, want %s with %d", gotRole, gotStored, role, stored)
	}
}

func TestAChangeUndoesItselfUnlessItIsKept(t *testing.T) {
	p := &plant{}
	with(t, p, func(t *testing.T, changes *pending.Changes) {
		mustTry(t, changes, p)
		time.Sleep(gateway.KeepWithin - time.Second)
		wantState(t, p, gateway.RoleViewer, 1)
		if left := changes.PendingChanges()[0].SecondsLeft; left != 1 {
			t.Errorf("%d s left", left)
		}
		time.Sleep(time.Second)
		wantState(t, p, gateway.RoleAdministrator, 0)
		if list := changes.PendingChanges(); len(list) != 0 {
			t.Errorf("%+v", list)
		}
	})
	with(t, p, func(t *testing.T, changes *pending.Changes) {
		id := mustTry(t, changes, p)
		if err := changes.Keep(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * gateway.KeepWithin)
		wantState(t, p, gateway.RoleViewer, 0)
		if err := changes.Undo(t.Context(), id); gateway.CodeOf(err) != gateway.NotFound {
			t.Errorf("undo of what is kept: %v", err)
		}
	})
}

func TestAChangeIsUndoneAtOnceWhenSomebodyAsks(t *testing.T) {
	p := &plant{}
	with(t, p, func(t *testing.T, changes *pending.Changes) {
		id := mustTry(t, changes, p)
		if err := changes.Undo(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		wantState(t, p, gateway.RoleAdministrator, 0)
		if err := changes.Keep(t.Context(), id); gateway.CodeOf(err) != gateway.NotFound {
			t.Errorf("keep of what is undone: %v", err)
		}
	})
}

// TestTheWayBackComesFirst: a change without one is not made, and one that fails leaves none.
func TestTheWayBackComesFirst(t *testing.T) {
	p := &plant{putFails: errors.New("the disk is full")}
	with(t, p, func(t *testing.T, changes *pending.Changes) {
		if err := changes.Try(t.Context(), anna, p.demote); err == nil {
			t.Error("a change without a way back was made")
		}
		wantState(t, p, gateway.RoleAdministrator, 0)
		p.putFails = nil
		refused := errors.New("refused")
		err := changes.Try(t.Context(), anna, func() error {
			if _, stored := p.state(); stored != 1 {
				t.Error("the way back is not stored before the change is made")
			}
			return refused
		})
		if !errors.Is(err, refused) {
			t.Errorf("%v", err)
		}
		wantState(t, p, gateway.RoleAdministrator, 0)
	})
}

func TestASecondChangeOfTheSameWaits(t *testing.T) {
	p := &plant{}
	with(t, p, func(t *testing.T, changes *pending.Changes) {
		mustTry(t, changes, p)
		if err := changes.Try(t.Context(), anna, p.demote); gateway.CodeOf(err) != gateway.Conflict {
			t.Errorf("%v", err)
		}
		if err := changes.Free(gateway.PendingUser, "anna"); gateway.CodeOf(err) != gateway.Conflict {
			t.Errorf("%v", err)
		}
		if err := changes.Free(gateway.PendingUser, "bob"); err != nil {
			t.Errorf("%v", err)
		}
	})
}

func TestAnUndoThatFailsIsTriedAgain(t *testing.T) {
	p := &plant{undoFail: 3}
	with(t, p, func(t *testing.T, changes *pending.Changes) {
		mustTry(t, changes, p)
		time.Sleep(gateway.KeepWithin + 14*time.Second)
		wantState(t, p, gateway.RoleViewer, 1)
		time.Sleep(time.Second)
		wantState(t, p, gateway.RoleAdministrator, 0)
	})
}
