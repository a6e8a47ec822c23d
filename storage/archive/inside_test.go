package archive

import (
	"archive/tar"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// FuzzRead is about what lies inside the encryption, which would hide it from the fuzzer.
func FuzzRead(f *testing.F) {
	f.Add(sample(f, "config.db"))
	f.Add(sample(f, "../config.db"))
	f.Add([]byte{})
	root, err := os.OpenRoot(f.TempDir())
	if err != nil {
		f.Fatal(err)
	}
	// Nothing is written: syncing files would take all the time.
	skip := Options{Skip: func(string) bool { return true }}
	f.Fuzz(func(t *testing.T, plain []byte) {
		m, err := read(bytes.NewReader(plain), root, skip)
		if err != nil {
			return
		}
		for _, file := range m.Files {
			if !slices.Contains(Names(), file.Name) || file.Size > int64(len(plain)) {
				t.Errorf("%s with %d bytes is accepted", file.Name, file.Size)
			}
		}
	})
}

// sample is a backup with one file of the given name.
func sample(f testing.TB, name string) []byte {
	f.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	manifest := `{"format":1,"files":[{"name":"` + name + `","size":1,` +
		`"sha256":"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"}]}`
	for _, entry := range [][2]string{{manifestName, manifest}, {name, "x"}} {
		if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: entry[0], Size: int64(len(entry[1]))}); err != nil {
			f.Fatal(err)
		}
		if _, err := io.WriteString(w, entry[1]); err != nil {
			f.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		f.Fatal(err)
	}
	return out.Bytes()
}

func TestTheSampleOfTheFuzzerIsABackup(t *testing.T) {
	folder := t.TempDir()
	root, err := os.OpenRoot(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = root.Close() }()
	if _, err := read(bytes.NewReader(sample(t, "config.db")), root, Options{}); err != nil {
		t.Fatal(err)
	}
	if content, err := os.ReadFile(filepath.Join(folder, "config.db")); err != nil || string(content) != "x" {
		t.Errorf("%q, %v", content, err)
	}
}
