package certificates

import (
	"cmp"
	"context"
	"crypto/x509"
	"fmt"
	"strings"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// stages are how long before its end a certificate is an alarm, once more, and at last an error.
var stages = []struct {
	before   time.Duration
	code     gateway.AlarmCode
	severity gateway.Severity
}{
	{0, gateway.AlarmCertificateExpired, gateway.SeverityError},
	{24 * time.Hour, gateway.AlarmCertificateExpires, gateway.SeverityError},
	{7 * 24 * time.Hour, gateway.AlarmCertificateExpires, gateway.SeverityWarning},
	{30 * 24 * time.Hour, gateway.AlarmCertificateExpires, gateway.SeverityWarning},
}

// ending is a certificate whose end is watched.
type ending struct {
	kind gateway.CertificateKind
	id   string
	leaf *x509.Certificate
}

// Alarms are about certificates that end within 30 days; each stage is an alarm with its own beginning. It is cheap.
func (s *Set) Alarms() []gateway.Alarm {
	var alarms []gateway.Alarm
	now := s.Clock.Now()
	for _, e := range s.endings() {
		if alarm, is := e.alarm(now); is {
			alarms = append(alarms, alarm)
		}
	}
	return alarms
}

func (s *Set) endings() []ending {
	state, config := s.current.Load(), s.Config()
	list := []ending{{gateway.CertificateOwn, "", state.own.Leaf}, {gateway.CertificateCA, "", state.ca}}
	for i := range state.uploaded {
		list = append(list, ending{gateway.CertificateUploaded, state.uploaded[i].id, state.uploaded[i].tls.Leaf})
	}
	for _, bridge := range config.Bridges {
		if chain := parseChain(bridge.TLS.Certificate); len(chain) > 0 {
			list = append(list, ending{gateway.CertificateBridge, bridge.ID, chain[0]})
		}
	}
	return list
}

func (e *ending) alarm(now time.Time) (alarm gateway.Alarm, is bool) {
	for _, stage := range stages {
		since := e.leaf.NotAfter.Add(-stage.before).UTC()
		if now.Before(since) {
			continue
		}
		return gateway.Alarm{
			Code: stage.code, Severity: stage.severity, Since: since, Subject: cmp.Or(e.id, subjectOf(e.leaf)),
			Detail: fmt.Sprintf("%s: %s ends %s (%d days left)", strings.TrimSpace(string(e.kind)+" "+e.id), subjectOf(e.leaf),
				e.leaf.NotAfter.UTC().Format("2006-01-02 15:04 MST"), daysTo(e.leaf.NotAfter, now)),
		}, true
	}
	return gateway.Alarm{}, false
}

// alarmKey tells one stage of an alarm from another.
type alarmKey struct {
	subject string
	since   time.Time
}

// tellNew logs each alarm once at each stage, and gives those of now.
func (s *Set) tellNew(ctx context.Context, told map[alarmKey]bool) map[alarmKey]bool {
	present := map[alarmKey]bool{}
	for _, alarm := range s.Alarms() {
		key := alarmKey{alarm.Subject, alarm.Since}
		present[key] = true
		if !told[key] {
			s.Logger.WarnContext(ctx, "a certificate ends soon, or has ended", "certificate", alarm.Subject, "detail", alarm.Detail)
		}
	}
	return present
}
