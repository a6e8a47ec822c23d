package broker

import (
	"context"
	"runtime/metrics"
	"strconv"
	"strings"
	"time"

	"github.com/tidegate/tidegate/mqtt"
)

// defaultSysInterval is the time between two publications of $SYS, as Mosquitto has it.
const defaultSysInterval = 10 * time.Second

// sys is what publications of $SYS remember of each other; Run's goroutine alone uses it.
type sys struct {
	published time.Time
	loads     loads
	// heap is the largest that was seen, in bytes.
	heap uint64
}

// publishSys publishes counters under Mosquitto's names, retained in memory only, those that changed.
func (b *Broker) publishSys(ctx context.Context) {
	for topic, value := range b.sysValues() {
		m := &mqtt.Message{Topic: "$SYS/broker/" + topic, Payload: []byte(value), Retain: true}
		if last := b.retained.get(m.Topic); last != nil && string(last.Payload) == value {
			continue
		}
		// It is never refused: nothing of it is stored.
		_ = b.publish(ctx, publication{message: m, volatile: true})
	}
}

// sysDue publishes when it is time, to the nearest second: it is asked once in each.
func (b *Broker) sysDue(ctx context.Context) {
	if time.Since(b.sys.published) >= b.sysInterval-time.Second/2 {
		b.publishSys(ctx)
	}
}

func (b *Broker) sysValues() map[string]string {
	c, now := b.Status(), time.Now()
	values := map[string]string{
		"version": "Tidegate",
		"uptime":  strconv.Itoa(int(now.Sub(b.started).Seconds())) + " seconds",
	}
	numbers := sysNumbers(&c)
	numbers["heap/current"] = heapBytes()
	b.sys.heap = max(b.sys.heap, numbers["heap/current"])
	numbers["heap/maximum"] = b.sys.heap
	for name, n := range numbers {
		values[name] = strconv.FormatUint(n, 10)
	}
	for reason, n := range c.GivenUp {
		if n > 0 {
			values["publish/messages/given up/"+mqtt.Reason(reason).String()] = strconv.FormatUint(n, 10)
		}
	}
	b.sys.loads.update(now, map[string]uint64{
		"messages/received": numbers["messages/received"], "messages/sent": numbers["messages/sent"],
		"bytes/received": numbers["bytes/received"], "bytes/sent": numbers["bytes/sent"],
		"publish/received": c.Received, "publish/sent": c.Sent, "publish/dropped": c.Dropped,
		"connections": c.Accepted, "sockets": numbers["connections/socket/count"],
	})
	for name, text := range b.sys.loads.texts() {
		values["load/"+name] = text
	}
	b.sys.published = now
	return values
}

// sysNumbers are Mosquitto's names for what is counted, with its older names beside the newer ones. Sessions of the gateway
// itself are no clients.
func sysNumbers(c *Counters) map[string]uint64 {
	_, bytesIn := c.In.Total()
	_, bytesOut := c.Out.Total()
	return map[string]uint64{
		"clients/connected":          uint64(c.Clients),
		"clients/active":             uint64(c.Clients),
		"clients/disconnected":       uint64(c.Absent),
		"clients/inactive":           uint64(c.Absent),
		"clients/total":              uint64(c.Clients + c.Absent),
		"clients/maximum":            uint64(c.MaxClients),
		"clients/expired":            c.Expired,
		"connections/socket/count":   c.Opened,
		"subscriptions/count":        uint64(c.Subscriptions - c.SharedSubscriptions),
		"shared_subscriptions/count": uint64(c.SharedSubscriptions),
		"retained messages/count":    uint64(c.Retained),
		"messages/stored":            uint64(c.Queued),
		"store/messages/count":       uint64(c.Queued),
		"store/messages/bytes":       uint64(c.QueuedBytes),
		"messages/received":          c.PacketsReceived,
		"messages/sent":              c.PacketsSent,
		"publish/messages/received":  c.Received,
		"publish/messages/sent":      c.Sent,
		"publish/messages/dropped":   c.Dropped,
		"publish/bytes/received":     bytesIn,
		"publish/bytes/sent":         bytesOut,
		"bytes/received":             c.BytesReceived,
		"bytes/sent":                 c.BytesSent,
	}
}

// heapBytes is what live objects of the whole program take.
func heapBytes() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// isShared reports whether a filter is that of a shared subscription.
func isShared(filter string) bool { return strings.HasPrefix(filter, "$share/") }
