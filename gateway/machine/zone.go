package machine

import (
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Zone is the name of the machine's time zone in the IANA data base, as TZ or /etc/localtime below root say; UTC where
// neither names one.
func Zone(root string) string {
	linked, _ := os.Readlink(filepath.Join(root, "etc/localtime")) // a copy has no name
	_, linked, _ = strings.Cut(linked, "zoneinfo/")
	written, _ := os.ReadFile(filepath.Join(root, "etc/timezone")) // Debian has it
	for _, name := range []string{strings.TrimPrefix(os.Getenv("TZ"), ":"), linked, strings.TrimSpace(string(written))} {
		if _, err := time.LoadLocation(name); err == nil && name != "" && name != "Local" {
			return name
		}
	}
	return "UTC"
}
