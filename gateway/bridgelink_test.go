package gateway_test

import (
	"testing"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

func TestHoursOfASchedule(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	// 2026-03-27 is a Friday; on Sunday at 02:00 the clock is put forward.
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 3, day, hour, minute, 0, 0, zone) }
	// On 2026-10-25, a Sunday, the clock is put back at 03:00, so that 02:30 comes twice.
	autumn := func(day, hour, minute int) time.Time { return time.Date(2026, 10, day, hour, minute, 0, 0, zone) }
	secondHalfPastTwo := time.Date(2026, 10, 25, 1, 30, 0, 0, time.UTC).In(zone)
	small := gateway.BridgeHours{From: "02:15", To: "02:45"}
	night := gateway.BridgeHours{From: "22:00", To: "05:30"}
	fridays := gateway.BridgeHours{From: "22:00", To: "05:30", Days: []string{"fri"}}
	noon := gateway.BridgeHours{From: "12:00", To: "13:00"}
	for _, test := range []struct {
		name   string
		hours  []gateway.BridgeHours
		now    time.Time
		open   bool
		change time.Time
	}{
		{"before", []gateway.BridgeHours{noon}, at(27, 11, 59), false, at(27, 12, 0)},
		{"from", []gateway.BridgeHours{noon}, at(27, 12, 0), true, at(27, 13, 0)},
		{"to", []gateway.BridgeHours{noon}, at(27, 13, 0), false, at(28, 12, 0)},
		{"evening", []gateway.BridgeHours{night}, at(27, 23, 0), true, at(28, 5, 30)},
		{"morning", []gateway.BridgeHours{night}, at(28, 5, 29), true, at(28, 5, 30)},
		{"a short night", []gateway.BridgeHours{night}, at(29, 4, 0), true, at(29, 5, 30)},
		{"a long night", []gateway.BridgeHours{night}, secondHalfPastTwo, true, autumn(25, 5, 30)},
		{"hours that are left out", []gateway.BridgeHours{small}, at(29, 1, 59), false, at(29, 3, 15)},
		{"before hours that come twice", []gateway.BridgeHours{small}, autumn(25, 1, 59), false, secondHalfPastTwo.Add(-75 * time.Minute)},
		{"hours that come twice", []gateway.BridgeHours{small}, secondHalfPastTwo.Add(-time.Hour), true, secondHalfPastTwo.Add(15 * time.Minute)},
		{"hours that come twice, the second time", []gateway.BridgeHours{small}, secondHalfPastTwo, true, secondHalfPastTwo.Add(15 * time.Minute)},
		{"saturday morning", []gateway.BridgeHours{fridays}, at(28, 4, 0), true, at(28, 5, 30)},
		{"saturday evening", []gateway.BridgeHours{fridays}, at(28, 22, 0), false, time.Date(2026, 4, 3, 22, 0, 0, 0, zone)},
		{"the longer one", []gateway.BridgeHours{noon, {From: "12:30", To: "14:00"}}, at(27, 12, 45), true, at(27, 14, 0)},
		{"the sooner one", []gateway.BridgeHours{night, noon}, at(27, 8, 0), false, at(27, 12, 0)},
		{"all day", []gateway.BridgeHours{{From: "00:00", To: "00:00"}}, at(27, 8, 0), true, at(28, 0, 0)},
	} {
		t.Run(test.name, func(t *testing.T) {
			link := gateway.BridgeLink{Hours: test.hours}
			if open, change := link.Open(test.now); open != test.open || !change.Equal(test.change) {
				t.Errorf("open %v until %s, want %v until %s", open, change, test.open, test.change)
			}
		})
	}
}

func TestBridgeLinkIsChecked(t *testing.T) {
	hours := []gateway.BridgeHours{{From: "08:00", To: "17:00"}}
	for field, change := range map[string]func(*gateway.BridgeLink){
		"":                 func(l *gateway.BridgeLink) { l.Start, l.Hours = gateway.StartSchedule, hours },
		"link.backup":      func(l *gateway.BridgeLink) { l.Backup = "http://x" },
		"link.returnAfter": func(l *gateway.BridgeLink) { l.ReturnAfter = gateway.Duration(time.Second) },
		"link.retryMax":    func(l *gateway.BridgeLink) { l.RetryMax = gateway.Duration(2 * time.Hour) },
		"link.ackTimeout":  func(l *gateway.BridgeLink) { l.AckTimeout = gateway.Duration(time.Millisecond) },
		"link.probeTopic":  func(l *gateway.BridgeLink) { l.ProbeTopic = "a/#" },
		"link.probeEvery":  func(l *gateway.BridgeLink) { l.ProbeEvery = gateway.Duration(time.Second) },
		"link.interface":   func(l *gateway.BridgeLink) { l.Interface = "eth 0" },
		"link.start":       func(l *gateway.BridgeLink) { l.Start = "never" },
		"link.hours":       func(l *gateway.BridgeLink) { l.Start = gateway.StartSchedule },
		"link.hours[0].to": func(l *gateway.BridgeLink) {
			l.Start, l.Hours = gateway.StartSchedule, []gateway.BridgeHours{{From: "08:00", To: "25:00"}}
		},
		"link.idleAfter": func(l *gateway.BridgeLink) { l.IdleAfter = gateway.Duration(time.Millisecond) },
		"link.hours[0].days": func(l *gateway.BridgeLink) {
			l.Start, l.Hours = gateway.StartSchedule, []gateway.BridgeHours{{From: "08:00", To: "17:00", Days: []string{"monday"}}}
		},
	} {
		b := gateway.Bridge{ID: "cloud", URL: "mqtt://x"}
		change(&b.Link)
		checkBridge(t, b, field)
	}
	secure := gateway.Bridge{ID: "cloud", URL: "mqtts://x", Link: gateway.BridgeLink{Backup: "mqtt://y"}}
	checkBridge(t, secure, "link.backup")
}
