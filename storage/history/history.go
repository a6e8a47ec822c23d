package history

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage"
)

//go:embed migrations/*.sql
var migrations embed.FS

// applicationID is "TgHi" and marks our files.
const applicationID = 0x54674869

// The defaults of the options.
const (
	DefaultMaxBytes    = 256 << 20
	DefaultBytesPerDay = 1 << 30
	DefaultEvery       = 10 * time.Second
	DefaultRawAge      = 7 * 24 * time.Hour
	DefaultMinuteAge   = 365 * 24 * time.Hour
)

// reopenPause keeps a file that cannot be opened from being tried all the time.
const reopenPause = time.Minute

// Bounds are what is kept; zero means the default.
type Bounds struct {
	// MaxBytes bounds what the rows take on disk. The file may be a few MB larger for a while.
	MaxBytes int64
	// RawAge and MinuteAge are how long rows stay.
	RawAge, MinuteAge time.Duration
}

func (b Bounds) withDefaults() Bounds {
	b.MaxBytes = orDefault(b.MaxBytes, DefaultMaxBytes)
	b.RawAge = orDefault(b.RawAge, DefaultRawAge)
	b.MinuteAge = orDefault(b.MinuteAge, DefaultMinuteAge)
	return b
}

// Options tune a history; zero means the default.
type Options struct {
	Bounds
	// BytesPerDay is what may be written to the disk per day; readings are thinned to stay below.
	BytesPerDay int64
	// Every is how often a batch is written: what a kill may cost.
	Every  time.Duration
	Logger *slog.Logger
}

func (o Options) withDefaults() Options {
	o.Bounds = o.Bounds.withDefaults()
	o.BytesPerDay = orDefault(o.BytesPerDay, DefaultBytesPerDay)
	o.Every = orDefault(o.Every, DefaultEvery)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

func orDefault[T ~int64](value, fallback T) T {
	if value == 0 {
		return fallback
	}
	return value
}

// History is history.db. All methods may be called from any goroutine.
type History struct {
	path    string
	options Options
	pending *pending

	mu sync.Mutex // guards everything that follows
	// bounds take the place of those of the options.
	bounds Bounds
	// db is nil while the file is not open; failure says why.
	db      *storage.DB
	failure error
	disk    diskStatus
	// recovered is what became of the file when it was last replaced, recoveredAt is when.
	recovered   *storage.Recovered
	recoveredAt time.Time
}

var _ gateway.History = (*History)(nil)

// New makes the history of a file. It opens and starts nothing: see Run.
func New(path string, options Options) *History {
	options = options.withDefaults()
	return &History{path: path, options: options, pending: newPending(), failure: errNotOpen, bounds: options.Bounds}
}

// SetBounds changes what is kept. What is too much then goes within minutes, in small steps.
func (h *History) SetBounds(bounds Bounds) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.bounds = bounds.withDefaults()
}

// limits are the options as they are now.
func (h *History) limits() Options {
	h.mu.Lock()
	defer h.mu.Unlock()
	options := h.options
	options.Bounds = h.bounds
	return options
}

var errNotOpen = errors.New("the history is not open yet")

// Run opens the file and writes batches until ctx ends, and then the last one. It returns no error for a file that cannot
// be used: nothing else may end because of the history.
func (h *History) Run(ctx context.Context) error {
	for {
		err := h.session(ctx)
		if ctx.Err() != nil {
			return err
		}
		h.options.Logger.Error("history is not recorded", "path", h.path, "error", err)
		// A damaged file is replaced at once, anything else may take a while to be mended.
		pause := reopenPause
		if storage.IsCorrupt(err) {
			pause = 0
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil
		}
	}
}

// session is the time from opening the file to the end, or to its damage.
func (h *History) session(ctx context.Context) (failed error) {
	db, err := openFile(h.path, h.options.Logger)
	if err != nil {
		h.setOpen(nil, err)
		return err
	}
	h.setOpen(db, errNotOpen) // until record has read what is in it
	defer func() {
		h.setOpen(nil, errors.Join(failed, storage.ErrClosed))
		failed = errors.Join(failed, db.Close())
	}()
	writer := storage.NewWriter(db, storage.WriterOptions{Logger: h.options.Logger})
	// The writer ends after the last batch.
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- writer.Run(running) }()
	damaged := h.record(ctx, &recorder{history: h, writer: writer, tables: newTables()}, ended)
	stop()
	if damaged != nil {
		return damaged
	}
	return <-ended
}

func openFile(path string, logger *slog.Logger) (*storage.DB, error) {
	scripts, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	db, err := storage.Open(path, storage.Options{
		ApplicationID: applicationID, Migrations: scripts, Durability: storage.Normal, Logger: logger,
	})
	if err != nil {
		return nil, fmt.Errorf("open history: %w", err)
	}
	return db, nil
}

func (h *History) setOpen(db *storage.DB, failure error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.db, h.failure = db, failure
	if db != nil && db.Recovered != nil {
		h.recovered, h.recoveredAt = db.Recovered, time.Now()
	}
}

// record writes a batch at each tick, and the last one at the end. It returns early when the writer has ended by itself,
// which it does for damage alone.
func (h *History) record(ctx context.Context, r *recorder, ended <-chan error) error {
	if err := r.load(); err != nil {
		h.options.Logger.Warn("history cannot be read", "path", h.path, "error", err)
	}
	ticker := time.NewTicker(h.options.Every)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			r.round()
		case err := <-ended:
			return err
		case <-ctx.Done():
			r.report(r.append(true))
			return nil
		}
	}
}
