package broker_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/mqtt/packet"
)

func found(p *plant, q broker.SessionQuery) (ids []string, total int) {
	page, total := p.FindSessions(q)
	for _, s := range page {
		ids = append(ids, s.ID)
	}
	return ids, total
}

func TestSessionsAreFoundInPages(t *testing.T) {
	p := newPlant(t, broker.Options{})
	driver := p.open("$drivers", broker.SessionOptions{Transient: true})
	for i := range 5 {
		s := p.open(fmt.Sprintf("Press-%d", i), broker.SessionOptions{})
		subscribe(t, s, mqtt.Subscription{Filter: fmt.Sprintf("q/%d", i), QoS: 1})
		for range 5 - i {
			put(t, driver, text(fmt.Sprintf("q/%d", i), "x", 1), mqtt.Origin{})
		}
	}
	for name, test := range map[string]struct {
		query broker.SessionQuery
		total int
		want  []string
	}{
		"all, sorted":       {broker.SessionQuery{Limit: 100}, 6, []string{"$drivers", "Press-0", "Press-1", "Press-2", "Press-3", "Press-4"}},
		"a page":            {broker.SessionQuery{Offset: 2, Limit: 2}, 6, []string{"Press-1", "Press-2"}},
		"the last page":     {broker.SessionQuery{Offset: 5, Limit: 5}, 6, []string{"Press-4"}},
		"beyond the end":    {broker.SessionQuery{Offset: 50, Limit: 5}, 6, nil},
		"searched":          {broker.SessionQuery{Search: "pReSs", Limit: 2}, 5, []string{"Press-0", "Press-1"}},
		"nothing found":     {broker.SessionQuery{Search: "pump", Limit: 2}, 0, nil},
		"the longest queue": {broker.SessionQuery{Sort: broker.SortByQueue, Descending: true, Limit: 2}, 6, []string{"Press-0", "Press-1"}},
		"descending":        {broker.SessionQuery{Descending: true, Limit: 1}, 6, []string{"Press-4"}},
		"who sent most":     {broker.SessionQuery{Sort: broker.SortByReceived, Descending: true, Limit: 1}, 6, []string{"$drivers"}},
	} {
		if ids, total := found(p, test.query); total != test.total || !slices.Equal(ids, test.want) {
			t.Errorf("%s: %q of %d, want %q of %d", name, ids, total, test.want, test.total)
		}
	}
}

func TestDetailOfASession(t *testing.T) {
	p := newPlant(t, broker.Options{Limits: broker.Limits{MemoryMessages: 77}})
	c := p.connect(packet.Connect{
		ClientID: "c", CleanStart: true, ReceiveMaximum: 5, MaximumPacketSize: 1000,
		Will: &mqtt.Will{Message: mqtt.Message{Topic: "gone"}},
	})
	subs := []mqtt.Subscription{{Filter: "z", QoS: 2, NoLocal: true, Identifier: 7}}
	for i := range 30 {
		subs = append(subs, mqtt.Subscription{Filter: fmt.Sprintf("a/%02d", i)})
	}
	for _, sub := range subs { // an identifier is for all filters of a packet
		c.subscribe(sub)
	}
	d, known := p.FindSession("c", 31)
	if !known || !d.Will || d.ReceiveMaximum != 5 || d.PacketSize != 1000 || d.QueueMessages != 77 || d.Address != "127.0.0.1" ||
		d.SubscriptionCount != 31 || len(d.Filters) != 31 || time.Since(d.Since) > time.Minute {
		t.Errorf("%+v", d)
	}
	if got := d.Filters[30]; got.Filter != "z" || got.QoS != 2 || !got.NoLocal {
		t.Errorf("%+v", got)
	}
	if d, _ := p.FindSession("c", 2); !slices.Equal(d.Subscriptions, []string{"a/00", "a/01"}) || d.SubscriptionCount != 31 {
		t.Errorf("%+v", d)
	}
	if _, known := p.FindSession("nobody", 1); known {
		t.Error("nobody is known")
	}
	if page, _ := p.FindSessions(broker.SessionQuery{Limit: 1}); len(page[0].Subscriptions) != 20 {
		t.Errorf("%d subscriptions in a list", len(page[0].Subscriptions))
	}
}

// TestFindingAmongTenThousand costs what a page needs, however many there are and whatever they subscribed to.
func TestFindingAmongTenThousand(t *testing.T) {
	p := newPlant(t, broker.Options{})
	for i := range 10_000 {
		p.open(fmt.Sprintf("s%05d", i), broker.SessionOptions{Transient: true})
	}
	query := broker.SessionQuery{Search: "s", Sort: broker.SortByQueue, Offset: 5000, Limit: 50}
	if ids, total := found(p, query); total != 10_000 || len(ids) != 50 || ids[0] != "s05000" {
		t.Fatalf("%d, %q", total, ids)
	}
	// The list of all, the candidates and their sorting, and what 50 sessions have.
	if allocations := testing.AllocsPerRun(3, func() { p.FindSessions(query) }); allocations > 11_000 {
		t.Errorf("%v allocations", allocations)
	}
}
