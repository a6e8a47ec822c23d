package archive_test

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/tidegate/tidegate/storage/archive"
)

const passphrase = "correct horse battery staple"

func MustRoot(tb testing.TB, path string) *os.Root {
	tb.Helper()
	root, err := os.OpenRoot(path)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = root.Close() })
	return root
}

// write fills a folder.
func write(tb testing.TB, folder string, files map[string]string) {
	tb.Helper()
	for name, content := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
}

// tree is what lies in a folder, with contents.
func tree(tb testing.TB, folder string) map[string]string {
	tb.Helper()
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS(folder), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(filepath.Join(folder, path))
		files[path] = string(content)
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return files
}

var everything = map[string]string{
	"config.db": "the configuration", "tls/ca.pem": "the CA", "tls/page.pem": "the page", "queue.db": strings.Repeat("messages ", 100_000),
}

func MustWrite(tb testing.TB, files map[string]string) []byte {
	tb.Helper()
	folder := tb.TempDir()
	write(tb, folder, files)
	var backup bytes.Buffer
	err := archive.Write(&backup, passphrase, archive.Manifest{Version: "1", Gateway: "press", Created: time.Unix(1e9, 0).UTC()}, MustRoot(tb, folder))
	if err != nil {
		tb.Fatal(err)
	}
	return backup.Bytes()
}

// read gives what was written, and the tree of the folder beside the target must not change.
func read(tb testing.TB, backup []byte, o archive.Options) (map[string]string, *archive.Manifest, error) {
	tb.Helper()
	outside := tb.TempDir()
	target := filepath.Join(outside, "target")
	write(tb, outside, map[string]string{"config.db": "somebody else's", "target/kept": ""})
	m, err := archive.Read(bytes.NewReader(backup), MustRoot(tb, target), o)
	files := tree(tb, target)
	delete(files, "kept")
	if all := tree(tb, outside); all["config.db"] != "somebody else's" || len(all) != len(files)+2 {
		tb.Errorf("something was written outside: %d files", len(all))
	}
	return files, m, err
}

func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	files, m, err := read(t, MustWrite(t, everything), archive.Options{Passphrase: passphrase})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(everything) || len(m.Files) != len(everything) || m.Gateway != "press" || !m.Created.Equal(time.Unix(1e9, 0)) {
		t.Errorf("%d files, manifest %+v", len(files), m)
	}
	for name, want := range everything {
		if files[name] != want {
			t.Errorf("%s differs", name)
		}
	}
}

func TestSkippedFilesAreCheckedButNotWritten(t *testing.T) {
	skip := func(name string) bool { return name == archive.Queue }
	files, m, err := read(t, MustWrite(t, everything), archive.Options{Passphrase: passphrase, Skip: skip})
	if err != nil {
		t.Fatal(err)
	}
	if _, written := files["queue.db"]; written || len(files) != 3 || !m.Has(archive.Queue) {
		t.Errorf("written: %d files", len(files))
	}
	bad := everyEntry()
	bad[3].content = "changed"
	if _, _, err := read(t, craft(t, manifestOf(everyEntry()), bad), archive.Options{Passphrase: passphrase, Skip: skip}); err == nil {
		t.Error("a changed file that is skipped is accepted")
	}
}

func TestAcceptRefusesBeforeAnythingIsWritten(t *testing.T) {
	refuse := func(*archive.Manifest) error { return os.ErrPermission }
	files, _, err := read(t, MustWrite(t, everything), archive.Options{Passphrase: passphrase, Accept: refuse})
	if err == nil || len(files) > 0 {
		t.Errorf("error %v, %d files", err, len(files))
	}
}

func TestNothingIsReadableWithoutThePassphrase(t *testing.T) {
	backup := MustWrite(t, map[string]string{"config.db": "a secret like kanarienvogel"})
	for _, word := range []string{"kanarienvogel", "config.db", "manifest", "press"} {
		if bytes.Contains(backup, []byte(word)) {
			t.Errorf("%q stands in the file", word)
		}
	}
	files, _, err := read(t, backup, archive.Options{Passphrase: "another one"})
	if err == nil || !strings.Contains(err.Error(), "the passphrase is not that of this backup") || len(files) > 0 {
		t.Errorf("with another passphrase: %v, %d files", err, len(files))
	}
}

// TestDamage cuts the file at every tenth byte and flips a bit of as many. The file is small, so that no cut is
// between chunks only.
func TestDamage(t *testing.T) {
	backup := cheap(t, tarOf(t, manifestOf(everyEntry()), everyEntry()))
	if _, _, err := read(t, backup, archive.Options{Passphrase: passphrase}); err != nil {
		t.Fatal(err)
	}
	step := max(1, len(backup)/400)
	for i := 0; i < len(backup); i += step {
		if _, _, err := read(t, backup[:i], archive.Options{Passphrase: passphrase}); err == nil {
			t.Errorf("cut off at byte %d of %d it is accepted", i, len(backup))
		}
		flipped := bytes.Clone(backup)
		flipped[i] ^= 1
		if _, _, err := read(t, flipped, archive.Options{Passphrase: passphrase}); err == nil {
			t.Errorf("with byte %d of %d flipped it is accepted", i, len(backup))
		}
	}
	if _, _, err := read(t, append(bytes.Clone(backup), 0), archive.Options{Passphrase: passphrase}); err == nil {
		t.Error("something follows, and it is accepted")
	}
}

// entry is one entry of a hostile tar.
type entry struct {
	name, content string
	header        func(*tar.Header)
}

func everyEntry() []entry {
	return []entry{
		{name: "config.db", content: "c"},
		{name: "tls/ca.pem", content: "ca"},
		{name: "tls/page.pem", content: "p"},
		{name: "queue.db", content: "q"},
	}
}

func manifestOf(entries []entry) map[string]any {
	files := []map[string]any{}
	for _, e := range entries {
		sum := sha256.Sum256([]byte(e.content))
		files = append(files, map[string]any{"name": e.name, "size": len(e.content), "sha256": hex.EncodeToString(sum[:])})
	}
	return map[string]any{"format": 1, "version": "1", "gateway": "press", "created": "2026-11-26T01:02:03Z", "files": files}
}

func tarOf(tb testing.TB, manifest any, entries []entry) []byte {
	tb.Helper()
	text, err := json.Marshal(manifest)
	if err != nil {
		tb.Fatal(err)
	}
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, e := range slices.Concat([]entry{{name: "manifest.json", content: string(text)}}, entries) {
		header := &tar.Header{Typeflag: tar.TypeReg, Name: e.name, Size: int64(len(e.content)), Mode: 0o600}
		if e.header != nil {
			e.header(header)
		}
		if err := w.WriteHeader(header); err != nil {
			tb.Fatal(err)
		}
		if header.Size > 0 {
			if _, err := w.Write([]byte(e.content)); err != nil {
				tb.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

// cheap encrypts with a passphrase that costs nothing to check.
func cheap(tb testing.TB, plain []byte) []byte {
	tb.Helper()
	recipient, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		tb.Fatal(err)
	}
	recipient.SetWorkFactor(1)
	var out bytes.Buffer
	w, err := age.Encrypt(&out, recipient)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := w.Write(plain); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func craft(tb testing.TB, manifest any, entries []entry) []byte {
	tb.Helper()
	return cheap(tb, tarOf(tb, manifest, entries))
}

// TestHostile: whoever knows the passphrase can write any archive.
func TestHostile(t *testing.T) {
	const name, more, differs = "is not a file that can come here", "more in it than its manifest says", "stands where"
	named := func(names ...string) []entry {
		entries := []entry{}
		for _, n := range names {
			entries = append(entries, entry{name: n, content: "x"})
		}
		return entries
	}
	typed := func(flag byte, link string) []entry {
		return []entry{{name: "config.db", header: func(h *tar.Header) { h.Typeflag, h.Linkname = flag, link }}}
	}
	changed := func(key string, value any) map[string]any {
		m := manifestOf(everyEntry())
		m[key] = value
		return m
	}
	sized := func(size int64) map[string]any {
		return changed("files", []map[string]any{{"name": "config.db", "size": size, "sha256": ""}})
	}
	same := func(entries []entry) []byte { return craft(t, manifestOf(entries), entries) }
	cases := []struct {
		name   string
		backup []byte
		want   string
	}{
		{"a path that leads out", same(named("config.db", "../config.db")), name},
		{"an absolute path", same(named("config.db", "/etc/passwd")), name},
		{"a path that is another one's", same(named("config.db", "tls/../config.db")), name},
		{"an unknown name", same(named("config.db", "setup-token")), name},
		{"a name that comes twice", same(named("config.db", "config.db")), name},
		{"another order", same(named("config.db", "queue.db", "tls/ca.pem")), name},
		{"no configuration", same(named("queue.db")), "no configuration"},
		{"no file at all", same(nil), "no configuration"},
		{"a link out", craft(t, manifestOf([]entry{{name: "config.db"}}), typed(tar.TypeSymlink, "/etc/passwd")), differs},
		{"a hard link", craft(t, manifestOf([]entry{{name: "config.db"}}), typed(tar.TypeLink, "manifest.json")), differs},
		{"a folder", craft(t, manifestOf([]entry{{name: "config.db"}}), typed(tar.TypeDir, "")), differs},
		{"a device", craft(t, manifestOf([]entry{{name: "config.db"}}), typed(tar.TypeChar, "")), differs},
		{"an entry that is not in the manifest", craft(t, manifestOf(everyEntry()), append(everyEntry(), entry{name: "x"})), more},
		{"a file less", craft(t, manifestOf(everyEntry()), everyEntry()[:3]), "is missing"},
		{"another file", craft(t, manifestOf(everyEntry()), named("../config.db")), differs},
		{"a larger file", craft(t, manifestOf(everyEntry()), named("config.db")[:1]), "its content is not"},
		{"a size that differs", craft(t, sized(2), named("config.db")), "its manifest says 2"},
		{"a size below nothing", craft(t, sized(-1), named("config.db")), "are possible"},
		{"a configuration of 2 GB", craft(t, sized(2<<30), named("config.db")), "are possible"},
		{"a newer format", craft(t, changed("format", 3), everyEntry()), "install the version that made it"},
		{"a manifest that is none", craft(t, "x", everyEntry()), "manifest.json"},
		{"a huge manifest", craft(t, strings.Repeat("x", 100_000), nil), "at most"},
		{"a manifest with too much", craft(t, changed("files", bytes.Repeat([]byte("x"), 10)), everyEntry()), "manifest.json"},
		{"an extension", craft(t, manifestOf(named("config.db")), []entry{{name: "config.db", content: "x", header: func(h *tar.Header) {
			h.PAXRecords = map[string]string{"TIDEGATE.x": "1"}
		}}}), "extension"},
		{"no tar", cheap(t, []byte("no tar at all")), "cannot be used"},
		{"an empty one", cheap(t, nil), "missing"},
		{"no backup", []byte("SQLite format 3\x00"), "not a backup of Tidegate"},
		{"nothing", nil, "not a backup of Tidegate"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			files, _, err := read(t, c.backup, archive.Options{Passphrase: passphrase})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
			for file := range files {
				if !slices.Contains(archive.Names(), file) {
					t.Errorf("%s was written", file)
				}
			}
		})
	}
}

// TestManyEntries ends at the first one that the manifest does not have.
func TestManyEntries(t *testing.T) {
	entries := everyEntry()
	for i := range 10_000 {
		entries = append(entries, entry{name: fmt.Sprintf("x%d", i)})
	}
	files, _, err := read(t, craft(t, manifestOf(everyEntry()), entries), archive.Options{Passphrase: passphrase})
	if err == nil || !strings.Contains(err.Error(), "more in it") || len(files) != 4 {
		t.Errorf("%v, %d files", err, len(files))
	}
}

// TestAnExpensivePassphraseIsRefused: a file may not ask for gigabytes of memory.
func TestAnExpensivePassphraseIsRefused(t *testing.T) {
	backup := craft(t, manifestOf(everyEntry()), everyEntry())
	line := bytes.IndexByte(backup, '\n') + 1
	end := line + bytes.IndexByte(backup[line:], '\n')
	stanza := string(backup[line:end])
	expensive := bytes.Replace(backup, []byte(stanza), []byte(strings.TrimSuffix(stanza, "1")+"22"), 1)
	if _, _, err := read(t, expensive, archive.Options{Passphrase: passphrase}); err == nil || !strings.Contains(err.Error(), "work factor too large") {
		t.Errorf("%v", err)
	}
}

// TestOnlyAHistoryNeedsTheNewFormat: an older version reads what it can, and says which version can read the rest.
func TestOnlyAHistoryNeedsTheNewFormat(t *testing.T) {
	for _, c := range []struct {
		files map[string]string
		want  int
	}{
		{map[string]string{"config.db": "c", "queue.db": "q"}, 1},
		{map[string]string{"config.db": "c", "history.db": "h"}, 2},
	} {
		got, m, err := read(t, MustWrite(t, c.files), archive.Options{Passphrase: passphrase})
		if err != nil || m.Format != c.want || len(got) != len(c.files) {
			t.Errorf("%v: format %d, %d files, %v", c.files, m.Format, len(got), err)
		}
	}
}
