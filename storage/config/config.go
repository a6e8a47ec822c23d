package config

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage"
)

//go:embed migrations/*.sql
var migrations embed.FS

// applicationID is "TgCo" and marks our files.
const applicationID = 0x5467436f

// maxRevisions bounds how many revisions can be rolled back to.
const maxRevisions = 1000

// Store is an open config.db. Its methods may be called from any goroutine; changes wait for each other.
type Store struct {
	db     *storage.DB
	path   string
	logger *slog.Logger
	// copying is held while the file is copied: one copy at a time.
	copying chan struct{}
}

// Options tune a store.
type Options struct {
	// Space, which may be nil, makes room for changes on a full disk.
	Space  *storage.Space
	Logger *slog.Logger
}

// Open opens or makes the database. A damaged file is replaced by its newest good copy; see Recovered.
func Open(path string, options Options) (*Store, error) {
	logger := options.Logger
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	copies, err := goodCopies(path)
	if err != nil {
		return nil, err
	}
	file, err := fileOptions(logger)
	if err != nil {
		return nil, err
	}
	file.CheckWhole, file.Snapshots, file.Space = true, copies, options.Space
	db, err := storage.Open(path, file)
	if err != nil {
		return nil, fmt.Errorf("open configuration: %w", err)
	}
	return &Store{db: db, path: path, logger: logger, copying: make(chan struct{}, 1)}, nil
}

func fileOptions(logger *slog.Logger) (storage.Options, error) {
	scripts, err := fs.Sub(migrations, "migrations")
	return storage.Options{ApplicationID: applicationID, Migrations: scripts, Logger: logger}, err
}

// Close closes the file.
func (s *Store) Close() error { return s.db.Close() }

// Recovered says that the file could not be used and was replaced; nil in the usual case.
func (s *Store) Recovered() *storage.Recovered { return s.db.Recovered }

// Load gives the newest revision with its secrets. A new database has revision 0: the host's name, the default scan
// classes, and nothing else.
func (s *Store) Load(ctx context.Context) (c gateway.Config, err error) {
	err = s.db.Read(ctx, func(conn *storage.Conn) error {
		c, err = load(conn)
		return err
	})
	if err != nil {
		return gateway.Config{}, fmt.Errorf("load the configuration: %w", err)
	}
	return c, nil
}

// Save stores next as the revision after the newest, and gives it as it is stored. next.Revision has to be the newest
// (else Conflict). A secret that is gateway.Redacted keeps the stored one of the same bridge or connection.
func (s *Store) Save(ctx context.Context, next gateway.Config, author string) (saved gateway.Config, err error) {
	err = s.change(ctx, func(conn *storage.Conn) error {
		current, err := load(conn)
		if err != nil {
			return err
		}
		if next.Revision != current.Revision {
			return stale(conn, next.Revision, current.Revision)
		}
		// A copy, since this may run twice.
		stored, err := keepSecrets(next, current)
		if err != nil {
			return err
		}
		stored.Revision++
		if err := write(conn, &stored, author); err != nil {
			return err
		}
		saved, err = load(conn)
		return err
	})
	if err != nil {
		return gateway.Config{}, fmt.Errorf("save the configuration: %w", err)
	}
	return saved, nil
}

func stale(conn *storage.Conn, from, newest int64) error {
	author := "somebody else"
	err := conn.Query(func(row storage.Row) error {
		if row.Text(0) != "" {
			author = row.Text(0)
		}
		return nil
	}, "SELECT author FROM revision WHERE number = ?", newest)
	if err != nil {
		return err
	}
	return gateway.Errorf(gateway.Conflict, "this edit was made from revision %d, but %s has saved revision %d since: "+
		"load the page again and repeat the edit", from, author, newest)
}

// keepSecrets works on a copy of bridges and connections: next belongs to the caller.
func keepSecrets(next, current gateway.Config) (gateway.Config, error) {
	bridges := append([]gateway.Bridge{}, next.Bridges...)
	for i := range bridges {
		stored, _ := current.Bridge(bridges[i].ID)
		if err := bridges[i].KeepSecrets(stored, fmt.Sprintf("bridges[%d]", i)); err != nil {
			return next, err
		}
	}
	connections := append([]gateway.Connection{}, next.Connections...)
	for i := range connections {
		stored, _ := current.Connection(connections[i].ID)
		if err := connections[i].KeepSecrets(stored, fmt.Sprintf("connections[%d]", i)); err != nil {
			return next, err
		}
	}
	next.Bridges, next.Connections = bridges, connections
	return next, nil
}

func write(conn *storage.Conn, c *gateway.Config, author string) error {
	// gateway.Secret marshals itself as redacted.
	compact := c.Compact()
	document, err := json.Marshal(compact)
	if err != nil {
		return err
	}
	limits, err := json.Marshal(c.History)
	if err != nil {
		return err
	}
	err = conn.Do("INSERT INTO revision (number, time, author, name, time_zone, history, document, login_tcp, login_socket) "+
		"VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		c.Revision, time.Now().UnixMilli(), author, c.Name, c.TimeZone, string(limits), string(document), c.LocalLogin.TCP, c.LocalLogin.Socket)
	if err != nil {
		return err
	}
	if err := conn.Do("DELETE FROM revision WHERE number <= ?", c.Revision-maxRevisions); err != nil {
		return err
	}
	if err := clearTables(conn); err != nil {
		return err
	}
	if err := writePlant(conn, &compact); err != nil {
		return err
	}
	if err := writeBridges(conn, c.Bridges); err != nil {
		return err
	}
	return writeListeners(conn, c.Listeners)
}

func load(conn *storage.Conn) (gateway.Config, error) {
	c := gateway.Config{
		Name: hostName(), ScanClasses: []gateway.ScanClass{}, Connections: []gateway.Connection{},
		Devices: []gateway.Device{}, Bridges: []gateway.Bridge{}, Listeners: []gateway.Listener{},
	}
	err := conn.Query(func(row storage.Row) error {
		c.Revision, c.Name = row.Int(0), row.Text(1)
		c.LocalLogin = gateway.LocalLogin{TCP: row.Int(2) != 0, Socket: row.Int(3) != 0}
		c.TimeZone = row.Text(4)
		return json.Unmarshal([]byte(row.Text(5)), &c.History)
	}, "SELECT number, name, login_tcp, login_socket, time_zone, history FROM revision ORDER BY number DESC LIMIT 1")
	if err != nil {
		return c, err
	}
	if c.Revision == 0 {
		c.ScanClasses = gateway.DefaultScanClasses()
		return c, nil
	}
	if err := readPlant(conn, &c); err != nil {
		return c, err
	}
	if err := readBridges(conn, &c); err != nil {
		return c, err
	}
	if err := readListeners(conn, &c); err != nil {
		return c, err
	}
	return c.Expanded()
}

// hostName keeps what is allowed in an identifier.
func hostName() string {
	// Without a host name the fallback is as good as any.
	host, _ := os.Hostname()
	host, _, _ = strings.Cut(host, ".")
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_':
			return r
		}
		return '-'
	}, host)
	name = strings.TrimLeft(name, "-_")
	if name == "" {
		return "tidegate"
	}
	return name[:min(len(name), 64)]
}
