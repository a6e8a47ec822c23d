package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/tidegate/tidegate/storage/history"
)

// defaultSettingsFile is read when it exists and no other file is named.
const defaultSettingsFile = "/etc/tidegate/tidegate.yaml"

// leastHistory in bytes: with less, charts would have nothing to show.
const leastHistory = 8 << 20

// settings are what must be known before a database is open. They come from the start-up file, TIDEGATE_... variables
// and flags; the later ones win. Everything else is configuration and lives in config.db.
type settings struct {
	Data       string        `yaml:"data"       help:"Data directory." env:"TIDEGATE_DATA" type:"path"`
	Runtime    string        `yaml:"runtime"    help:"Directory of the control socket." env:"TIDEGATE_RUNTIME" type:"path"`
	HTTPS      string        `yaml:"https"      help:"Address of the page over HTTPS; off to switch it off." env:"TIDEGATE_HTTPS"`
	HTTP       string        `yaml:"http"       help:"Address of the page over HTTP; off to switch it off." env:"TIDEGATE_HTTP"`
	MQTT       string        `yaml:"mqtt"       help:"Address of plain MQTT; off to switch it off." env:"TIDEGATE_MQTT"`
	LogLevel   string        `yaml:"logLevel"   help:"debug, info, warn or error." env:"TIDEGATE_LOG_LEVEL"`
	Durability string        `yaml:"durability" help:"What survives: full (power loss), normal (kill) or memory." env:"TIDEGATE_DURABILITY"`
	FreeFloor  int           `yaml:"freeFloorMB" name:"free-floor-mb" help:"MB of the disk that new messages leave free; 0 for 5 %, at most 500 MB." env:"TIDEGATE_FREE_FLOOR_MB" default:"-1"`
	Linger     time.Duration `yaml:"linger"     help:"How long readings wait for a common commit, 0s to 10s." env:"TIDEGATE_LINGER" default:"-1s"`
	Queue      queueSettings `yaml:"queue"      embed:"" prefix:"queue-" envprefix:"TIDEGATE_QUEUE_"`
	Limits     limitSettings `yaml:"limits"     embed:"" prefix:"limit-" envprefix:"TIDEGATE_LIMIT_"`

	HistoryBytes       int64 `yaml:"historyBytes"       help:"What the history for charts may take on disk." env:"TIDEGATE_HISTORY_BYTES"`
	HistoryBytesPerDay int64 `yaml:"historyBytesPerDay" help:"What the history may write per day; faster readings are thinned." env:"TIDEGATE_HISTORY_BYTES_PER_DAY"`
}

// defaultSettings are those of the service: the page for everybody over HTTPS, all else on loopback only.
func defaultSettings() settings {
	return settings{
		Data:       defaultDirectory("STATE_DIRECTORY", "/var/lib/tidegate", "XDG_STATE_HOME", ".local/state/tidegate"),
		Runtime:    defaultDirectory("RUNTIME_DIRECTORY", "/run/tidegate", "XDG_RUNTIME_DIR", ".cache/tidegate/run"),
		HTTPS:      ":8443",
		HTTP:       "127.0.0.1:8080",
		MQTT:       "127.0.0.1:1883",
		LogLevel:   "info",
		Durability: "full",
		Linger:     time.Second,
		Queue:      defaultQueueSettings(),
		Limits:     defaultLimitSettings(),

		HistoryBytes:       history.DefaultMaxBytes,
		HistoryBytesPerDay: history.DefaultBytesPerDay,
	}
}

// defaultDirectory is what systemd says, the system's place for root, or the user's own; never the current directory.
func defaultDirectory(systemd, system, xdg, home string) string {
	if dir := os.Getenv(systemd); dir != "" {
		return dir
	}
	if os.Geteuid() == 0 {
		return system
	}
	if dir := os.Getenv(xdg); dir != "" {
		return filepath.Join(dir, "tidegate")
	}
	base, err := os.UserHomeDir()
	if err != nil {
		base = os.TempDir()
	}
	return filepath.Join(base, home)
}

// resolve puts the layers together: defaults, the file (which may be absent unless it was named), flags.
func (s settings) resolve(defaults settings, file string) (settings, error) {
	named := file != ""
	if !named {
		file = defaultSettingsFile
	}
	result := defaults
	text, err := os.ReadFile(file)
	if err != nil && (named || !errors.Is(err, fs.ErrNotExist)) {
		return settings{}, fmt.Errorf("read the start-up file: %w", err)
	}
	if err := result.read(text); err != nil {
		return settings{}, fmt.Errorf("the start-up file %s is wrong:\n%s", file, yaml.FormatError(err, false, true))
	}
	result.override(s)
	return result, result.validate()
}

// read takes what the start-up file says. A file with nothing but comments would set everything to nothing, so it is
// left alone.
func (s *settings) read(text []byte) error {
	var keys map[string]any
	if err := yaml.Unmarshal(text, &keys); err != nil || len(keys) == 0 {
		return err
	}
	return yaml.UnmarshalWithOptions(text, s, yaml.Strict())
}

// override takes what the flags and variables say.
func (s *settings) override(flags settings) {
	pairs := []struct{ to, from *string }{
		{&s.Data, &flags.Data},
		{&s.Runtime, &flags.Runtime},
		{&s.HTTPS, &flags.HTTPS},
		{&s.HTTP, &flags.HTTP},
		{&s.MQTT, &flags.MQTT},
		{&s.LogLevel, &flags.LogLevel},
		{&s.Durability, &flags.Durability},
	}
	for _, p := range pairs {
		if *p.from != "" {
			*p.to = *p.from
		}
	}
	if flags.HistoryBytes != 0 {
		s.HistoryBytes = flags.HistoryBytes
	}
	if flags.HistoryBytesPerDay != 0 {
		s.HistoryBytesPerDay = flags.HistoryBytesPerDay
	}
	if flags.Linger >= 0 {
		s.Linger = flags.Linger
	}
	if flags.FreeFloor >= 0 {
		s.FreeFloor = flags.FreeFloor
	}
	s.Queue.override(flags.Queue)
	s.Limits.override(flags.Limits)
}

func (s *settings) validate() error {
	if s.Linger < 0 || s.Linger > 10*time.Second {
		return fmt.Errorf("linger: %s is not between 0s and 10s", s.Linger)
	}
	if s.FreeFloor < 0 {
		return fmt.Errorf("freeFloorMB: %d MB cannot be left free", s.FreeFloor)
	}
	for name, bytes := range map[string]int64{"historyBytes": s.HistoryBytes, "historyBytesPerDay": s.HistoryBytesPerDay} {
		if bytes < leastHistory {
			return fmt.Errorf("%s: %d is less than %d bytes", name, bytes, leastHistory)
		}
	}
	if _, err := logLevel(s.LogLevel); err != nil {
		return err
	}
	if !slices.Contains([]string{"full", "normal", "memory"}, s.Durability) {
		return fmt.Errorf("durability %q is not full, normal or memory", s.Durability)
	}
	for name, address := range map[string]string{"https": s.HTTPS, "http": s.HTTP, "mqtt": s.MQTT} {
		if err := validateAddress(address); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if err := errors.Join(s.Queue.validate(), s.Limits.validate()); err != nil {
		return err
	}
	data, err := filepath.Abs(s.Data)
	if err != nil {
		return fmt.Errorf("find the data directory: %w", err)
	}
	s.Data = data
	return nil
}
