package gateway_test

import (
	"errors"
	"testing"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

func TestTheTimeZoneOfTheSite(t *testing.T) {
	summer := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	for zone, want := range map[string]string{"Europe/Berlin": "14:00", "Asia/Kolkata": "17:30", "UTC": "12:00", "": summer.Local().Format("15:04")} {
		config := gateway.Config{TimeZone: zone}
		if got := summer.In(config.Location()).Format("15:04"); got != want {
			t.Errorf("%q: %s", zone, got)
		}
	}
}

func TestTimeZonesAreChecked(t *testing.T) {
	for name, right := range map[string]bool{
		"": true, "UTC": true, "Europe/Berlin": true, "America/Argentina/Buenos_Aires": true,
		"Local": false, "Berlin": false, "CEST": false, "+02:00": false, "../etc/passwd": false, "/etc/localtime": false,
	} {
		err := gateway.ValidateTimeZone("timeZone", name)
		e, is := errors.AsType[*gateway.Error](err)
		if right != (err == nil) || err != nil && (!is || e.Field != "timeZone") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestHowMuchOfThePastIsKeptIsChecked(t *testing.T) {
	for _, test := range []struct {
		field  string
		limits gateway.HistoryLimits
	}{
		{"", gateway.HistoryLimits{}},
		{"", gateway.HistoryLimits{RawDays: 366, MinuteDays: 3660, MaxBytes: 1 << 40}},
		{"", gateway.HistoryLimits{RawDays: 366}},
		{"history.rawDays", gateway.HistoryLimits{RawDays: -1}},
		{"history.rawDays", gateway.HistoryLimits{RawDays: 367}},
		{"history.minuteDays", gateway.HistoryLimits{RawDays: 30, MinuteDays: 29}},
		{"history.minuteDays", gateway.HistoryLimits{MinuteDays: 3661}},
		{"history.maxBytes", gateway.HistoryLimits{MaxBytes: 8<<20 - 1}},
		{"history.maxBytes", gateway.HistoryLimits{MaxBytes: 1<<40 + 1}},
	} {
		config := gateway.Config{Name: "hall", ScanClasses: gateway.DefaultScanClasses(), History: test.limits}
		err := config.Validate()
		e, _ := errors.AsType[*gateway.Error](err)
		if (test.field == "") != (err == nil) || err != nil && e.Field != test.field {
			t.Errorf("%+v: %v", test.limits, err)
		}
	}
}
