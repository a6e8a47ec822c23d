package broker_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
)

func TestRetainedTopicsAreALevelAtATime(t *testing.T) {
	p := newPlant(t, broker.Options{})
	s := p.open("$drivers", broker.SessionOptions{Transient: true})
	for _, topic := range []string{"plant/tank/level", "plant/tank", "plant/Pump/speed", "/slash", "plant//empty", "cell"} {
		put(t, s, &mqtt.Message{Topic: topic, Payload: []byte(topic), Retain: true}, mqtt.Origin{})
	}
	for name, test := range map[string]struct {
		query broker.LevelQuery
		total int
		want  []string // name, levels below, payload
	}{
		"the first levels": {broker.LevelQuery{Limit: 9}, 4, []string{" 1 ", "$SYS 1 ", "cell 0 cell", "plant 3 "}},
		"below a level":    {broker.LevelQuery{Prefix: "plant/", Limit: 9}, 3, []string{" 1 ", "Pump 1 ", "tank 1 plant/tank"}},
		"an empty level":   {broker.LevelQuery{Prefix: "plant//", Limit: 9}, 1, []string{"empty 0 plant//empty"}},
		"an empty first":   {broker.LevelQuery{Prefix: "/", Limit: 9}, 1, []string{"slash 0 /slash"}},
		"a part":           {broker.LevelQuery{Prefix: "plant/", Offset: 1, Limit: 1}, 3, []string{"Pump 1 "}},
		"beyond the end":   {broker.LevelQuery{Prefix: "plant/", Offset: 7, Limit: 1}, 3, nil},
		"searched":         {broker.LevelQuery{Prefix: "plant/", Search: "pU", Limit: 9}, 1, []string{"Pump 1 "}},
		"nothing there":    {broker.LevelQuery{Prefix: "hall/tank/", Limit: 9}, 0, nil},
	} {
		page, total := p.FindLevels(test.query)
		var got []string
		for _, level := range page {
			payload := ""
			if level.Message != nil {
				payload = string(level.Message.Payload)
			}
			got = append(got, fmt.Sprint(level.Name, " ", level.Below, " ", payload))
		}
		if total != test.total || !slices.Equal(got, test.want) {
			t.Errorf("%s: %q of %d, want %q of %d", name, got, total, test.want, test.total)
		}
	}
	if m, there := p.RetainedMessage("plant/tank"); !there || string(m.Payload) != "plant/tank" {
		t.Errorf("%v %v", m, there)
	}
	if m, there := p.RetainedMessage("plant"); there {
		t.Errorf("a level has a message: %v", m)
	}
}

func TestWhatExpiredIsNotShown(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	p := newPlant(t, broker.Options{Now: func() time.Time { return now }})
	s := p.open("$drivers", broker.SessionOptions{Transient: true})
	put(t, s, &mqtt.Message{Topic: "old", Payload: []byte("x"), Retain: true, Expires: now}, mqtt.Origin{})
	if page, _ := p.FindLevels(broker.LevelQuery{Limit: 9}); page[len(page)-1].Message != nil {
		t.Errorf("%+v", page)
	}
	if m, there := p.RetainedMessage("old"); there {
		t.Errorf("%+v", m)
	}
}
