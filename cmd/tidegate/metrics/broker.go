package metrics

import (
	"strconv"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
)

var (
	clients   = describe("broker_clients", "Network clients that are connected.")
	strangers = describe("broker_connections",
		"Connections that are open, also those that have not said who they are.")
	accepted      = describe("broker_clients_accepted_total", "Network clients that were let in.")
	sessions      = describe("broker_sessions", "Sessions, connected or not, with the gateway's own.")
	subscriptions = describe("broker_subscriptions", "Subscriptions of all sessions.")
	subscribed    = describe("broker_subscription_bytes", "Memory of all subscriptions, as it counts against its limit.")
	retained      = describe("broker_retained_messages", "Topics with a retained message.")
	retainedBytes = describe("broker_retained_bytes", "Memory of retained messages, as it counts against its limit.")
	queued        = describe("broker_queued_messages", "Messages that sessions have not acknowledged, all together.")
	queuedBytes   = describe("broker_queued_bytes", "Size of the messages that sessions have not acknowledged.")
	inflight      = describe("broker_inflight_messages", "Messages on their way to a receiver that has to acknowledge them.")
	messages      = describe("broker_messages_total",
		"Messages from clients and the gateway's own parts (in), and handed to them (out).", "direction", "qos")
	payload = describe("broker_message_payload_bytes_total", "Payloads of these messages.", "direction", "qos")
	packets = describe("broker_packets_total", "MQTT packets of network clients.", "direction")
	traffic = describe("broker_network_bytes_total", "Bytes of network clients.", "direction")
	dropped = describe("broker_messages_given_up_total",
		"Messages that a session did not get, by reason.", "reason")
	rejected = describe("broker_messages_rejected_total",
		"Messages that were refused because a queue was full; their publishers know.")
	refused = describe("broker_limit_refusals_total",
		"What a limit refused: connections, packets, messages or subscriptions; for publish-rate, messages that had to wait.", "limit")
)

func (out output) broker(c broker.Counters) {
	out.gauge(clients, float64(c.Clients))
	out.gauge(strangers, float64(c.Connections))
	out.counter(accepted, c.Accepted)
	out.gauge(sessions, float64(c.Sessions))
	out.gauge(subscriptions, float64(c.Subscriptions))
	out.gauge(subscribed, float64(c.SubscriptionBytes))
	out.gauge(retained, float64(c.Retained))
	out.gauge(retainedBytes, float64(c.RetainedBytes))
	out.gauge(queued, float64(c.Queued))
	out.gauge(queuedBytes, float64(c.QueuedBytes))
	out.gauge(inflight, float64(c.Inflight))
	out.direction("in", c.In, c.PacketsReceived, c.BytesReceived)
	out.direction("out", c.Out, c.PacketsSent, c.BytesSent)
	for reason, n := range c.GivenUp {
		out.counter(dropped, n, mqtt.Reason(reason).String())
	}
	out.counter(rejected, c.Rejected)
	for limit, n := range c.Refused {
		out.counter(refused, n, broker.Limit(limit).String())
	}
}

func (out output) direction(name string, t broker.Traffic, packetCount, byteCount uint64) {
	for qos := range t.Messages {
		out.counter(messages, t.Messages[qos], name, strconv.Itoa(qos))
		out.counter(payload, t.Bytes[qos], name, strconv.Itoa(qos))
	}
	out.counter(packets, packetCount, name)
	out.counter(traffic, byteCount, name)
}
