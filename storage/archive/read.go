package archive

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"

	"filippo.io/age"
)

// Options say what Read does with a backup.
type Options struct {
	Passphrase string
	// Skip leaves a file out of the folder; it is checked all the same.
	Skip func(name string) bool
	// Accept is asked before anything is written; its error refuses the backup.
	Accept func(*Manifest) error
}

// Read checks a backup to its last byte and writes its files, mode 0600 and synced, into the folder, which must have
// none of them. After an error the folder may have some of the files, and they are worth nothing.
func Read(r io.Reader, folder *os.Root, o Options) (*Manifest, error) {
	plain, err := decrypt(r, o.Passphrase)
	if err != nil {
		return nil, err
	}
	m, err := read(plain, folder, o)
	if err != nil {
		return nil, fmt.Errorf("the backup cannot be used: %w", err)
	}
	return m, nil
}

// ErrPassphrase is returned for a passphrase that is not that of the backup.
var ErrPassphrase = errors.New("the passphrase is not that of this backup: try another one")

func decrypt(r io.Reader, passphrase string) (io.Reader, error) {
	identity, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, fmt.Errorf("take the passphrase: %w", err)
	}
	identity.SetMaxWorkFactor(workFactor)
	plain, err := age.Decrypt(r, identity)
	if _, wrong := errors.AsType[*age.NoIdentityMatchError](err); wrong {
		return nil, ErrPassphrase
	}
	if err != nil {
		return nil, fmt.Errorf("this is not a backup of Tidegate: %w", err)
	}
	return plain, nil
}

func read(plain io.Reader, folder *os.Root, o Options) (*Manifest, error) {
	in := tar.NewReader(plain)
	m, err := readManifest(in)
	if err != nil {
		return nil, err
	}
	if o.Accept != nil {
		if err := o.Accept(m); err != nil {
			return nil, err
		}
	}
	for _, file := range m.Files {
		if err := readFile(in, folder, file, o.Skip); err != nil {
			return nil, fmt.Errorf("read %s: %w", file.Name, err)
		}
	}
	if _, err := in.Next(); !errors.Is(err, io.EOF) {
		return nil, errors.Join(errors.New("there is more in it than its manifest says"), err)
	}
	// Only at its end the encryption says that nothing was cut off.
	rest, err := io.CopyN(io.Discard, plain, 1)
	if rest > 0 {
		return nil, errors.New("something follows its end")
	}
	if !errors.Is(err, io.EOF) {
		return nil, err
	}
	return m, nil
}

func readManifest(in *tar.Reader) (*Manifest, error) {
	header, err := next(in, manifestName)
	if err != nil {
		return nil, err
	}
	if header.Size > maxManifest {
		return nil, fmt.Errorf("its %s has %d bytes, at most %d are possible", manifestName, header.Size, maxManifest)
	}
	text, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	return parseManifest(text)
}

// next is the next entry, which has to be a plain file of that name.
func next(in *tar.Reader, name string) (*tar.Header, error) {
	header, err := in.Next()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s is missing", name)
	}
	if err != nil {
		return nil, err
	}
	if header.Name != name || header.Typeflag != tar.TypeReg || header.Linkname != "" {
		return nil, fmt.Errorf("an entry %q of type %q stands where %s should", header.Name, header.Typeflag, name)
	}
	for record := range header.PAXRecords {
		// A sparse file would be larger than what was read. Files of 8 GB and more need a record for their size.
		if record != "size" {
			return nil, fmt.Errorf("%s has the extension %q", name, record)
		}
	}
	return header, nil
}

func readFile(in *tar.Reader, folder *os.Root, file File, skip func(string) bool) error {
	header, err := next(in, file.Name)
	if err != nil {
		return err
	}
	if header.Size != file.Size {
		return fmt.Errorf("it has %d bytes, its manifest says %d", header.Size, file.Size)
	}
	hash := sha256.New()
	if skip != nil && skip(file.Name) {
		_, err = io.Copy(hash, in)
	} else {
		err = save(io.TeeReader(in, hash), folder, file.Name)
	}
	if err != nil {
		return err
	}
	if hex.EncodeToString(hash.Sum(nil)) != file.SHA256 {
		return errors.New("its content is not what its manifest says")
	}
	return nil
}

func save(r io.Reader, folder *os.Root, name string) (failed error) {
	if err := folder.MkdirAll(path.Dir(name), 0o700); err != nil {
		return err
	}
	file, err := folder.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { failed = errors.Join(failed, file.Close()) }()
	if _, err := io.Copy(file, r); err != nil {
		return err
	}
	return file.Sync()
}
