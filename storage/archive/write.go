package archive

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"filippo.io/age"
)

// Write makes a backup of the known files that are in the folder, which nobody may change meanwhile. It fills in what m
// says about the files and the format.
func Write(w io.Writer, passphrase string, m Manifest, folder *os.Root) (failed error) {
	if err := m.measure(folder); err != nil {
		return err
	}
	recipient, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return fmt.Errorf("take the passphrase: %w", err)
	}
	recipient.SetWorkFactor(workFactor)
	secret, err := age.Encrypt(w, recipient)
	if err != nil {
		return fmt.Errorf("begin the backup: %w", err)
	}
	// Only Close makes the file complete: without it, every reader sees that it was cut off.
	if err := m.write(secret, folder); err != nil {
		return err
	}
	return secret.Close()
}

// measure notes the files of the folder with their checksums.
func (m *Manifest) measure(folder *os.Root) error {
	m.Format, m.Files = 1, []File{}
	for _, name := range Names() {
		size, sum, err := digest(folder, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		m.Files = append(m.Files, File{Name: name, Size: size, SHA256: sum})
	}
	if m.Has(History) {
		m.Format = formatHistory
	}
	return m.check()
}

func digest(folder *os.Root, name string) (size int64, sum string, failed error) {
	file, err := folder.Open(name)
	if err != nil {
		return 0, "", err
	}
	defer func() { failed = errors.Join(failed, file.Close()) }()
	hash := sha256.New()
	size, err = io.Copy(hash, file)
	return size, hex.EncodeToString(hash.Sum(nil)), err
}

func (m *Manifest) write(w io.Writer, folder *os.Root) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	out := tar.NewWriter(w)
	if err := out.WriteHeader(m.header(manifestName, int64(len(text)))); err != nil {
		return err
	}
	if _, err := out.Write(text); err != nil {
		return err
	}
	for _, file := range m.Files {
		if err := m.add(out, folder, file); err != nil {
			return fmt.Errorf("write %s: %w", file.Name, err)
		}
	}
	return out.Close()
}

func (m *Manifest) add(out *tar.Writer, folder *os.Root, f File) (failed error) {
	file, err := folder.Open(f.Name)
	if err != nil {
		return err
	}
	defer func() { failed = errors.Join(failed, file.Close()) }()
	if err := out.WriteHeader(m.header(f.Name, f.Size)); err != nil {
		return err
	}
	_, err = io.Copy(out, file)
	return err
}

func (m *Manifest) header(name string, size int64) *tar.Header {
	return &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: m.Created}
}
