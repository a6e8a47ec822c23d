package broker

import (
	"context"
	"strconv"
	"time"

	"github.com/tidegate/tidegate/mqtt"
)

// sysTicks is how many seconds lie between two publications of $SYS, as Mosquitto has it by default.
const sysTicks = 10

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

func (b *Broker) sysValues() map[string]string {
	c := b.Status()
	absent := 0
	for _, s := range b.all() {
		if !s.online.Load() {
			absent++
		}
	}
	count := func(n uint64) string { return strconv.FormatUint(n, 10) }
	values := map[string]string{
		"version":                   "Tidegate",
		"uptime":                    strconv.Itoa(int(time.Since(b.started).Seconds())) + " seconds",
		"clients/connected":         strconv.Itoa(c.Clients),
		"clients/disconnected":      strconv.Itoa(absent),
		"clients/total":             strconv.Itoa(c.Clients + absent),
		"subscriptions/count":       strconv.Itoa(c.Subscriptions),
		"retained messages/count":   strconv.Itoa(c.Retained),
		"messages/stored":           strconv.FormatInt(c.Queued, 10),
		"store/messages/count":      strconv.FormatInt(c.Queued, 10),
		"messages/received":         count(c.PacketsReceived),
		"messages/sent":             count(c.PacketsSent),
		"publish/messages/received": count(c.Received),
		"publish/messages/sent":     count(c.Sent),
		"publish/messages/dropped":  count(c.Dropped),
		"bytes/received":            count(c.BytesReceived),
		"bytes/sent":                count(c.BytesSent),
	}
	for reason, n := range c.GivenUp {
		if n > 0 {
			values["publish/messages/given up/"+mqtt.Reason(reason).String()] = count(n)
		}
	}
	return values
}
