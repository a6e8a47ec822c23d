package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage"
	"github.com/tidegate/tidegate/storage/queue"
)

var (
	commits = describe("storage_commit_duration_seconds", "How long groups of messages took to be on disk.")
	groups  = describe("storage_group_size", "How many changes one commit had.")
	changes = describe("storage_changes_total", "Changes that were committed, or not.", "outcome")
	written = describe("storage_committed_bytes_total", "Size of the changes that were committed.")
	waiting = describe("storage_waiting_bytes", "Size of the changes that are not committed yet.")
	copies  = describe("storage_checkpoints_total", "How often the write-ahead log was copied back into the file of queues.")
	logSize = describe("storage_wal_bytes", "Size of the write-ahead log of queues.")
	free    = describe("storage_free_bytes", "Free bytes of the file system.")
	floor   = describe("storage_free_floor_bytes", "Free bytes that new messages leave.")
	damaged = describe("storage_damaged_messages_total",
		"Stored messages that did not match their checksum and were given up.")
	disk = describe("storage_state",
		"1 for the state that it is: up, degraded when the disk is full, down when nothing can be written.", "state")
)

func (out output) storage(stats queue.Stats, status gateway.StorageStatus) {
	out.distribution(commits, stats.CommitTimes)
	out.distribution(groups, stats.GroupSizes)
	out.counter(changes, stats.Members, "committed")
	out.counter(changes, stats.Failed, "failed")
	out.counter(written, stats.Bytes)
	out.gauge(waiting, float64(stats.Waiting))
	out.counter(copies, stats.Checkpoints)
	out.gauge(logSize, float64(stats.LogBytes))
	out.gauge(free, float64(stats.Space.Free))
	out.gauge(floor, float64(stats.Space.Floor))
	out.counter(damaged, stats.Damaged)
	out.state(disk, status.State, []gateway.State{gateway.StateUp, gateway.StateDegraded, gateway.StateDown})
}

// distribution is a histogram; its buckets count all that are at most so large.
func (out output) distribution(desc *prometheus.Desc, d storage.Distribution) {
	buckets, upTo := make(map[float64]uint64, len(d.Bounds)), uint64(0)
	for i, bound := range d.Bounds {
		upTo += d.Counts[i]
		buckets[bound] = upTo
	}
	out <- prometheus.MustNewConstHistogram(desc, d.Count, d.Sum, buckets)
}
