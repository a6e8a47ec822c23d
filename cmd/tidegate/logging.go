package main

import (
	"fmt"
	"log/slog"
	"os"

	"golang.org/x/sys/unix"
)

func logLevel(name string) (slog.Level, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(name)); err != nil {
		return 0, fmt.Errorf("log level %q is not debug, info, warn or error", name)
	}
	return level, nil
}

// newLogger writes text to a terminal and JSON to anything else (the journal).
func newLogger(level slog.Level) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	if _, err := unix.IoctlGetTermios(int(os.Stderr.Fd()), unix.TCGETS); err == nil {
		return slog.New(slog.NewTextHandler(os.Stderr, options))
	}
	return slog.New(slog.NewJSONHandler(os.Stderr, options))
}

// logLines is how many lines of the log the page shows.
const logLines = 1000

// keepLog makes the log go to the page too, at the level that it has.
func (p *program) keepLog() error {
	level, err := logLevel(p.settings.LogLevel)
	if err != nil {
		return err
	}
	p.logger = slog.New(slog.NewMultiHandler(p.logger.Handler(), p.live.Logs().Handler(level)))
	return nil
}
