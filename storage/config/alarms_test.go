package config_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/gateway"
)

func alarmNumber(n int) gateway.AlarmEvent {
	return gateway.AlarmEvent{Alarm: gateway.Alarm{
		Code: gateway.AlarmBacklogFilling, Severity: gateway.SeverityWarning, Since: longAgo.Add(time.Duration(n) * time.Second),
		Subject: fmt.Sprintf("Cloud-%d", n), Detail: "more than 50 %",
	}}
}

func TestThePastOfAlarmsIsPagedAndChosen(t *testing.T) {
	store := MustOpen(t, filepath.Join(t.TempDir(), "config.db"))
	defer MustClose(t, store)
	events := []gateway.AlarmEvent{alarmNumber(1), alarmNumber(2), alarmNumber(3)}
	events[1].Code = gateway.AlarmBridgeParked
	events[1].Acknowledged = &gateway.Acknowledgement{By: "anna", At: longAgo}
	if err := store.PutAlarms(t.Context(), events); err != nil {
		t.Fatal(err)
	}
	events[2].Ended = &farAway
	if err := store.PutAlarms(t.Context(), events[2:]); err != nil {
		t.Fatal(err)
	}
	for i := range events {
		events[i].Number = int64(i + 1)
	}
	held, err := store.HeldAlarms(t.Context())
	if diff := cmp.Diff(events[:2], held); diff != "" || err != nil {
		t.Error(diff, err)
	}
	for _, test := range []struct {
		query gateway.AlarmQuery
		want  []gateway.AlarmEvent
	}{
		{gateway.AlarmQuery{Limit: 2}, []gateway.AlarmEvent{events[2], events[1]}},
		{gateway.AlarmQuery{Before: 2, Limit: 2}, events[:1]},
		{gateway.AlarmQuery{Limit: 9, Code: gateway.AlarmBridgeParked}, events[1:2]},
		{gateway.AlarmQuery{Limit: 9, Subject: "cloud-1"}, events[:1]},
		{gateway.AlarmQuery{Limit: 9, Subject: "%"}, nil},
	} {
		got, err := store.PastAlarms(t.Context(), test.query)
		if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
			t.Errorf("%+v: %s, %v", test.query, diff, err)
		}
	}
}

func TestThePastOfAlarmsIsBoundedButNotWhatHolds(t *testing.T) {
	store := MustOpen(t, filepath.Join(t.TempDir(), "config.db"))
	defer MustClose(t, store)
	events := []gateway.AlarmEvent{alarmNumber(0)}
	for n := 1; n <= 1500; n++ {
		ended := alarmNumber(n)
		ended.Ended = &farAway
		events = append(events, ended)
	}
	if err := store.PutAlarms(t.Context(), events); err != nil {
		t.Fatal(err)
	}
	kept, err := store.PastAlarms(t.Context(), gateway.AlarmQuery{Limit: 9999})
	if err != nil || len(kept) != 1001 || kept[0].Subject != "Cloud-1500" || kept[1000].Subject != "Cloud-0" {
		t.Errorf("%d are kept: %v", len(kept), err)
	}
}
