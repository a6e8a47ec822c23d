package certificates_test

import (
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/gateway/certificates"
)

// own is the leaf that is shown to whoever asks for nothing.
func own(t *testing.T, set *certificates.Set) *x509.Certificate {
	t.Helper()
	certificate, err := set.TLS("lan").GetCertificate(&tls.ClientHelloInfo{})
	if err != nil {
		t.Fatal(err)
	}
	return certificate.Leaf
}

func TestTheOwnLeafIsRenewedWhileTheGatewayRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t)
		set := m.mustOpen(t)
		ca := set.CA()
		run(t, set)
		first := own(t, set)
		time.Sleep(10 * certificates.RenewalInterval)
		synctest.Wait()
		if !own(t, set).Equal(first) {
			t.Error("a new leaf without a reason")
		}
		m.change(func() { m.names = []string{"pump-house"} })
		time.Sleep(certificates.RenewalInterval)
		synctest.Wait()
		renamed := own(t, set)
		if renamed.VerifyHostname("pump-house.local") != nil || renamed.VerifyHostname("edge1") == nil {
			t.Errorf("after a new name: %v", renamed.DNSNames)
		}
		m.change(func() { m.ips = []net.IP{net.IPv4(192, 0, 2, 7)} })
		time.Sleep(certificates.RenewalInterval)
		synctest.Wait()
		if moved := own(t, set); moved.VerifyHostname("192.0.2.7") != nil || moved.VerifyHostname("pump-house") != nil {
			t.Errorf("after a new address: %v %v", moved.DNSNames, moved.IPAddresses)
		}
		if set.CA() != ca {
			t.Error("clients have to trust another authority")
		}
	})
}

func TestTheOwnLeafIsRenewedBeforeItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		set := newMachine(t).mustOpen(t)
		first := own(t, set)
		time.Sleep(time.Until(first.NotAfter.Add(-45*day - 5*time.Minute)))
		run(t, set)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if !own(t, set).Equal(first) {
			t.Error("renewed before its time")
		}
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		if next := own(t, set); next.Equal(first) || next.NotAfter.Sub(first.NotAfter) < 700*day {
			t.Errorf("45 days before its end: ends %v", next.NotAfter)
		}
		if alarms := set.Alarms(); len(alarms) != 0 {
			t.Errorf("%+v", alarms)
		}
	})
}

func TestARenewalThatFailsIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &logged{}
		m := newMachine(t)
		m.Logger = slog.New(slog.NewTextHandler(log, nil))
		set := m.mustOpen(t)
		run(t, set)
		first, file := own(t, set), filepath.Join(m.Dir, "page.pem")
		if err := os.Rename(file, file+".away"); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(file, 0o700); err != nil { // cannot be read
			t.Fatal(err)
		}
		m.change(func() { m.names = []string{"pump-house"} })
		time.Sleep(5 * certificates.RenewalInterval)
		synctest.Wait()
		if !own(t, set).Equal(first) || strings.Count(log.String(), "cannot be renewed") != 1 {
			t.Errorf("shown is %v; the log:\n%s", own(t, set).DNSNames, log)
		}
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
		time.Sleep(certificates.RenewalInterval)
		synctest.Wait()
		if own(t, set).VerifyHostname("pump-house") != nil {
			t.Errorf("not tried again: %v", own(t, set).DNSNames)
		}
	})
}

func TestWhoIsConnectedStaysWhileTheOwnLeafIsRenewed(t *testing.T) {
	m := newMachine(t)
	set := m.mustOpen(t)
	address := serveTLS(t, set.TLS("lan"))
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(set.CA()))
	connected := []*tls.Conn{dial(t, address, "edge1", nil)}
	for what, change := range map[string]func(){
		"name":    func() { m.names = []string{"pump-house"} },
		"address": func() { m.ips = []net.IP{net.IPv4(192, 0, 2, 7)} },
		"end":     func() { m.now = func() time.Time { return time.Now().Add(800 * day) } },
	} {
		before := shownTo(t, address, "")
		m.change(change)
		if err := set.Renew(); err != nil {
			t.Fatal(err)
		}
		conn := dial(t, address, "", nil)
		connected = append(connected, conn)
		leaf := conn.ConnectionState().PeerCertificates[0]
		if _, err := leaf.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: m.Clock.Now()}); leaf.Equal(before) || err != nil {
			t.Errorf("after a change of the %s: renewed %v, %v", what, !leaf.Equal(before), err)
		}
		for _, conn := range connected {
			mustEcho(t, conn)
		}
	}
	if leaf := shownTo(t, address, ""); leaf.VerifyHostname("pump-house") != nil || leaf.VerifyHostname("192.0.2.7") != nil {
		t.Errorf("at the end: %v %v", leaf.DNSNames, leaf.IPAddresses)
	}
}
