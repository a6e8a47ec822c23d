package certificates_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

func TestTheClientChoosesByName(t *testing.T) {
	root := newAuthority(t, nil, "root")
	plant, cell := newServer(t, root, "edge.plant.example"), newServer(t, root, "*.cell.example")
	address := newIssued(t, root, func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)} })
	set := newMachine(t).mustOpen(t)
	mustAdd(t, set, plant.upload(t, "plant"))
	mustAdd(t, set, cell.upload(t, "cell", "lan"))
	lan, page := serveTLS(t, set.TLS("lan")), serveTLS(t, set.TLS(gateway.PageListener))
	own := shownTo(t, lan, "edge1")
	for _, c := range []struct {
		address, name string
		want          *x509.Certificate
	}{
		{lan, "edge.plant.example", plant.Certificate},
		{lan, "EDGE.plant.example", plant.Certificate},
		{page, "edge.plant.example", plant.Certificate},
		{lan, "seven.cell.example", cell.Certificate},
		{page, "seven.cell.example", own}, // it is for the listener lan only
		{lan, "two.seven.cell.example", own},
		{lan, "unknown.example", own},
		{lan, "", own},
	} {
		if got := shownTo(t, c.address, c.name); !got.Equal(c.want) {
			t.Errorf("%q is shown %v", c.name, got.Subject)
		}
	}
	if own.VerifyHostname("edge1") != nil {
		t.Errorf("the own one is for %v", own.DNSNames)
	}
	mustAdd(t, set, address.upload(t, "address"))
	if got := shownTo(t, lan, ""); !got.Equal(address.Certificate) {
		t.Errorf("who connects to an address without a name is shown %v", got.Subject)
	}
}

func TestOfSeveralTheOneThatIsValidAndEndsLast(t *testing.T) {
	root := newAuthority(t, nil, "root")
	until := func(days int) *issued {
		return newIssued(t, root, func(c *x509.Certificate) {
			c.DNSNames, c.NotAfter = []string{"edge.example"}, time.Now().Add(time.Duration(days)*24*time.Hour)
		})
	}
	short, long := until(10), until(50)
	m := newMachine(t)
	set := m.mustOpen(t)
	address := serveTLS(t, set.TLS("lan"))
	mustAdd(t, set, long.upload(t, "a"))
	mustAdd(t, set, short.upload(t, "b"))
	for after, want := range map[time.Duration]*issued{
		0: long, 20 * 24 * time.Hour: long,
		// Nothing is valid: what ended last says what is wrong.
		60 * 24 * time.Hour: long, -365 * 24 * time.Hour: long,
	} {
		m.change(func() { m.now = func() time.Time { return time.Now().Add(after) } })
		if got := shownTo(t, address, "edge.example"); !got.Equal(want.Certificate) {
			t.Errorf("after %v: ends %v", after, got.NotAfter)
		}
	}
	m.change(func() { m.now = time.Now })
	if err := set.RemoveCertificate(t.Context(), "a", "anna"); err != nil {
		t.Fatal(err)
	}
	m.change(func() { m.now = func() time.Time { return time.Now().Add(20 * 24 * time.Hour) } })
	if got := shownTo(t, address, "edge.example"); !got.Equal(short.Certificate) {
		t.Errorf("the expired one is not shown: %v", got.NotAfter)
	}
}

func TestReplacingIsWithoutAGap(t *testing.T) {
	root := newAuthority(t, nil, "root")
	first, second := newServer(t, root, "edge.example"), newServer(t, root, "edge.example")
	set := newMachine(t).mustOpen(t)
	mustAdd(t, set, first.upload(t, "plant"))
	address := serveTLS(t, set.TLS("lan"))
	cache := tls.NewLRUClientSessionCache(4)
	old := dial(t, address, "edge.example", cache)
	if again := dial(t, address, "edge.example", cache); !again.ConnectionState().DidResume {
		t.Fatal("sessions are not resumed: the test would see nothing")
	}
	if _, err := set.ChangeCertificate(t.Context(), second.upload(t, "plant"), "anna"); err != nil {
		t.Fatal(err)
	}
	mustEcho(t, old)
	// Also who comes back with the session of before sees the new one.
	state := dial(t, address, "edge.example", cache).ConnectionState()
	if state.DidResume || !state.PeerCertificates[0].Equal(second.Certificate) {
		t.Errorf("resumed %v, shown %v", state.DidResume, state.PeerCertificates[0].SerialNumber)
	}
	if err := set.RemoveCertificate(t.Context(), "plant", "anna"); err != nil {
		t.Fatal(err)
	}
	mustEcho(t, old)
	if got := shownTo(t, address, "edge.example"); got.VerifyHostname("edge1") != nil {
		t.Errorf("after the removal %v is shown", got.Subject)
	}
	if err := set.RemoveCertificate(t.Context(), "plant", "anna"); gateway.CodeOf(err) != gateway.NotFound {
		t.Errorf("removed twice: %v", err)
	}
}

func TestUploadedCertificatesSurviveARestart(t *testing.T) {
	leaf := newServer(t, newAuthority(t, nil, "root"), "edge.example")
	m := newMachine(t)
	set := m.mustOpen(t)
	mustAdd(t, set, leaf.upload(t, "plant", "lan"))
	before := set.Certificates()
	m.store.list = append(m.store.list, gateway.StoredCertificate{ID: "broken", Chain: "half", Key: "half"})
	again := m.mustOpen(t)
	after := again.Certificates()
	if !slices.EqualFunc(before, after, func(a, b gateway.Certificate) bool {
		return a.Fingerprint == b.Fingerprint && slices.Equal(a.UsedBy, b.UsedBy)
	}) {
		t.Errorf("%+v, before %+v", after, before)
	}
	if got := shownTo(t, serveTLS(t, again.TLS("lan")), "edge.example"); !got.Equal(leaf.Certificate) {
		t.Errorf("%v is shown", got.Subject)
	}
}

func TestWhatIsNotOnDiskIsNotInForce(t *testing.T) {
	leaf := newServer(t, newAuthority(t, nil, "root"), "edge.example")
	m := newMachine(t)
	set := m.mustOpen(t)
	m.store.broken = errDisk
	if _, err := set.AddCertificate(t.Context(), leaf.upload(t, "plant"), "anna"); !errors.Is(err, errDisk) {
		t.Errorf("taken: %v", err)
	}
	if got := shownTo(t, serveTLS(t, set.TLS("lan")), "edge.example"); got.Equal(leaf.Certificate) {
		t.Error("it is shown")
	}
}

func TestChangesOfUploadedCertificates(t *testing.T) {
	root := newAuthority(t, nil, "root")
	leaf := newServer(t, root, "edge.example")
	m := newMachine(t)
	set := m.mustOpen(t)
	mustAdd(t, set, leaf.upload(t, "plant"))
	_, err := set.AddCertificate(t.Context(), leaf.upload(t, "plant"), "anna")
	wantField(t, "twice", err, "id", "there already")
	_, err = set.AddCertificate(t.Context(), leaf.upload(t, "no name"), "anna")
	wantField(t, "odd name", err, "id", "not a name")
	_, err = set.AddCertificate(t.Context(), gateway.CertificateUpload{ID: "empty"}, "anna")
	wantField(t, "empty", err, "certificate", "missing")
	if _, err := set.ChangeCertificate(t.Context(), leaf.upload(t, "other"), "anna"); gateway.CodeOf(err) != gateway.NotFound {
		t.Errorf("change of one that is not there: %v", err)
	}
	changed, err := set.ChangeCertificate(t.Context(), gateway.CertificateUpload{ID: "plant", Listeners: []string{"page"}}, "anna")
	if err != nil || !slices.Equal(changed.UsedBy, []string{"page"}) || changed.Subject != "CN=edge.example" {
		t.Errorf("change of the listeners alone: %+v %v", changed, err)
	}
	if stored := m.store.list[0]; !strings.Contains(stored.Key.Reveal(), "PRIVATE KEY") || stored.Author != "anna" || stored.Changed.IsZero() {
		t.Errorf("stored: %v by %s at %v", stored.Key, stored.Author, stored.Changed)
	}
	for i := range 15 {
		mustAdd(t, set, leaf.upload(t, "x"+string(rune('a'+i))))
	}
	if _, err := set.AddCertificate(t.Context(), leaf.upload(t, "many"), "anna"); gateway.CodeOf(err) != gateway.Invalid {
		t.Errorf("one too many: %v", err)
	}
}

func TestChangesAndHandshakesAtTheSameTime(t *testing.T) {
	root := newAuthority(t, nil, "root")
	leaf := newServer(t, root, "edge.example")
	m := newMachine(t)
	set := m.mustOpen(t)
	address := serveTLS(t, set.TLS("lan"))
	var working sync.WaitGroup
	for _, work := range []func(){
		func() { shownTo(t, address, "edge.example") },
		func() { set.Certificates() },
		func() {
			if _, err := set.AddCertificate(t.Context(), leaf.upload(t, "plant"), "anna"); err == nil {
				_ = set.RemoveCertificate(t.Context(), "plant", "anna")
			}
		},
		func() {
			m.change(func() { m.names = append(m.names[:1:1], "more") })
			if err := set.Renew(); err != nil {
				t.Error(err)
			}
		},
	} {
		working.Go(func() {
			for range 10 {
				work()
			}
		})
	}
	working.Wait()
}
