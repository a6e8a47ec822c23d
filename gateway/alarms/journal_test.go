package alarms_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/gateway/alarms"
)

// plant is what holds, and a store that outlives journals.
type plant struct {
	mu     sync.Mutex // guards everything that follows
	holds  []gateway.Alarm
	rows   []gateway.AlarmEvent
	writes int
	broken bool
}

func (p *plant) HeldAlarms(context.Context) (held []gateway.AlarmEvent, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, row := range p.rows {
		if row.Ended == nil {
			held = append(held, row)
		}
	}
	return held, nil
}

func (p *plant) PutAlarms(_ context.Context, events []gateway.AlarmEvent) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.broken {
		return errors.New("no space left on device")
	}
	p.writes++
	for _, event := range events {
		p.put(event)
	}
	return nil
}

func (p *plant) put(event gateway.AlarmEvent) {
	for i := range p.rows {
		if p.rows[i].Key() == event.Key() {
			event.Number = p.rows[i].Number
			p.rows[i] = event
			return
		}
	}
	event.Number = int64(len(p.rows) + 1)
	p.rows = append(p.rows, event)
}

func (p *plant) PastAlarms(context.Context, gateway.AlarmQuery) ([]gateway.AlarmEvent, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]gateway.AlarmEvent{}, p.rows...), nil
}

func (p *plant) set(broken bool, holds ...gateway.Alarm) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.broken, p.holds = broken, holds
}

func (p *plant) held() []gateway.AlarmEvent {
	held, _ := p.HeldAlarms(context.Background()) // it never fails
	return held
}

func (p *plant) written() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.writes
}

func (p *plant) holding() []gateway.Alarm {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.holds
}

// start runs a journal until the returned function is called.
func (p *plant) start(t *testing.T) (journal *alarms.Journal, stop func()) {
	t.Helper()
	journal, err := alarms.Open(t.Context(), alarms.Options{Store: p, Holding: p.holding, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = journal.Run(ctx) })
	return journal, func() { cancel(); running.Wait() }
}

func alarm(since time.Time) gateway.Alarm {
	return gateway.Alarm{Code: gateway.AlarmBridgeParked, Severity: gateway.SeverityWarning, Since: since, Subject: "cloud", Detail: "7"}
}

// looked lets a journal look, the first time or again.
func looked() {
	time.Sleep(12 * time.Second)
	synctest.Wait()
}

func (p *plant) want(t *testing.T, want ...gateway.AlarmEvent) {
	t.Helper()
	got, _ := p.PastAlarms(t.Context(), gateway.AlarmQuery{})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhatBecomesOfAnAlarmIsNoted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &plant{}
		_, stop := p.start(t)
		defer stop()
		began := time.Now().UTC()
		first := alarm(began)
		p.set(false, first)
		looked()
		p.want(t, gateway.AlarmEvent{Number: 1, Alarm: first})

		worse := first
		worse.Severity, worse.Detail = gateway.SeverityError, "9"
		p.set(false, worse)
		looked()
		p.set(false, first)
		looked()
		p.want(t, gateway.AlarmEvent{Number: 1, Alarm: worse})

		ended := time.Now().UTC().Add(2 * time.Second)
		p.set(false)
		looked()
		p.want(t, gateway.AlarmEvent{Number: 1, Alarm: worse, Ended: &ended})
		if n := p.written(); n != 3 {
			t.Errorf("%d writes", n)
		}
	})
}

func TestAnAcknowledgementLastsUntilTheAlarmEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &plant{}
		journal, stop := p.start(t)
		began := time.Now().UTC().Add(1234 * time.Microsecond)
		p.set(false, alarm(began))
		shown := journal.Mark(p.holding())[0]
		for _, who := range []string{"anna", "bob"} { // before it was even looked; the first one stays
			if err := journal.AcknowledgeAlarm(t.Context(), shown.Key(), who); err != nil {
				t.Fatal(err)
			}
		}
		by := &gateway.Acknowledgement{By: "anna", At: time.Now().UTC()}
		check := func(want *gateway.Acknowledgement) {
			t.Helper()
			if diff := cmp.Diff(want, journal.Mark(p.holding())[0].Acknowledged); diff != "" {
				t.Error(diff)
			}
		}
		check(by)
		looked()
		check(by)
		stop()

		journal, stop = p.start(t)
		defer stop()
		check(by)
		looked()
		check(by)
		if held := journal.Held(); len(held) != 1 || held[0].Key() != shown.Key() {
			t.Errorf("held %+v", held)
		}
		p.set(false)
		looked()
		err := journal.AcknowledgeAlarm(t.Context(), shown.Key(), "anna")
		if gateway.CodeOf(err) != gateway.NotFound {
			t.Errorf("it has ended: %v", err)
		}
		p.set(false, alarm(time.Now()))
		looked()
		check(nil)
	})
}

func TestAnAlarmThatEndedWhileNothingRanHasEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &plant{}
		p.put(gateway.AlarmEvent{Alarm: alarm(time.Now())})
		_, stop := p.start(t)
		defer stop()
		time.Sleep(9 * time.Second)
		synctest.Wait()
		if len(p.held()) != 1 {
			t.Error("it ended before everything was there")
		}
		looked()
		if len(p.held()) != 0 {
			t.Error("it has not ended")
		}
	})
}

func TestWhatCannotBeWrittenIsWrittenLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &plant{}
		journal, stop := p.start(t)
		defer stop()
		first := alarm(time.Now().UTC())
		p.set(true, first)
		looked()
		if err := journal.AcknowledgeAlarm(t.Context(), first.Key(), "anna"); err == nil || journal.Mark(p.holding())[0].Acknowledged != nil {
			t.Errorf("it is acknowledged, on no disk: %v", err)
		}
		p.set(false)
		time.Sleep(time.Minute)
		looked()
		rows, _ := p.PastAlarms(t.Context(), gateway.AlarmQuery{})
		if len(rows) != 1 || rows[0].Ended == nil || rows[0].Acknowledged != nil {
			t.Errorf("%+v", rows)
		}
	})
}
