package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// setupToken is the one-time token of this start: the content of the file setup-token in the data directory for headless
// installs (mode 0600), else a random one.
func setupToken(dir string) (string, error) {
	path := filepath.Join(dir, "setup-token")
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return rand.Text(), nil
	}
	if err != nil {
		return "", fmt.Errorf("read the set-up token: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("the set-up token in %s can be read by others: chmod 600 %s", path, path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read the set-up token: %w", err)
	}
	token := strings.TrimSpace(string(text))
	if len(token) < 16 {
		return "", fmt.Errorf("the set-up token in %s is too short: use at least 16 characters", path)
	}
	return token, nil
}
