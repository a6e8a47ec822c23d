package main

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/tidegate/tidegate/cmd/tidegate/metrics"
	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/gateway/alarms"
	"github.com/tidegate/tidegate/gateway/certificates"
	"github.com/tidegate/tidegate/gateway/live"
	"github.com/tidegate/tidegate/gateway/supervisor"
	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/storage/history"
	"github.com/tidegate/tidegate/storage/queue"
)

// monitor shows the parts to the outside in the words of the gateway.
type monitor struct {
	started      time.Time
	demo         *link // nil in the service
	durability   string
	machineZone  string
	alarms       []gateway.Alarm
	journal      *alarms.Journal
	queue        *queue.Queue
	restored     *restoredQueue
	broker       *broker.Broker
	supervisor   *supervisor.Supervisor
	certificates *certificates.Set
	// startUp are the listeners of the start-up file, which stay as they were opened.
	startUp  []gateway.ListenerStatus
	backlogs *backlogs
	history  *history.History
	live     *live.Hub
	// historyAlarms are asked for each time.
	historyAlarms func() []gateway.Alarm
}

var (
	_ gateway.Monitor = (*monitor)(nil)
	_ metrics.Source  = (*monitor)(nil)
)

// Broker counts in its own words, for the metrics.
func (m *monitor) Broker() broker.Counters { return m.broker.Status() }

// Queue is how the disk below it is doing.
func (m *monitor) Queue() queue.Stats { return m.queue.Stats() }

// Qualities counts points by the quality of their latest reading.
func (m *monitor) Qualities() map[gateway.Quality]int { return m.live.Qualities() }

// Certificates are those that the gateway shows to others.
func (m *monitor) Certificates() []gateway.Certificate { return m.certificates.Certificates() }

// Status is the whole gateway now.
func (m *monitor) Status() gateway.Status {
	counters := m.broker.Status()
	status := gateway.Status{
		Version:     version,
		Started:     m.started,
		Demo:        m.demo != nil,
		TimeZone:    cmp.Or(m.supervisor.Config().TimeZone, m.machineZone),
		Alarms:      m.journal.Mark(m.holding()),
		Storage:     m.storage(),
		Connections: m.supervisor.Connections(),
		Bridges:     m.backlogs.bridges(),
		Listeners:   m.listeners(counters.ByListener),
		Readings:    m.supervisor.Readings(),
		History:     m.history.Status(),
		Broker: gateway.BrokerStatus{
			Clients: counters.Clients, Sessions: counters.Sessions, Subscriptions: counters.Subscriptions,
			Retained: counters.Retained, Received: counters.Received, Sent: counters.Sent,
			Dropped: counters.Dropped, Rejected: counters.Rejected, Queued: counters.Queued,
			GivenUp: givenUpCounts(counters.GivenUp),
		},
	}
	if m.demo != nil {
		status.Outage = m.demo.Until()
	}
	return status
}

// holding are the alarms of now.
func (m *monitor) holding() []gateway.Alarm {
	return slices.Concat(m.alarms, m.historyAlarms(), m.restored.alarms(), m.backlogs.alarms(), m.certificates.Alarms())
}

// listeners are those of the start-up file, then the configured ones.
func (m *monitor) listeners(clients map[string]int) []gateway.ListenerStatus {
	login := m.supervisor.Config().LocalLogin
	list := slices.Concat(m.startUp, m.supervisor.Listeners())
	for i := range list {
		l := &list[i]
		l.Clients = clients[l.ID]
		switch l.ID {
		case gateway.LocalListener:
			l.Anonymous = !login.TCP
		case gateway.SocketListener:
			l.Anonymous = !login.Socket
		}
	}
	return list
}

func (m *monitor) storage() gateway.StorageStatus {
	stats := m.queue.Stats()
	status := gateway.StorageStatus{
		State: gateway.StateUp, Since: m.started, Durability: m.durability, FreeBytes: stats.Space.Free, FloorBytes: stats.Space.Floor,
		Damaged: stats.Damaged,
	}
	switch {
	case stats.Space.Full != nil:
		status.State, status.Since, status.Reason = gateway.StateDegraded, stats.Space.Since, stats.Space.Full.Error()
	case stats.Failure != nil:
		status.State, status.Since = gateway.StateDown, stats.FailedSince
		status.Reason = "nothing can be stored, new messages are refused: look at the disk and its cable; it is tried " +
			"again all the time (" + stats.Failure.Error() + ")"
	}
	return status
}

func givenUpCounts(losses mqtt.Losses) []gateway.GivenUpCount {
	counts := []gateway.GivenUpCount{}
	for reason, n := range losses {
		if n > 0 {
			counts = append(counts, gateway.GivenUpCount{Reason: mqtt.Reason(reason).String(), Messages: n})
		}
	}
	return counts
}

// GivenUp is the audit of what sessions lost, newest first.
func (m *monitor) GivenUp(ctx context.Context) ([]gateway.GivenUp, error) {
	lines, err := m.queue.GivenUp(ctx)
	if err != nil {
		return nil, err
	}
	result := make([]gateway.GivenUp, 0, len(lines))
	for _, g := range lines {
		result = append(result, gateway.GivenUp{
			Session: g.Session, Reason: g.Reason.String(), Topic: g.Topic, Messages: g.Messages, Bytes: g.Bytes,
			First: g.First, Last: g.Last,
		})
	}
	return result, nil
}
