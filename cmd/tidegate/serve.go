package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

type serveCommand struct {
	Config   string   `help:"Start-up file; /etc/tidegate/tidegate.yaml if it exists." type:"path"`
	Settings settings `embed:""`
}

// Run is the service: it ends with SIGTERM or when a part fails.
func (c serveCommand) Run(ctx context.Context) error {
	s, err := c.Settings.resolve(defaultSettings(), c.Config)
	if err != nil {
		return err
	}
	logger, err := s.logger()
	if err != nil {
		return err
	}
	logger.Info("data directory", "path", s.Data)
	lock, err := lockDirectory(s.Data)
	if err != nil {
		return err
	}
	return errors.Join(c.runIn(ctx, s, logger), lock.Close())
}

// runIn runs the service in a data directory that is its own. A restore begins it anew, in the same process: then the
// directory stays locked, and no rights are needed to start a service.
func (c serveCommand) runIn(ctx context.Context, s settings, logger *slog.Logger) error {
	for {
		p, err := openProgram(ctx, programOptions{settings: s, logger: logger, dial: (&net.Dialer{}).DialContext})
		if err != nil {
			return err
		}
		p.announce(os.Stdout, "Tidegate "+version)
		err = p.run(ctx)
		if !errors.Is(err, errRestart) {
			return err
		}
		logger.Info("everything has ended, and begins anew", "reason", err)
	}
}

func (s *settings) logger() (*slog.Logger, error) {
	level, err := logLevel(s.LogLevel)
	if err != nil {
		return nil, err
	}
	return newLogger(level), nil
}

// announce prints one line per part, the links first.
func (p *program) announce(out *os.File, title string) {
	var text strings.Builder
	line := func(name, value string) { fmt.Fprintf(&text, "%-14s %s\n", name, value) }
	fmt.Fprintln(&text, title)
	for _, link := range p.pageLinks() {
		line("page", link)
	}
	for _, fingerprint := range p.fingerprints() {
		line("certificate", fingerprint)
	}
	line("data", p.settings.Data)
	if p.mqtt != nil {
		line("mqtt", p.mqtt.Addr().String())
	}
	for _, extra := range p.extraLines {
		line(extra.name, extra.value)
	}
	line("control", p.control.path)
	// One write, so that the lines of a service that starts beside it do not come in between.
	_, _ = out.WriteString(text.String())
}

// pageLinks are the addresses of the page, with the set-up token as long as it is needed.
func (p *program) pageLinks() []string {
	fragment := ""
	if !p.access.SetUpDone() {
		fragment = "#setup=" + p.token
	}
	var result []string
	if p.https != nil {
		result = append(result, links("https", p.https)...)
	}
	if p.http != nil {
		result = append(result, links("http", p.http)...)
	}
	for i := range result {
		result[i] += fragment
	}
	return result
}

// fingerprints say by what a browser's warning about the certificate can be checked; without HTTPS there are none.
func (p *program) fingerprints() []string {
	if p.fingerprint == "" {
		return nil
	}
	return []string{"SHA-256 of the device's CA " + p.fingerprint}
}

// run waits for the end and closes everything in reverse.
func (p *program) run(ctx context.Context) error {
	watch, stop := context.WithCancel(ctx)
	defer stop()
	notify(p.logger, daemon.SdNotifyReady)
	watchdogDone := make(chan struct{})
	go func() {
		defer close(watchdogDone)
		p.watchdog(watch)
	}()
	err := p.parts.Wait(ctx)
	stop()
	<-watchdogDone
	if !errors.Is(err, errRestart) {
		// Not for a restart: systemd would wait for the end of the process, and then kill it.
		notify(p.logger, daemon.SdNotifyStopping)
	}
	return errors.Join(err, p.close())
}

// watchdog tells systemd that the gateway is alive, at most twice in its period and only while the store commits and the
// supervisor answers.
func (p *program) watchdog(ctx context.Context) {
	interval, err := daemon.SdWatchdogEnabled(false)
	if err != nil || interval == 0 {
		return
	}
	ticker := time.NewTicker(interval / 2)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			p.monitor.Status()
			notify(p.logger, daemon.SdNotifyWatchdog)
		}
	}
}

func notify(logger *slog.Logger, state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		logger.Warn("systemd does not answer", "error", err)
	}
}

type setupCommand struct {
	Demo    bool   `help:"Of the demo."`
	Runtime string `help:"Directory of the control socket." env:"TIDEGATE_RUNTIME" type:"path"`
}

// Run prints the links to set up the running gateway, and the fingerprint beside them.
func (c setupCommand) Run(ctx context.Context) error {
	result, err := callControl[struct{}, []string](ctx, runtimeDirectory(c.Runtime), socketName(c.Demo), "setup", struct{}{})
	for _, line := range result {
		fmt.Println(line)
	}
	return err
}

type statusCommand struct {
	Demo    bool   `help:"Of the demo."`
	Runtime string `help:"Directory of the control socket." env:"TIDEGATE_RUNTIME" type:"path"`
}

// Run prints the status of the running gateway.
func (c statusCommand) Run(ctx context.Context) error {
	status, err := callControl[struct{}, jsonText](ctx, runtimeDirectory(c.Runtime), socketName(c.Demo), "status", struct{}{})
	fmt.Println(string(status))
	return err
}

// jsonText is JSON that is passed on as it came.
type jsonText []byte

// UnmarshalJSON keeps the text.
func (j *jsonText) UnmarshalJSON(data []byte) error { //nolint:unparam // json.Unmarshaler
	*j = append((*j)[:0], data...)
	return nil
}

func runtimeDirectory(flag string) string {
	if flag != "" {
		return flag
	}
	return defaultSettings().Runtime
}
