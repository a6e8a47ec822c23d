package gateway

import "time"

// Bridge forwards chosen topics to another broker and brings chosen topics from there.
type Bridge struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// Preset names a BridgePreset, whose rules the bridge keeps; empty for any broker.
	Preset string `json:"preset,omitempty"`
	// URL of the other broker: mqtt://host:1883, mqtts://host:8883, ws://host:80/mqtt or wss://host:443/mqtt.
	URL string `json:"url"`
	// ClientID defaults to tidegate-{gateway name}-{bridge id}.
	ClientID string `json:"clientId,omitempty"`
	Username string `json:"username,omitempty"`
	Password Secret `json:"password,omitempty"`
	// Token makes the password of each connection.
	Token BridgeToken `json:"token,omitzero"`
	// Version is the protocol: 4 (3.1.1) or 5; 0 means 5 and falls back to 3.1.1 where it is refused.
	Version int `json:"version,omitempty"`
	// KeepAlive is 5 s to 18 h; zero means 30 s.
	KeepAlive Duration `json:"keepAlive,omitempty"`
	// Window is how many messages may be unacknowledged; 0 means what the other broker announces, 20 where it does not. With
	// MQTT 3.1.1 and a route out at QoS 2 it is at most 20: a broker that takes fewer at once would lose the rest.
	Window int `json:"window,omitempty"`
	// TLS is for mqtts and wss.
	TLS      BridgeTLS   `json:"tls,omitzero"`
	Proxy    BridgeProxy `json:"proxy,omitzero"`
	Routes   []Route     `json:"routes"`
	Disabled bool        `json:"disabled,omitempty"`
	// Paused keeps the bridge disconnected while it goes on queueing.
	Paused bool `json:"paused,omitempty"`
	// Pace bounds how fast it sends.
	Pace BridgePace `json:"pace,omitzero"`
	// Storage bounds what waits during an outage.
	Storage BridgeStorage `json:"storage,omitzero"`
	// Link says how and when it connects.
	Link BridgeLink `json:"link,omitzero"`
}

// BridgeStorage bounds the backlog of a bridge. The limits of the broker hold beside these.
type BridgeStorage struct {
	// MaxBytes counts topics, payloads and properties: at least 1 MB; 0 means the broker's limit. A bridge that is added
	// without gets half of the free disk.
	MaxBytes int64 `json:"maxBytes,omitempty"`
	// MaxAge is how long a message waits at most, a minute to ten years; 0 means the broker's limit.
	MaxAge Duration `json:"maxAge,omitempty"`
	// FreeDisk is how many bytes of the disk stay free: with less the backlog does not grow. 0 means the gateway's floor.
	FreeDisk int64 `json:"freeDisk,omitempty"`
	// Overflow is what goes when there is too much; empty means drop-oldest.
	Overflow BridgeOverflow `json:"overflow,omitempty" enum:"drop-oldest,drop-lowest-priority,thin-out"`
	// QoS0 keeps messages at QoS 0 too while the other broker is away; they are still sent at most once.
	QoS0 bool `json:"qos0,omitempty"`
	// ThinOut is the interval of thin-out, 1 s to 24 h.
	ThinOut Duration `json:"thinOut,omitempty"`
}

// BridgeOverflow says what a full backlog gives up first; when that is not enough, the oldest go. What is in flight stays.
type BridgeOverflow string

// The policies.
const (
	OverflowOldest BridgeOverflow = "drop-oldest"
	// OverflowPriority gives up what came for the routes of the lowest priority.
	OverflowPriority BridgeOverflow = "drop-lowest-priority"
	// OverflowThinOut keeps one message of each topic per interval.
	OverflowThinOut BridgeOverflow = "thin-out"
)

// BridgePace is how fast a bridge sends, and what first; zero means as fast as the link goes, in the order in which it came.
type BridgePace struct {
	// MessagesPerSecond is at most 1,000,000.
	MessagesPerSecond int `json:"messagesPerSecond,omitempty"`
	// BytesPerSecond counts topic, payload and properties; at most 1,000,000,000.
	BytesPerSecond int `json:"bytesPerSecond,omitempty"`
	// LiveShare is a share for live data, 1 to 90 per cent of the messages that are sent: what is new while the other broker is
	// there does not wait for the end of a backlog. Both streams keep their order, what is new overtakes what is old, and the
	// backlog is marked with the user property historical (MQTT 5). 0 is one stream, in the order in which it came.
	LiveShare int `json:"liveShare,omitempty"`
}

// mostLiveShare leaves enough for a backlog to come to its end.
const mostLiveShare = 90

// BridgeTLS says who is trusted, and who we are. All texts are PEM.
type BridgeTLS struct {
	// CA has the authorities that may vouch for the other broker; empty means those that the system trusts.
	CA string `json:"ca,omitempty"`
	// Certificate is the gateway's own, with its chain behind it, and Key belongs to it.
	Certificate string `json:"certificate,omitempty"`
	Key         Secret `json:"key,omitempty"`
	// NewKey was made here, and its certificate is requested; it becomes Key when that comes. It is not used before.
	NewKey Secret `json:"newKey,omitempty"`
	// ServerName is asked for and expected in the other broker's certificate; empty means the host of the URL.
	ServerName string `json:"serverName,omitempty"`
	// ALPN is the protocol that is asked for, such as x-amzn-mqtt-ca where MQTT shares port 443.
	ALPN string `json:"alpn,omitempty"`
	// Pins are SHA-256 sums of public keys (SPKI) in Base64, as in RFC 7469, with spaces between them: the other broker's
	// certificate must have one of these keys, whoever vouches for it. Two allow a change of keys.
	Pins string `json:"pins,omitempty"`
}

// BridgeProxy is the way out of a network that lets nobody out directly.
type BridgeProxy struct {
	// URL is http://host:3128, which is asked to CONNECT, or socks5://host:1080. The proxy resolves the broker's name.
	URL      string `json:"url,omitempty"`
	Username string `json:"username,omitempty"`
	Password Secret `json:"password,omitempty"`
}

// Route is one topic rule of a bridge. The first route of a direction that matches a topic decides.
type Route struct {
	Direction Direction `json:"direction"`
	// Filter selects topics: local ones for out, remote ones for in.
	Filter string `json:"filter"`
	// Exclude are filters of topics that this route leaves to the next one, or to nobody.
	Exclude []string `json:"exclude,omitempty"`
	// Prefix is put before the topic on the other side.
	Prefix string `json:"prefix,omitempty"`
	// Topic is a template for the topic on the other side, instead of Prefix: {topic} is all of it, {1} what the first +
	// of the filter stands for, {#} what its # does.
	Topic string `json:"topic,omitempty"`
	// QoS caps the quality on the way.
	QoS int `json:"qos"`
	// Priority is 0 to 9. From UrgentPriority on messages have a lane of their own, which is sent first; see also
	// OverflowPriority.
	Priority int `json:"priority,omitempty"`
	// Retain is what becomes of the retain flag; empty means keep.
	Retain RouteRetain `json:"retain,omitempty" enum:"keep,never,always"`
	// Batch puts several messages of one topic into one.
	Batch RouteBatch `json:"batch,omitzero"`
}

// UrgentPriority is that of a route whose messages do not wait behind the others: of nine messages eight may be urgent ones
// while others wait. When a route becomes urgent or ceases to be, its messages stay in the order in which they came: those
// of a topic that it took before go on where they were until what waits has nearly been sent.
const UrgentPriority = 5

// IsUrgent reports whether what the route takes is sent before the rest.
func (r *Route) IsUrgent() bool { return r.Priority >= UrgentPriority }

// RouteBatch puts messages of one topic into one payload, for routes out at QoS 0 and 1. Their own properties are lost.
type RouteBatch struct {
	// Messages is how many at most, 2 to 1,000, and not more than 64 KB; 0 sends each alone.
	Messages int `json:"messages,omitempty"`
	// Delay is how long the first one waits for others, 10 ms to 1 min.
	Delay  Duration    `json:"delay,omitempty"`
	Format BatchFormat `json:"format,omitempty" enum:"json,lines"`
}

// BatchFormat is how payloads stand side by side.
type BatchFormat string

// The formats; empty means json.
const (
	// BatchJSON is an array; a payload that is no JSON is a text in it.
	BatchJSON BatchFormat = "json"
	// BatchLines ends each payload with a line feed.
	BatchLines BatchFormat = "lines"
)

func (b *RouteBatch) validate(r *Route) error {
	delay := time.Duration(b.Delay)
	switch {
	case *b == RouteBatch{}:
		return nil
	case r.Direction != Out || r.QoS > 1:
		return FieldErrorf("messages", "messages can be put together on routes out at QoS 0 or 1 only")
	case b.Messages < 2 || b.Messages > 1000:
		return FieldErrorf("messages", "%d is not between 2 and 1000", b.Messages)
	case delay < 10*time.Millisecond || delay > time.Minute:
		return FieldErrorf("delay", "%s is not between 10ms and 1m", delay)
	case b.Format != "" && b.Format != BatchJSON && b.Format != BatchLines:
		return FieldErrorf("format", "%q is not %s or %s", b.Format, BatchJSON, BatchLines)
	}
	return nil
}

// RouteRetain is what becomes of the retain flag of a message on its way.
type RouteRetain string

// The ways to handle it. A broker that knows no retained messages gets none.
const (
	RetainKeep   RouteRetain = "keep"
	RetainNever  RouteRetain = "never"
	RetainAlways RouteRetain = "always"
)

// Of is the flag of a message on the other side.
func (r RouteRetain) Of(flag bool) bool { return r == RetainAlways || flag && r != RetainNever }

// Direction of a route.
type Direction string

// The directions.
const (
	Out Direction = "out"
	In  Direction = "in"
)
