package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"

	"golang.org/x/term"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/gateway/access"
	"github.com/tidegate/tidegate/storage"
	"github.com/tidegate/tidegate/storage/archive"
	"github.com/tidegate/tidegate/storage/config"
	"github.com/tidegate/tidegate/storage/history"
	"github.com/tidegate/tidegate/storage/queue"
)

// place is which gateway a sub-command is about, running or not.
type place struct {
	Demo    bool   `help:"Of the demo."`
	Data    string `help:"Data directory." env:"TIDEGATE_DATA" type:"path"`
	Runtime string `help:"Directory of the control socket." env:"TIDEGATE_RUNTIME" type:"path"`
	Config  string `help:"Start-up file; /etc/tidegate/tidegate.yaml if it exists." type:"path"`
}

func (p place) resolve() (settings, error) {
	defaults := defaultSettings()
	if p.Demo {
		defaults = demoSettings()
	}
	return settings{Data: p.Data, Runtime: p.Runtime, Linger: -1, FreeFloor: -1}.resolve(defaults, p.Config)
}

// running finds the control socket of the gateway; false when nobody answers there.
func (p place) running(ctx context.Context, s settings) (socket string, running bool) {
	socket = filepath.Join(s.Runtime, socketName(p.Demo))
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", socket)
	if err != nil {
		return socket, false
	}
	_ = conn.Close()
	return socket, true
}

type backupCommand struct {
	Output     string         `help:"File to write, - for standard output; else a new one in the current directory." short:"o" type:"path"`
	Queue      bool           `help:"Also what is queued. Restored, it may be delivered twice."`
	History    bool           `help:"Also the readings of the past."`
	Passphrase passphraseFlag `embed:""`
	Place      place          `embed:""`
}

// Run makes a backup, through the running gateway or, when none runs, from its data directory.
func (c backupCommand) Run(ctx context.Context) error {
	s, err := c.Place.resolve()
	if err != nil {
		return err
	}
	if c.Output == "-" && term.IsTerminal(int(os.Stdout.Fd())) {
		return errors.New("a backup is not for a terminal: send it to a file")
	}
	request := backupRequest{BackupParts: gateway.BackupParts{Queue: c.Queue, History: c.History}}
	if request.Passphrase, err = c.Passphrase.read(true); err != nil {
		return err
	}
	if err := access.CheckPassphrase(request.Passphrase); err != nil {
		return err
	}
	if socket, running := c.Place.running(ctx, s); running {
		return c.fromRunning(ctx, socket, request)
	}
	return c.fromStopped(ctx, s, request)
}

func (c backupCommand) fromRunning(ctx context.Context, socket string, request backupRequest) (failed error) {
	content, name, err := openBackup(ctx, socket, request)
	if err != nil {
		return err
	}
	defer func() { failed = errors.Join(failed, content.Close()) }()
	return c.write(name, func(w io.Writer) error {
		if _, err := io.Copy(w, content); err != nil {
			return fmt.Errorf("the gateway broke the backup off, its log says why: %w", err)
		}
		return nil
	})
}

func (c backupCommand) fromStopped(ctx context.Context, s settings, request backupRequest) error {
	if _, err := os.Stat(filepath.Join(s.Data, archive.Config)); err != nil {
		return fmt.Errorf("no gateway runs, and there is none in %s (--data names another directory): %w", s.Data, err)
	}
	logger, err := s.logger()
	if err != nil {
		return err
	}
	lock, err := lockDirectory(s.Data)
	if err != nil {
		return err
	}
	return errors.Join(c.fromDirectory(ctx, s, request, logger), lock.Close())
}

func (c backupCommand) fromDirectory(ctx context.Context, s settings, request backupRequest, logger *slog.Logger) (failed error) {
	k, err := openKeeper(s, logger)
	if err != nil {
		return err
	}
	defer func() { failed = errors.Join(failed, k.Close()) }()
	// A restore that was interrupted counts as done: its state is what the next start would have.
	if _, err := archive.Complete(k.dir); err != nil {
		return err
	}
	if k.config, err = config.Open(k.path(archive.Config), config.Options{Logger: logger}); err != nil {
		return err
	}
	defer func() { failed = errors.Join(failed, k.config.Close()) }()
	if request.Queue {
		k.queue, err = queue.Open(k.path(archive.Queue), queue.Options{Durability: storage.Full, Logger: logger})
		if err != nil {
			return err
		}
		defer func() { failed = errors.Join(failed, k.queue.Close()) }()
	}
	k.copyHistory = func(ctx context.Context, to string) error {
		return history.BackupFile(ctx, k.path(archive.History), to, logger)
	}
	copied, err := k.Snapshot(ctx, request)
	if err != nil {
		return err
	}
	return errors.Join(c.write(copied.Name(), copied.Write), copied.Close())
}

// write puts the backup in its place when it is whole and on disk, readable by its owner only.
func (c backupCommand) write(proposed string, write func(io.Writer) error) error {
	if c.Output == "-" {
		return write(os.Stdout)
	}
	path := c.Output
	if path == "" {
		path = filepath.Base(proposed)
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".tgbackup-*") // mode 0600
	if err != nil {
		return fmt.Errorf("write the backup: %w", err)
	}
	err = write(file)
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write the backup: %w", err), os.Remove(file.Name()))
	}
	fmt.Println(path)
	return nil
}
