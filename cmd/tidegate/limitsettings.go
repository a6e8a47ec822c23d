package main

import (
	"fmt"

	"github.com/tidegate/tidegate/mqtt/broker"
)

// limitSettings bound what MQTT clients can make the gateway use, beside what waits in queues.
type limitSettings struct {
	Clients                int      `yaml:"clients"                help:"MQTT clients that may be connected."                           env:"CLIENTS"`
	Sessions               int      `yaml:"sessions"               help:"Sessions that may exist, connected or not."                    env:"SESSIONS"`
	Strangers              int      `yaml:"strangers"              help:"Connections beyond that which have not said who they are."    env:"STRANGERS"`
	ConnectRate            int      `yaml:"connectRate"            help:"Connections per second of one address."                        env:"CONNECT_RATE"`
	TotalConnectRate       int      `yaml:"totalConnectRate"       help:"Connections per second of all addresses together."             env:"TOTAL_CONNECT_RATE"`
	PublishRate            int      `yaml:"publishRate"            help:"Messages per second of one client, which is slowed down; 0 for no limit." env:"PUBLISH_RATE" default:"-1"`
	PacketSize             byteSize `yaml:"packetSize"             help:"Largest packet of a client, like 1MB."                         env:"PACKET_SIZE"`
	ReceiveMaximum         int      `yaml:"receiveMaximum"         help:"Unacknowledged messages of one client, in each direction."     env:"RECEIVE_MAXIMUM"`
	TopicLevels            int      `yaml:"topicLevels"            help:"Levels of a topic."                                            env:"TOPIC_LEVELS"`
	Subscriptions          int      `yaml:"subscriptions"          help:"Subscriptions of one session."                                 env:"SUBSCRIPTIONS"`
	SubscriptionBytes      byteSize `yaml:"subscriptionBytes"      help:"Memory of the subscriptions of one session."                   env:"SUBSCRIPTION_BYTES"`
	TotalSubscriptionBytes byteSize `yaml:"totalSubscriptionBytes" help:"Memory of all subscriptions."                                  env:"TOTAL_SUBSCRIPTION_BYTES"`
	Retained               int      `yaml:"retained"               help:"Retained messages."                                            env:"RETAINED"`
	RetainedBytes          byteSize `yaml:"retainedBytes"          help:"Memory of all retained messages."                              env:"RETAINED_BYTES"`
	MemoryMessages         int64    `yaml:"memoryMessages"         help:"Messages that wait for a client without a stored session."     env:"MEMORY_MESSAGES"`
	MemoryBytes            byteSize `yaml:"memoryBytes"            help:"Their size."                                                   env:"MEMORY_BYTES"`
	QoS0Messages           int      `yaml:"qos0Messages"           name:"qos0-messages" help:"Messages at QoS 0 that wait for one connection." env:"QOS0_MESSAGES"`
	QoS0Bytes              byteSize `yaml:"qos0Bytes"              name:"qos0-bytes" help:"Their size."                                 env:"QOS0_BYTES"`
}

// defaultLimitSettings are the broker's own, with round sizes for people.
func defaultLimitSettings() limitSettings {
	l := broker.DefaultLimits()
	return limitSettings{
		Clients: l.Clients, Sessions: l.Sessions, Strangers: l.Strangers,
		ConnectRate: l.ConnectRate, TotalConnectRate: l.TotalConnectRate, PublishRate: l.PublishRate,
		PacketSize: 1_000_000, ReceiveMaximum: l.ReceiveMaximum, TopicLevels: l.TopicLevels,
		Subscriptions: l.Subscriptions, SubscriptionBytes: 16_000_000, TotalSubscriptionBytes: 256_000_000,
		Retained: l.Retained, RetainedBytes: 512_000_000,
		MemoryMessages: l.MemoryMessages, MemoryBytes: 16_000_000, QoS0Messages: l.QueueQoS0, QoS0Bytes: 8_000_000,
	}
}

// override takes what the flags and variables say.
func (l *limitSettings) override(flags limitSettings) {
	override(&l.Clients, flags.Clients)
	override(&l.Sessions, flags.Sessions)
	override(&l.Strangers, flags.Strangers)
	override(&l.ConnectRate, flags.ConnectRate)
	override(&l.TotalConnectRate, flags.TotalConnectRate)
	override(&l.PacketSize, flags.PacketSize)
	override(&l.ReceiveMaximum, flags.ReceiveMaximum)
	override(&l.TopicLevels, flags.TopicLevels)
	override(&l.Subscriptions, flags.Subscriptions)
	override(&l.SubscriptionBytes, flags.SubscriptionBytes)
	override(&l.TotalSubscriptionBytes, flags.TotalSubscriptionBytes)
	override(&l.Retained, flags.Retained)
	override(&l.RetainedBytes, flags.RetainedBytes)
	override(&l.MemoryMessages, flags.MemoryMessages)
	override(&l.MemoryBytes, flags.MemoryBytes)
	override(&l.QoS0Messages, flags.QoS0Messages)
	override(&l.QoS0Bytes, flags.QoS0Bytes)
	if flags.PublishRate >= 0 {
		l.PublishRate = flags.PublishRate
	}
}

// validate: each limit has a range in which the gateway can work.
func (l *limitSettings) validate() error {
	const most = 1 << 40
	ranges := []struct {
		name            string
		value, from, to int64
	}{
		{"clients", int64(l.Clients), 1, 1_000_000},
		{"sessions", int64(l.Sessions), int64(l.Clients), 10_000_000},
		{"strangers", int64(l.Strangers), 1, 1_000_000},
		{"connectRate", int64(l.ConnectRate), 1, 1_000_000},
		{"totalConnectRate", int64(l.TotalConnectRate), int64(l.ConnectRate), 1_000_000},
		{"publishRate", int64(l.PublishRate), 0, 10_000_000},
		{"packetSize", int64(l.PacketSize), 1000, 256 << 20},
		{"receiveMaximum", int64(l.ReceiveMaximum), 1, 32_000},
		{"topicLevels", int64(l.TopicLevels), 2, int64(broker.DefaultLimits().TopicLevels)},
		{"subscriptions", int64(l.Subscriptions), 1, 10_000_000},
		{"subscriptionBytes", int64(l.SubscriptionBytes), 10_000, most},
		{"totalSubscriptionBytes", int64(l.TotalSubscriptionBytes), int64(l.SubscriptionBytes), most},
		{"retained", int64(l.Retained), 1000, 100_000_000},
		{"retainedBytes", int64(l.RetainedBytes), 1_000_000, most},
		{"memoryMessages", l.MemoryMessages, 1, 100_000_000},
		{"memoryBytes", int64(l.MemoryBytes), 10_000, most},
		{"qos0Messages", int64(l.QoS0Messages), 1, 100_000_000},
		{"qos0Bytes", int64(l.QoS0Bytes), 10_000, most},
	}
	for _, r := range ranges {
		if r.value < r.from || r.value > r.to {
			return fmt.Errorf("limits.%s: %d is not between %d and %d", r.name, r.value, r.from, r.to)
		}
	}
	return nil
}

// apply sets the limits of the broker that these settings are about.
func (l *limitSettings) apply(to *broker.Limits) {
	to.Clients, to.Sessions, to.Strangers = l.Clients, l.Sessions, l.Strangers
	to.ConnectRate, to.TotalConnectRate, to.PublishRate = l.ConnectRate, l.TotalConnectRate, l.PublishRate
	to.PacketSize, to.ReceiveMaximum, to.TopicLevels = int(l.PacketSize), l.ReceiveMaximum, l.TopicLevels
	to.Subscriptions, to.SubscriptionBytes = l.Subscriptions, int64(l.SubscriptionBytes)
	to.TotalSubscriptionBytes = int64(l.TotalSubscriptionBytes)
	to.Retained, to.RetainedBytes = l.Retained, int64(l.RetainedBytes)
	to.MemoryMessages, to.MemoryBytes = l.MemoryMessages, int64(l.MemoryBytes)
	to.QueueQoS0, to.QueueQoS0Bytes = l.QoS0Messages, int(l.QoS0Bytes)
}

// String is one line for the check of the settings.
func (l *limitSettings) String() string {
	pace := "no limit on publishing"
	if l.PublishRate > 0 {
		pace = fmt.Sprintf("%d messages per second each", l.PublishRate)
	}
	return fmt.Sprintf("%d clients, %d sessions, %d connections per second and address; packets of %s; %s",
		l.Clients, l.Sessions, l.ConnectRate, l.PacketSize, pace)
}
