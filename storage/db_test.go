package storage_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	_ "github.com/mattn/go-sqlite3"

	"github.com/tidegate/tidegate/storage"
)

const testID = 0x54657374

func script(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

func options() storage.Options {
	return storage.Options{ApplicationID: testID, Migrations: fstest.MapFS{
		"0001.sql": script("CREATE TABLE item (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);\n-- a comment at the end"),
	}}
}

func MustOpen(tb testing.TB, path string, o storage.Options) *storage.DB {
	tb.Helper()
	db, err := storage.Open(path, o)
	if err != nil {
		tb.Fatalf("open: %v", err)
	}
	tb.Cleanup(func() { MustClose(tb, db) })
	return db
}

func MustClose(tb testing.TB, db *storage.DB) {
	tb.Helper()
	if err := db.Close(); err != nil {
		tb.Errorf("close: %v", err)
	}
}

func put(text string) func(*storage.Conn) error {
	return func(conn *storage.Conn) error { return conn.Do("INSERT INTO item (text) VALUES (?)", text) }
}

func MustPut(tb testing.TB, db *storage.DB, text string) {
	tb.Helper()
	if err := db.Update(context.Background(), put(text)); err != nil {
		tb.Fatalf("put %q: %v", text, err)
	}
}

// items are the rows in the order in which they were inserted, with a space between.
func items(tb testing.TB, db *storage.DB) string {
	tb.Helper()
	var texts []string
	err := db.Read(context.Background(), func(conn *storage.Conn) error {
		return conn.Query(func(row storage.Row) error {
			texts = append(texts, row.Text(0))
			return nil
		}, "SELECT text FROM item ORDER BY id")
	})
	if err != nil {
		tb.Fatalf("read: %v", err)
	}
	return strings.Join(texts, " ")
}

func TestEveryConnectionIsAsDurableAsPromised(t *testing.T) {
	for level, want := range map[storage.Durability]int64{storage.Full: 2, storage.Normal: 1, storage.Memory: 0, "": 2} {
		o := options()
		o.Durability = level
		db := MustOpen(t, t.TempDir()+"/a.db", o)
		check := func(conn *storage.Conn) error {
			got, _, err := conn.Int("PRAGMA synchronous")
			if err == nil && got != want {
				err = fmt.Errorf("synchronous is %d instead of %d", got, want)
			}
			mapped, _, mapErr := conn.Int("PRAGMA mmap_size")
			if mapped != 0 {
				err = fmt.Errorf("mmap_size is %d", mapped)
			}
			return errors.Join(err, mapErr)
		}
		if err := errors.Join(db.Update(t.Context(), check), db.Read(t.Context(), check)); err != nil {
			t.Errorf("%q: %v", level, err)
		}
		MustClose(t, db)
		if _, err := os.Stat(db.Path()); (level == storage.Memory) != os.IsNotExist(err) {
			t.Errorf("%q: the file after Close: %v", level, err)
		}
	}
	o := options()
	o.Durability = "careful"
	if _, err := storage.Open(t.TempDir()+"/a.db", o); err == nil {
		t.Error("an unknown level was taken")
	}
}

func TestReadersCannotWrite(t *testing.T) {
	db := MustOpen(t, t.TempDir()+"/a.db", options())
	if err := db.Read(t.Context(), put("x")); err == nil {
		t.Error("a reader has written")
	}
	MustPut(t, db, "y")
	if got := items(t, db); got != "y" {
		t.Errorf("items %q", got)
	}
}

func TestAReaderSeesOneState(t *testing.T) {
	db := MustOpen(t, t.TempDir()+"/a.db", options())
	err := db.Read(t.Context(), func(conn *storage.Conn) error {
		if _, _, err := conn.Int("SELECT count(*) FROM item"); err != nil {
			return err
		}
		MustPut(t, db, "x")
		n, _, err := conn.Int("SELECT count(*) FROM item")
		if n != 0 {
			err = fmt.Errorf("%d items appeared", n)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestWaitingForAReaderEndsWithTheContext(t *testing.T) {
	o := options()
	o.Readers = 1
	db := MustOpen(t, t.TempDir()+"/a.db", o)
	ctx, cancel := context.WithCancel(t.Context())
	err := db.Read(t.Context(), func(*storage.Conn) error {
		cancel()
		return db.Read(ctx, func(*storage.Conn) error { return nil })
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("second reader: %v", err)
	}
}

func TestMigrationsRunOnceAndANewerSchemaIsRefused(t *testing.T) {
	path := t.TempDir() + "/a.db"
	old := options()
	db := MustOpen(t, path, old)
	MustPut(t, db, "kept")
	MustClose(t, db)
	newer := options()
	newer.Migrations.(fstest.MapFS)["0002.sql"] = script("ALTER TABLE item ADD COLUMN more TEXT; INSERT INTO item (text) VALUES ('2')")
	newer.Migrations.(fstest.MapFS)["0003.sql"] = script("-- additive\nCREATE TABLE third (id)")
	for range 2 {
		db = MustOpen(t, path, newer)
		if got := items(t, db); got != "kept 2" {
			t.Fatalf("items %q", got)
		}
		MustClose(t, db)
	}
	before := MustRead(t, path)
	_, err := storage.Open(path, old)
	refused, isNewer := errors.AsType[*storage.NewerSchemaError](err)
	if !isNewer || refused.Needed != 2 || refused.Known != 1 {
		t.Errorf("newer schema: %v", err)
	}
	if string(before) != string(MustRead(t, path)) {
		t.Error("the refused file was changed")
	}
}

func TestAProgramOpensWhatALaterOneOnlyAddedTo(t *testing.T) {
	path := t.TempDir() + "/a.db"
	later := options()
	later.Migrations.(fstest.MapFS)["0002.sql"] = script("-- additive\nALTER TABLE item ADD COLUMN more TEXT NOT NULL DEFAULT 'm'")
	db := MustOpen(t, path, later)
	MustPut(t, db, "later")
	MustClose(t, db)
	db = MustOpen(t, path, options())
	MustPut(t, db, "earlier")
	MustClose(t, db)
	db = MustOpen(t, path, later) // it must not be added twice
	if got := items(t, db); got != "later earlier" || db.Recovered != nil {
		t.Errorf("items %q, recovered %+v", got, db.Recovered)
	}
}

func TestAFailedMigrationLeavesNothing(t *testing.T) {
	path := t.TempDir() + "/a.db"
	MustClose(t, MustOpen(t, path, options()))
	broken := options()
	broken.Migrations.(fstest.MapFS)["0002.sql"] = script("CREATE TABLE half (id); INSERT INTO nowhere VALUES (1)")
	if _, err := storage.Open(path, broken); err == nil {
		t.Fatal("a broken migration was taken")
	}
	broken.Migrations.(fstest.MapFS)["0002.sql"] = script("CREATE TABLE half (id)")
	MustOpen(t, path, broken)
}

func MustRead(tb testing.TB, path string) []byte {
	tb.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

func TestAFileThatCannotBeUsedIsSetAside(t *testing.T) {
	tests := map[string]func(t *testing.T, path string){
		"empty":     func(t *testing.T, path string) { MustWrite(t, path, nil) },
		"text":      func(t *testing.T, path string) { MustWrite(t, path, []byte(strings.Repeat("no database\n", 1000))) },
		"truncated": func(t *testing.T, path string) { MustWrite(t, path, MustRead(t, path)[:5000]) },
		"header": func(t *testing.T, path string) {
			data := MustRead(t, path)
			copy(data, "SQLite format 4")
			MustWrite(t, path, data)
		},
		"foreign": func(t *testing.T, path string) {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			db, err := sql.Open("sqlite3", path)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if _, err := db.ExecContext(t.Context(), "CREATE TABLE theirs (id)"); err != nil {
				t.Fatal(err)
			}
		},
		"marked while in use": func(t *testing.T, path string) { MustWrite(t, path+"-damaged", nil) },
	}
	contents := map[string]string{
		"foreign": "theirs 0", "marked while in use": "item 1",
	}
	for name, damage := range tests {
		t.Run(name, func(t *testing.T) {
			path := t.TempDir() + "/a.db"
			db := MustOpen(t, path, options())
			MustPut(t, db, "lost")
			MustClose(t, db)
			damage(t, path)
			MustWrite(t, path+"-wal", []byte("a log that belongs to it"))

			db = MustOpen(t, path, options())
			if db.Recovered == nil || db.Recovered.Reason == nil || db.Recovered.Snapshot != "" {
				t.Fatalf("recovered: %+v", db.Recovered)
			}
			aside, err := filepath.Glob(path + "*.damaged-*")
			if err != nil || len(aside) == 0 || len(aside) != len(db.Recovered.SetAside) {
				t.Errorf("set aside: %v, %v, %v", aside, db.Recovered.SetAside, err)
			}
			if got := db.Recovered.ContentsText(); got != contents[name] {
				t.Errorf("it says that there was %q, want %q", got, contents[name])
			}
			if got := items(t, db); got != "" {
				t.Errorf("items %q", got)
			}
			if left, err := filepath.Glob(filepath.Dir(path) + "/contents-*"); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
			MustPut(t, db, "new")
			MustClose(t, db)
			db = MustOpen(t, path, options())
			if got := items(t, db); got != "new" || db.Recovered != nil {
				t.Errorf("opened again: items %q, recovered %+v", got, db.Recovered)
			}
		})
	}
}

func TestWhatADamagedFileHadInItIsCountedAsFarAsItCanBeRead(t *testing.T) {
	path := t.TempDir() + "/a.db"
	db := MustOpen(t, path, options())
	for i := range 50 {
		MustPut(t, db, fmt.Sprint(i, strings.Repeat("x", 1000)))
	}
	MustClose(t, db)
	data := MustRead(t, path)
	copy(data[len(data)-4096:], make([]byte, 4096)) // a page of the table or of its index
	copy(data[len(data)-8192:], make([]byte, 4096))
	MustWrite(t, path, data)
	o := options()
	o.CheckWhole = true
	db = MustOpen(t, path, o)
	var rows int64
	text := db.Recovered.ContentsText()
	if _, err := fmt.Sscanf(text, "item %d (not all could be read)", &rows); err != nil || rows == 0 || rows >= 50 {
		t.Errorf("it says that there was %q: %v", text, err)
	}
}

func MustWrite(tb testing.TB, path string, data []byte) {
	tb.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		tb.Fatal(err)
	}
}

// TestWhatAKilledStartLeftIsRemoved: a start that was killed while it looked into a damaged file leaves the folder of that.
func TestWhatAKilledStartLeftIsRemoved(t *testing.T) {
	folder := t.TempDir()
	left, foreign := filepath.Join(folder, "a.db.contents-123"), filepath.Join(folder, "b.db.contents-123")
	for _, path := range []string{left, foreign} {
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Fatal(err)
		}
		MustWrite(t, filepath.Join(path, "a.db.damaged-20260101-000000.000"), nil)
	}
	MustOpen(t, filepath.Join(folder, "a.db"), options())
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
	if _, err := os.Stat(foreign); err != nil {
		t.Errorf("that of another database: %v", err)
	}
}

func TestABackupIsWholeWhileOthersWrite(t *testing.T) {
	folder := t.TempDir()
	db := MustOpen(t, folder+"/a.db", options())
	MustPut(t, db, "1")
	if err := db.Backup(t.Context(), folder+"/copy.db"); err != nil {
		t.Fatal(err)
	}
	MustPut(t, db, "2")
	copied := MustOpen(t, folder+"/copy.db", options())
	if got := items(t, copied); got != "1" || copied.Recovered != nil {
		t.Errorf("copy: items %q, recovered %+v", got, copied.Recovered)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := db.Backup(ctx, folder+"/none.db"); err == nil {
		t.Error("backed up after the end of the context")
	}
	if left, err := filepath.Glob(folder + "/none*"); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestAfterCloseNothingWorks(t *testing.T) {
	db := MustOpen(t, t.TempDir()+"/a.db", options())
	MustPut(t, db, "x")
	MustClose(t, db)
	if err := db.Read(t.Context(), func(*storage.Conn) error { return nil }); !errors.Is(err, storage.ErrClosed) {
		t.Errorf("read: %v", err)
	}
	if err := db.Update(t.Context(), put("y")); !errors.Is(err, storage.ErrClosed) {
		t.Errorf("update: %v", err)
	}
}
