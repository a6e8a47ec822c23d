package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"time"

	"golang.org/x/term"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage/archive"
)

type restoreCommand struct {
	File       string         `arg:"" help:"The backup." type:"existingfile"`
	Queue      bool           `help:"Also what was queued: it may be delivered twice. What is queued now is set aside."`
	History    bool           `help:"Also the readings of the past. Those of now are set aside."`
	DryRun     bool           `help:"Check the backup and show what is in it, change nothing."`
	Yes        bool           `help:"Do not ask." short:"y"`
	Passphrase passphraseFlag `embed:""`
	Place      place          `embed:""`
}

// Run restores a backup. A running gateway checks it, and restarts by itself with the restored state.
func (c restoreCommand) Run(ctx context.Context) (failed error) {
	s, err := c.Place.resolve()
	if err != nil {
		return err
	}
	if !c.Yes && !c.DryRun && !term.IsTerminal(int(os.Stdin.Fd())) {
		return errors.New("there is no terminal to ask whether to restore: use --dry-run to look, --yes to restore")
	}
	file, err := os.Open(c.File)
	if err != nil {
		return fmt.Errorf("open the backup: %w", err)
	}
	defer func() { failed = errors.Join(failed, file.Close()) }()
	request := restoreRequest{BackupParts: gateway.BackupParts{Queue: c.Queue, History: c.History}}
	if request.Passphrase, err = c.Passphrase.read(false); err != nil {
		return err
	}
	if socket, running := c.Place.running(ctx, s); running {
		return c.intoRunning(ctx, s, socket, file, request)
	}
	return c.intoStopped(ctx, s, file, request)
}

func (c restoreCommand) intoRunning(ctx context.Context, s settings, socket string, file io.Reader, request restoreRequest) error {
	plan, err := sendRestore(ctx, socket, request, file)
	if err != nil {
		return err
	}
	name := socketName(c.Place.Demo)
	if !c.confirmed(plan) {
		_, err := callControl[string, struct{}](ctx, s.Runtime, name, "restore-discard", plan.ID)
		return err
	}
	if _, err := callControl[string, struct{}](ctx, s.Runtime, name, "restore-commit", plan.ID); err != nil {
		return err
	}
	return waitForRestart(ctx, s.Runtime, name, time.Now())
}

// restartPatience is how long the end and the new start of a gateway may take.
const restartPatience = time.Minute

// waitForRestart returns when a gateway answers that started after the restore.
func waitForRestart(ctx context.Context, runtime, name string, asked time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, restartPatience)
	defer cancel()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		status, err := callControl[struct{}, gateway.Status](ctx, runtime, name, "status", struct{}{})
		if err == nil && status.Started.After(asked) {
			fmt.Println("Restored; the gateway runs again.")
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return errors.Join(errors.New("the backup is restored, but the gateway does not run again yet: look into its log"), err)
		}
	}
}

func (c restoreCommand) intoStopped(ctx context.Context, s settings, file io.Reader, request restoreRequest) error {
	logger, err := s.logger()
	if err != nil {
		return err
	}
	if err := becomeOwner(s.Data); err != nil {
		return err
	}
	lock, err := lockDirectory(s.Data)
	if err != nil {
		return err
	}
	k, err := openKeeper(s, logger)
	if err != nil {
		return errors.Join(err, lock.Close())
	}
	return errors.Join(c.intoDirectory(ctx, k, file, request), k.Close(), lock.Close())
}

func (c restoreCommand) intoDirectory(ctx context.Context, k *keeper, file io.Reader, request restoreRequest) error {
	// An earlier restore that was interrupted comes first.
	if _, err := archive.Complete(k.dir); err != nil {
		return err
	}
	next, err := k.Stage(ctx, file, request)
	if err != nil {
		return err
	}
	if !c.confirmed(next.plan) {
		return next.Discard()
	}
	if err := next.Commit(); err != nil {
		return err
	}
	restored, err := archive.Complete(k.dir)
	if err != nil {
		return err
	}
	fmt.Println("Restored. The files of before are in", k.path(restored.Aside))
	return nil
}

// becomeOwner makes root write as the user to whom the data belong, so that the service can read what is restored.
func becomeOwner(dir string) error {
	info, err := os.Stat(dir)
	if os.Geteuid() != 0 || errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at the data directory: %w", err)
	}
	owner, known := info.Sys().(*syscall.Stat_t)
	if !known || owner.Uid == 0 {
		return nil
	}
	err = syscall.Setgroups(nil)
	if err == nil {
		err = syscall.Setgid(int(owner.Gid))
	}
	if err == nil {
		err = syscall.Setuid(int(owner.Uid))
	}
	if err != nil {
		return fmt.Errorf("become the owner of %s: %w", dir, err)
	}
	return nil
}

// confirmed shows the plan and asks.
func (c restoreCommand) confirmed(plan gateway.RestorePlan) bool {
	fmt.Print(planText(plan))
	if c.DryRun {
		return false
	}
	if c.Yes {
		return true
	}
	fmt.Print("Restore it? [y/N] ")
	answer, err := bufio.NewReader(os.Stdin).ReadString('\n')
	return err == nil && strings.EqualFold(strings.TrimSpace(answer), "y")
}

// planText says what a restore would do.
func planText(p gateway.RestorePlan) string {
	var text strings.Builder
	fmt.Fprintf(&text, "backup of      %s, %s, made by Tidegate %s\n", p.Backup.Gateway,
		p.Backup.Created.Local().Format(time.DateTime), p.Backup.Version)
	fmt.Fprintf(&text, "configuration  revision %d: %d connections, %d devices, %d bridges\n",
		p.Revision, p.Connections, p.Devices, p.Bridges)
	fmt.Fprintf(&text, "users          %s (with the passwords of then; whoever was removed since comes back; all log-ins end)\n",
		strings.Join(p.Users, ", "))
	if p.Restores.Queue {
		fmt.Fprintf(&text, "queue          generation %s, %d messages that may be delivered twice; what is queued now is set aside\n",
			p.Generation, p.PossiblyTwice)
	} else {
		fmt.Fprintln(&text, staysText("queue", p.Backup.Has.Queue))
	}
	if p.Restores.History {
		fmt.Fprintln(&text, "history        is restored; the readings of now are set aside")
	} else {
		fmt.Fprintln(&text, staysText("history", p.Backup.Has.History))
	}
	if len(p.LostBridges) > 0 {
		fmt.Fprintf(&text, "warning        what is queued for these bridges is not sent any more, they are not in the backup: %s\n",
			strings.Join(p.LostBridges, ", "))
	}
	return text.String()
}

func staysText(part string, isInBackup bool) string {
	if isInBackup {
		return fmt.Sprintf("%-14s is in the backup, but stays as it is now (--%s restores it)", part, part)
	}
	return fmt.Sprintf("%-14s stays as it is now", part)
}
