package gateway

// Bridge forwards chosen topics to another broker and brings chosen topics from there.
type Bridge struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// URL of the other broker: mqtt://host:1883 or mqtts://host:8883.
	URL string `json:"url"`
	// ClientID defaults to tidegate-{gateway name}-{bridge id}.
	ClientID string `json:"clientId,omitempty"`
	Username string `json:"username,omitempty"`
	Password Secret `json:"password,omitempty"`
	// Version is the protocol: 4 (3.1.1) or 5; 0 means 5 and falls back to 3.1.1 where it is refused.
	Version int `json:"version,omitempty"`
	// KeepAlive is 5 s to 18 h; zero means 30 s.
	KeepAlive Duration `json:"keepAlive,omitempty"`
	// Window is how many messages may be unacknowledged; 0 means what the other broker announces, 20 where it does not.
	Window   int     `json:"window,omitempty"`
	Routes   []Route `json:"routes"`
	Disabled bool    `json:"disabled,omitempty"`
}

// Route is one topic rule of a bridge.
type Route struct {
	Direction Direction `json:"direction"`
	// Filter selects topics: local ones for out, remote ones for in.
	Filter string `json:"filter"`
	// Prefix is put before the topic on the other side.
	Prefix string `json:"prefix,omitempty"`
	// QoS caps the quality on the way.
	QoS int `json:"qos"`
}

// Direction of a route.
type Direction string

// The directions.
const (
	Out Direction = "out"
	In  Direction = "in"
)

// Secret is a text that prints and marshals as redacted. Reveal is the only way to see it.
type Secret string

// Redacted stands for a secret wherever one would be shown. An edit that carries it keeps the stored secret.
const Redacted = "********"

// String hides the secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return Redacted
}

// GoString hides the secret from %#v.
func (s Secret) GoString() string { return s.String() }

// MarshalText hides the secret in JSON, YAML and logs.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Reveal gives the secret itself, for the one place that needs it.
func (s Secret) Reveal() string { return string(s) }
