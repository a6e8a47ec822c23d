package certificates_test

import (
	"testing"

	"github.com/tidegate/tidegate/gateway"
)

// TestACertificateIsRestored as it was, or away where there was none.
func TestACertificateIsRestored(t *testing.T) {
	root := newAuthority(t, nil, "root")
	old, young := newServer(t, root, "edge.example"), newServer(t, root, "edge.example")
	set := newMachine(t).mustOpen(t)
	address := serveTLS(t, set.TLS(gateway.PageListener))
	own := shownTo(t, address, "edge.example")
	mustAdd(t, set, old.upload(t, "plant", gateway.PageListener))
	former, err := set.Stored(t.Context(), "plant")
	if err != nil || former == nil {
		t.Fatalf("%v %v", former, err)
	}
	if _, err := set.ChangeCertificate(t.Context(), young.upload(t, "plant"), "anna"); err != nil {
		t.Fatal(err)
	}
	if err := set.Restore(t.Context(), "plant", former, "undo"); err != nil {
		t.Fatal(err)
	}
	if got := shownTo(t, address, "edge.example"); !got.Equal(old.Certificate) {
		t.Errorf("shown %v", got.Subject)
	}
	if again, err := set.Stored(t.Context(), "plant"); err != nil || len(again.Listeners) != 1 || again.Key != former.Key {
		t.Errorf("%+v %v", again, err)
	}
	for range 2 { // the second time there is nothing to remove
		if err := set.Restore(t.Context(), "plant", nil, "undo"); err != nil {
			t.Fatal(err)
		}
	}
	if got := shownTo(t, address, "edge.example"); !got.Equal(own) {
		t.Errorf("shown %v", got.Subject)
	}
}
