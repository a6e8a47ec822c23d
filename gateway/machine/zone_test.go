package machine_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/tidegate/tidegate/gateway/machine"
)

func TestTheZoneOfTheMachine(t *testing.T) {
	t.Setenv("TZ", "")
	for _, test := range []struct{ linked, written, tz, want string }{
		{"", "", "", "UTC"},
		{"/usr/share/zoneinfo/Europe/Berlin", "", "", "Europe/Berlin"},
		{"../usr/share/zoneinfo/Asia/Tokyo", "Europe/Berlin\n", "", "Asia/Tokyo"},
		{"", "Europe/Berlin\n", "", "Europe/Berlin"},
		{"/usr/share/zoneinfo/Europe/Berlin", "", ":America/New_York", "America/New_York"},
		{"/usr/share/zoneinfo/Nowhere", "nonsense", "", "UTC"},
	} {
		t.Setenv("TZ", test.tz)
		root := t.TempDir()
		if test.written != "" {
			root = kernel(t, map[string]string{"etc/timezone": test.written})
		}
		if test.linked != "" {
			if err := os.MkdirAll(filepath.Join(root, "etc"), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(test.linked, filepath.Join(root, "etc/localtime")); err != nil {
				t.Fatal(err)
			}
		}
		if got := machine.Zone(root); got != test.want {
			t.Errorf("%+v: %s", test, got)
		}
	}
}
