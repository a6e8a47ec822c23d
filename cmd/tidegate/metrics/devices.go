package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidegate/tidegate/gateway"
)

var (
	connection = describe("connection_state", "1 for the state that a connection is in.", "connection", "state")
	devices    = describe("connection_devices", "Devices of a connection, by state.", "connection", "state")
	polls      = describe("connection_poll_duration_seconds", "Polls of a connection, and how long they took.", "connection")
	pollErrors = describe("connection_poll_errors_total",
		"Polls that went wrong: silent (no answer in time), refused (an answer without any value), partial (some points "+
			"without a value); and lost: the wire was gone or could not be opened.", "connection", "kind")
	busy = describe("connection_wire_busy_seconds_total",
		"How long a connection used its wire, also for writes; its rate is the load.", "connection")
	copiesDropped = describe("connection_copies_dropped_total",
		"Durable copies of readings that were given up because the disk was slow.", "connection")
	damagedFrames = describe("connection_damaged_frames_total",
		"Answers and telegrams that came and could not be used: a wrong checksum, half a frame, noise.", "connection")
	readings = describe("readings_total", "Readings with a value that were taken from all wires.")
	points   = describe("points", "Points by the quality of their latest reading.", "quality")
)

func (out output) connections(all []gateway.ConnectionStatus) {
	for _, c := range all {
		out.state(connection, c.State, states, c.ID)
		byState := map[gateway.State]int{}
		for _, d := range c.Devices {
			byState[d.State]++
		}
		for _, s := range states {
			out.gauge(devices, float64(byState[s]), c.ID, string(s))
		}
		out <- prometheus.MustNewConstSummary(polls, c.Polls, c.Wire.Polling.Seconds(), nil, c.ID)
		for _, failed := range []struct {
			kind  string
			count uint64
		}{{"silent", c.Wire.Silent}, {"refused", c.Wire.Refused}, {"partial", c.Wire.Partial}, {"lost", c.Wire.Lost}} {
			out.counter(pollErrors, failed.count, c.ID, failed.kind)
		}
		out <- prometheus.MustNewConstMetric(busy, prometheus.CounterValue, c.Wire.Busy.Seconds(), c.ID)
		out.counter(copiesDropped, c.Dropped, c.ID)
		out.counter(damagedFrames, c.Damaged, c.ID)
	}
}

func (out output) points(taken uint64, byQuality map[gateway.Quality]int) {
	out.counter(readings, taken)
	for _, quality := range []gateway.Quality{gateway.Good, gateway.Uncertain, gateway.Bad} {
		out.gauge(points, float64(byQuality[quality]), string(quality))
	}
}
