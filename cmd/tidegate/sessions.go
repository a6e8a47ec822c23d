package main

import (
	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt/broker"
)

var sessionSorts = map[gateway.SessionSort]broker.SessionSort{
	gateway.SortSessionsByID: broker.SortByID, gateway.SortSessionsByQueue: broker.SortByQueue,
	gateway.SortSessionsBySince: broker.SortBySince, gateway.SortSessionsByReceived: broker.SortByReceived,
	gateway.SortSessionsBySent: broker.SortBySent,
}

// Sessions are the broker's sessions, the gateway's own too.
func (m *monitor) Sessions(q gateway.SessionQuery) gateway.SessionPage {
	infos, total := m.broker.FindSessions(broker.SessionQuery{
		Search: q.Search, Sort: sessionSorts[q.Sort], Descending: q.Descending, Offset: q.Offset, Limit: q.Limit,
	})
	page := gateway.SessionPage{Total: total, Sessions: make([]gateway.SessionStatus, 0, len(infos))}
	for i := range infos {
		page.Sessions = append(page.Sessions, sessionStatus(&infos[i]))
	}
	return page
}

// maxDetail bounds the subscriptions of one session that are shown.
const maxDetail = 1000

// SessionDetail is one of them.
func (m *monitor) SessionDetail(id string) (gateway.SessionDetail, error) {
	d, known := m.broker.FindSession(id, maxDetail)
	if !known {
		return gateway.SessionDetail{}, gateway.Errorf(gateway.NotFound, "there is no session %q", id)
	}
	detail := gateway.SessionDetail{
		Session: sessionStatus(&d.SessionInfo), Will: d.Will, Listener: d.Listener, GivenUp: givenUpCounts(d.Queue.GivenUp),
		Limits: gateway.SessionLimits{
			ReceiveMaximum: d.ReceiveMaximum, PacketSize: d.PacketSize, QueueMessages: d.QueueMessages, QueueBytes: d.QueueBytes,
		},
	}
	for _, sub := range d.Filters {
		detail.Subscriptions = append(detail.Subscriptions, gateway.SubscriptionStatus{
			Filter: sub.Filter, QoS: int(sub.QoS), NoLocal: sub.NoLocal, RetainAsPublished: sub.RetainAsPublished,
			RetainHandling: int(sub.RetainHandling), Identifier: sub.Identifier,
		})
	}
	return detail, nil
}

func sessionStatus(s *broker.SessionInfo) gateway.SessionStatus {
	return gateway.SessionStatus{
		ID: s.ID, Connected: s.Connected, Address: s.Address, Listener: s.Listener, Username: s.Username, Protocol: s.Protocol,
		Since: s.Since, Expiry: s.Expiry, Subscriptions: s.Subscriptions, SubscriptionCount: s.SubscriptionCount,
		Inflight: s.Inflight, Received: s.Received, Sent: s.Sent,
		Queue: gateway.QueueStatus{Messages: s.Queue.Messages, Bytes: s.Queue.Bytes, Dropped: s.Queue.Dropped},
	}
}
