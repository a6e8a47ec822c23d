//go:build faultpoints

package storage_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"

	"github.com/tidegate/tidegate/storage"
	"github.com/tidegate/tidegate/storage/storagetest"
)

// childVariable makes this test binary a child that opens a database, which brings its schema up to date, and backs it
// up.
const childVariable = "TIDEGATE_STORAGE_CHILD"

func TestMain(m *testing.M) {
	if path := os.Getenv(childVariable); path != "" {
		if err := openAndBackUp(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m) // no test may leave a goroutine
}

func openAndBackUp(path string) error {
	db, err := storage.Open(path, newer())
	if err != nil {
		return err
	}
	if err := db.Backup(context.Background(), path+".copy"); err != nil {
		return err
	}
	return db.Close()
}

// newer is options with two migrations more, which change every row.
func newer() storage.Options {
	o := options()
	o.Migrations = fstest.MapFS{
		"0001.sql": options().Migrations.(fstest.MapFS)["0001.sql"], //nolint:forcetypeassert // options made it
		"0002.sql": script("ALTER TABLE item ADD COLUMN length INTEGER; UPDATE item SET length = length(text)"),
		"0003.sql": script("CREATE INDEX item_length ON item (length); UPDATE item SET text = text || '!'"),
	}
	return o
}

// rows of the old file; enough that a migration takes a moment.
const rows = 3000

// TestPowerCutInMigrationAndBackup: at their points, and in any moment of them. Afterwards every row is as before a
// migration or as after it, and a copy has its new content or its old one.
func TestPowerCutInMigrationAndBackup(t *testing.T) {
	disk := storagetest.MustMount(t, 64)
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	points := []struct{ name, pattern string }{
		{"migration.inside", "a.db"},
		{"migration.after", "a.db"},
		{"rename.before", "a.db.copy"},
		{"rename.after", "a.db.copy"},
	}
	times, began := cuts(t), time.Now()
	for i := range times {
		path := filepath.Join(disk.Path(), fmt.Sprint(i), "a.db")
		makeOld(t, path)
		var child *exec.Cmd
		if i < len(points) {
			child = runChild(t, path, points[i].name+" "+points[i].pattern)
			eventuallyFrozen(t, child.Process)
		} else {
			child = runChild(t, path, "")
			<-time.After(time.Duration(random.IntN(60)) * time.Millisecond)
		}
		disk.CutPower(child.Process)
		_ = child.Wait()
		checkOldOrNew(t, path, options())
		checkOldOrNew(t, path, newer())
		if _, err := os.Stat(path + ".copy"); err == nil {
			checkOldOrNew(t, path+".copy", newer())
		}
		if t.Failed() {
			t.Fatalf("in round %d, seed %d", i, seed)
		}
		disk.Remove(filepath.Dir(path))
	}
	t.Logf("%d power cuts, %.2f s each, seed %d", times, time.Since(began).Seconds()/float64(times), seed)
}

// cuts is how often the power is cut: TIDEGATE_POINTS says it for the long form.
func cuts(t *testing.T) int {
	t.Helper()
	text := os.Getenv("TIDEGATE_POINTS")
	if text == "" {
		return 8
	}
	number, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return number
}

// makeOld makes a file of the first schema, with its backup.
func makeOld(t *testing.T, path string) {
	t.Helper()
	db, err := storage.Open(path, options())
	if err != nil {
		t.Fatal(err)
	}
	defer MustClose(t, db)
	err = db.Update(t.Context(), func(conn *storage.Conn) error {
		for i := range rows {
			if err := put(fmt.Sprint("row-", i))(conn); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Backup(t.Context(), path+".copy"); err != nil {
		t.Fatal(err)
	}
}

func runChild(t *testing.T, path, point string) *exec.Cmd {
	t.Helper()
	file := filepath.Join(t.TempDir(), "point")
	if err := os.WriteFile(file, []byte(point), 0o600); err != nil {
		t.Fatal(err)
	}
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childVariable+"="+path, "TIDEGATE_FAULT_POINT="+file)
	child.Stderr = t.Output()
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	return child
}

func eventuallyFrozen(t *testing.T, p *os.Process) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !storagetest.Frozen(p) {
		select {
		case <-tick.C:
		case <-deadline:
			_ = p.Kill()
			t.Fatal("the child does not get to the point")
		}
	}
}

// checkOldOrNew opens the file as a version of the program does: the older one may be refused, but not with damage.
func checkOldOrNew(t *testing.T, path string, o storage.Options) {
	t.Helper()
	o.CheckWhole = true
	db, err := storage.Open(path, o)
	if _, isNewer := errors.AsType[*storage.NewerSchemaError](err); isNewer {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer MustClose(t, db)
	if db.Recovered != nil {
		t.Fatalf("%s was taken for damaged: %v", path, db.Recovered.Reason)
	}
	texts := strings.Fields(items(t, db))
	if len(texts) != rows {
		t.Fatalf("%s has %d rows, want %d", path, len(texts), rows)
	}
	for i, text := range texts {
		old := fmt.Sprint("row-", i)
		if text != old && text != old+"!" || strings.HasSuffix(text, "!") != strings.HasSuffix(texts[0], "!") {
			t.Fatalf("%s: row %d is %q beside %q", path, i, text, texts[0])
		}
	}
}
