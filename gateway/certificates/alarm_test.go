package certificates_test

import (
	"context"
	"crypto/x509"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/gateway/certificates"
)

const day = 24 * time.Hour

// alarmOf finds what is said about a subject.
func alarmOf(set *certificates.Set, subject string) (found gateway.Alarm) {
	for _, alarm := range set.Alarms() {
		if alarm.Subject == subject {
			found = alarm
		}
	}
	return found
}

func TestAlarmsBeforeTheEndOfEachKindOfCertificate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		root := newAuthority(t, nil, "root")
		plant := newServer(t, root, "edge.example")
		client := newIssued(t, root, func(c *x509.Certificate) {
			c.Subject.CommonName, c.NotAfter = "gate", time.Now().Add(200*day)
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
		})
		m := newMachine(t)
		m.config.Bridges = []gateway.Bridge{{ID: "cloud", TLS: gateway.BridgeTLS{Certificate: client.pem()}}, {ID: "other"}}
		set := m.mustOpen(t)
		mustAdd(t, set, plant.upload(t, "plant"))
		list := set.Certificates()
		// The renewal does not run: the own one ends too.
		for _, c := range []struct {
			subject string
			end     time.Time
		}{
			{"plant", plant.NotAfter}, {"cloud", client.NotAfter}, {list[0].Subject, list[0].NotAfter}, {list[1].Subject, list[1].NotAfter},
		} {
			for _, stage := range []struct {
				before   time.Duration
				severity gateway.Severity
				code     gateway.AlarmCode
			}{
				{30 * day, gateway.SeverityWarning, gateway.AlarmCertificateExpires},
				{7 * day, gateway.SeverityWarning, gateway.AlarmCertificateExpires},
				{day, gateway.SeverityError, gateway.AlarmCertificateExpires},
				{0, gateway.SeverityError, gateway.AlarmCertificateExpired},
			} {
				since := c.end.Add(-stage.before)
				time.Sleep(time.Until(since.Add(-time.Second)))
				if got := alarmOf(set, c.subject); got.Since.Equal(since) || stage.before == 30*day && got.Code != "" {
					t.Errorf("%s, a second more than %v before its end: %+v", c.subject, stage.before, got)
				}
				time.Sleep(time.Second)
				got := alarmOf(set, c.subject)
				if got.Code != stage.code || got.Severity != stage.severity || !got.Since.Equal(since) || !strings.Contains(got.Detail, "days left") {
					t.Errorf("%s, %v before its end: %+v", c.subject, stage.before, got)
				}
			}
		}
	})
}

func TestAReplacedCertificateIsNoAlarm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		set := newMachine(t).mustOpen(t)
		root := newIssued(t, nil, func(c *x509.Certificate) {
			c.Subject.CommonName, c.IsCA, c.KeyUsage, c.NotAfter = "root", true, x509.KeyUsageCertSign, time.Now().Add(1000*day)
		})
		mustAdd(t, set, newServer(t, root, "edge.example").upload(t, "plant"))
		time.Sleep(80 * day)
		if alarmOf(set, "plant").Code == "" {
			t.Fatal("no alarm")
		}
		if _, err := set.ChangeCertificate(t.Context(), newServer(t, root, "edge.example").upload(t, "plant"), "anna"); err != nil {
			t.Fatal(err)
		}
		if alarms := set.Alarms(); len(alarms) != 0 {
			t.Errorf("%+v", alarms)
		}
	})
}

// run runs a set until the test ends.
func run(t *testing.T, set *certificates.Set) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- set.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestEachStageIsLoggedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &logged{}
		m := newMachine(t)
		m.Logger = slog.New(slog.NewTextHandler(log, nil))
		set := m.mustOpen(t)
		plant := newServer(t, newAuthority(t, nil, "root"), "edge.example")
		mustAdd(t, set, plant.upload(t, "plant"))
		time.Sleep(time.Until(plant.NotAfter.Add(-7*day - 5*time.Minute)))
		run(t, set)
		time.Sleep(15 * time.Minute)
		synctest.Wait()
		if count := strings.Count(log.String(), "a certificate ends soon"); count != 2 {
			t.Errorf("%d lines for the stages of 30 and 7 days:\n%s", count, log)
		}
	})
}
