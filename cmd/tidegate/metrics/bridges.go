package metrics

import (
	"time"

	"github.com/tidegate/tidegate/gateway"
)

var (
	bridge       = describe("bridge_state", "1 for the state that a bridge is in.", "bridge", "state")
	backlog      = describe("bridge_backlog_messages", "Messages that the other broker has not acknowledged.", "bridge")
	backlogBytes = describe("bridge_backlog_bytes", "Size of these messages.", "bridge")
	oldest       = describe("bridge_backlog_oldest_age_seconds", "Age of the oldest of them; 0 when nothing waits.", "bridge")
	used         = describe("bridge_backlog_used_ratio", "How much of its nearest bound the backlog uses: 1 is all.", "bridge")
	sent         = describe("bridge_sent_messages_total", "Messages that the other broker acknowledged.", "bridge")
	historical   = describe("bridge_sent_historical_messages_total", "Those of them that were sent late, by a bridge with a share for live data.", "bridge")
	parked       = describe("bridge_parked_messages", "Messages that the other broker refused and that are kept for somebody to look at.", "bridge")
	received     = describe("bridge_received_messages_total", "Messages that came from the other broker.", "bridge")
	refusedThere = describe("bridge_rejected_messages_total", "Messages that the other broker refused with a reason code.", "bridge")
	twice        = describe("bridge_possibly_twice_messages_total",
		"Messages that were sent again because the other broker forgot its session.", "bridge")
	lost     = describe("bridge_dropped_messages_total", "Messages that a limit gave up.", "bridge")
	connects = describe("bridge_connects_total", "Connections that were made to the other broker.", "bridge")

	recorded = describe("history_rows", "Readings and minutes of the history on disk, about.")
	histSize = describe("history_bytes", "Size of the file of the history.")
	histLost = describe("history_dropped_readings_total", "Readings that the history could not write in time.")
	thinned  = describe("history_thinned_readings_total", "Readings that are in the history only in their minute.")
	histUp   = describe("history_up", "1 while the history records, 0 when it cannot.")
)

func (out output) bridges(all []gateway.BridgeStatus) {
	for _, b := range all {
		out.state(bridge, b.State, states, b.ID)
		out.gauge(backlog, float64(b.Backlog.Messages), b.ID)
		out.gauge(backlogBytes, float64(b.Backlog.Bytes), b.ID)
		age := 0.0
		if b.Backlog.Oldest != nil {
			age = max(0, time.Since(*b.Backlog.Oldest).Seconds())
		}
		out.gauge(oldest, age, b.ID)
		out.gauge(used, b.Backlog.Limit.Used, b.ID)
		out.counter(sent, b.Forwarded, b.ID)
		out.counter(historical, b.Historical, b.ID)
		out.gauge(parked, float64(b.Backlog.Parked), b.ID)
		out.counter(received, b.Received, b.ID)
		out.counter(refusedThere, b.Refused, b.ID)
		out.counter(twice, b.PossiblyTwice, b.ID)
		out.counter(lost, b.Backlog.Dropped, b.ID)
		out.counter(connects, b.Connects, b.ID)
	}
}

func (out output) history(status gateway.HistoryStatus) {
	out.gauge(recorded, float64(status.Rows))
	out.gauge(histSize, float64(status.Bytes))
	out.counter(histLost, status.Dropped)
	out.counter(thinned, status.Thinned)
	up := 1.0
	if status.Failure != "" {
		up = 0
	}
	out.gauge(histUp, up)
}
