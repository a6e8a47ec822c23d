package gateway

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tidegate/tidegate/mqtt"
)

func (c *Config) validateBridges() error {
	for i, bridge := range c.Bridges {
		if err := validateBridge(fmt.Sprintf("bridges[%d]", i), bridge); err != nil {
			return err
		}
	}
	return uniqueIDs("bridges", c.Bridges, func(b Bridge) string { return b.ID })
}

func validateBridge(field string, b Bridge) error {
	secure, isBroker := bridgeSchemes[scheme(b.URL)]
	if !isBroker {
		return FieldErrorf(field+".url", "%q is not the address of a broker: use mqtt://host:1883, mqtts://host:8883, "+
			"ws://host/mqtt or wss://host/mqtt", b.URL)
	}
	if k := time.Duration(b.KeepAlive); k != 0 && (k < 5*time.Second || k > 18*time.Hour) {
		return FieldErrorf(field+".keepAlive", "%s is not between 5s and 18h", k)
	}
	if b.Version != 0 && b.Version != 4 && b.Version != 5 {
		return FieldErrorf(field+".version", "%d is not 4 (MQTT 3.1.1) or 5", b.Version)
	}
	if b.Window < 0 || b.Window > mqtt.LaneSize {
		return FieldErrorf(field+".window", "%d is not between 0 and %d", b.Window, mqtt.LaneSize)
	}
	if err := b.Pace.Validate(); err != nil {
		return InField(field+".pace", err)
	}
	if err := b.Storage.validate(); err != nil {
		return InField(field+".storage", err)
	}
	if err := b.validateLink(); err != nil {
		return InField(field+".link", err)
	}
	if err := b.Token.validate("token", &b); err != nil {
		return InField(field, err)
	}
	if err := b.TLS.validate(field+".tls", secure); err != nil {
		return err
	}
	if err := b.Proxy.validate(field + ".proxy"); err != nil {
		return err
	}
	if err := ValidateRoutes(b.Routes); err != nil {
		return InField(field, err)
	}
	if err := b.validateCircle(); err != nil {
		return InField(field, err)
	}
	return b.validatePreset(field)
}

// ValidateAlone checks a bridge that is in no configuration yet; the field of the error begins with "bridge.".
func (b *Bridge) ValidateAlone() error {
	if err := ValidateID("bridge.id", b.ID); err != nil {
		return err
	}
	return validateBridge("bridge", *b)
}

// Validate names the field that is wrong.
func (p *BridgePace) Validate() error {
	if p.MessagesPerSecond < 0 || p.MessagesPerSecond > 1_000_000 {
		return FieldErrorf("messagesPerSecond", "%d is not between 0 (no cap) and 1,000,000", p.MessagesPerSecond)
	}
	if p.BytesPerSecond < 0 || p.BytesPerSecond > 1_000_000_000 {
		return FieldErrorf("bytesPerSecond", "%d is not between 0 (no cap) and 1,000,000,000", p.BytesPerSecond)
	}
	if p.LiveShare < 0 || p.LiveShare > mostLiveShare {
		return FieldErrorf("liveShare", "%d is not between 0 (one stream) and %d per cent: the rest is for the backlog", p.LiveShare, mostLiveShare)
	}
	return nil
}

func (s *BridgeStorage) validate() error {
	switch {
	case s.MaxBytes != 0 && s.MaxBytes < 1_000_000:
		return FieldErrorf("maxBytes", "%d is not at least 1,000,000 (1 MB), or 0 for the limit of the broker", s.MaxBytes)
	case s.MaxAge != 0 && (time.Duration(s.MaxAge) < time.Minute || time.Duration(s.MaxAge) > 10*365*24*time.Hour):
		return FieldErrorf("maxAge", "%s is not between 1m and ten years (87600h)", time.Duration(s.MaxAge))
	case s.FreeDisk < 0:
		return FieldErrorf("freeDisk", "%d is less than 0", s.FreeDisk)
	}
	thin := time.Duration(s.ThinOut)
	switch s.Overflow {
	case OverflowThinOut:
		if thin < time.Second || thin > 24*time.Hour {
			return FieldErrorf("thinOut", "%s is not between 1s and 24h: of each topic one message per interval is kept", thin)
		}
	case "", OverflowOldest, OverflowPriority:
		if thin != 0 {
			return FieldErrorf("thinOut", "an interval is for the policy %q only", OverflowThinOut)
		}
	default:
		return FieldErrorf("overflow", "%q is not %s, %s or %s", s.Overflow, OverflowOldest, OverflowPriority, OverflowThinOut)
	}
	return nil
}

// bridgeSchemes say which schemes of an address are secure.
var bridgeSchemes = map[string]bool{"mqtt": false, "mqtts": true, "ws": false, "wss": true}

// scheme is that of an address with a host, or empty.
func scheme(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return ""
	}
	return u.Scheme
}

// validate does not look at dates: that a certificate is over is a state, not a mistake of who configures.
func (t *BridgeTLS) validate(field string, secure bool) error {
	switch {
	case *t == BridgeTLS{}:
		return nil
	case !secure:
		return FieldErrorf(field, "TLS needs an address that begins with mqtts:// or wss://")
	case (t.Certificate == "") != (t.Key == ""):
		return FieldErrorf(field+".key", "certificate and key belong together: give both, or neither")
	case t.CA != "" && !x509.NewCertPool().AppendCertsFromPEM([]byte(t.CA)):
		return FieldErrorf(field+".ca", "there is no certificate in the text: it begins with -----BEGIN CERTIFICATE-----")
	case t.Pins != "" && t.PinnedKeys() == nil:
		return FieldErrorf(field+".pins", "a pin is the SHA-256 of a public key in Base64, 44 characters; put spaces between several")
	case len(t.ALPN) > 255:
		return FieldErrorf(field+".alpn", "the name of the protocol is longer than 255 bytes")
	case t.Certificate == "" || t.Key == Redacted:
		return nil
	}
	if _, err := tls.X509KeyPair([]byte(t.Certificate), []byte(t.Key.Reveal())); err != nil {
		return FieldErrorf(field+".certificate", "certificate and key cannot be used together: %w", err)
	}
	return nil
}

// PinnedKeys are the pins one by one; nil when one of them is none.
func (t *BridgeTLS) PinnedKeys() []string {
	var list []string
	for _, pin := range strings.Fields(t.Pins) {
		pin = strings.TrimPrefix(pin, "sha256/")
		if sum, err := base64.StdEncoding.DecodeString(pin); err != nil || len(sum) != 32 {
			return nil
		}
		list = append(list, pin)
	}
	return list
}

func (p *BridgeProxy) validate(field string) error {
	if *p == (BridgeProxy{}) {
		return nil
	}
	if s := scheme(p.URL); s != "http" && s != "socks5" {
		return FieldErrorf(field+".url", "%q is not the address of a proxy: use http://host:3128 or socks5://host:1080", p.URL)
	}
	if u, err := url.Parse(p.URL); err == nil && u.User != nil {
		return FieldErrorf(field+".url", "user name and password have their own fields")
	}
	if p.Username == "" && p.Password != "" {
		return FieldErrorf(field+".username", "a password needs a user name")
	}
	return nil
}

// ValidateRoutes checks routes alone; the field of the error begins with "routes[".
func ValidateRoutes(routes []Route) error {
	for i, route := range routes {
		if err := validateRoute(fmt.Sprintf("routes[%d]", i), route); err != nil {
			return err
		}
	}
	return nil
}

func validateRoute(field string, r Route) error {
	if r.Direction != Out && r.Direction != In {
		return FieldErrorf(field+".direction", "%q is not out or in", r.Direction)
	}
	if err := mqtt.ValidateFilter(r.Filter); err != nil {
		return FieldErrorf(field+".filter", "%w", err)
	}
	if group, _ := mqtt.SplitShare(r.Filter); group != "" && r.Direction == Out {
		return FieldErrorf(field+".filter", "a route out cannot be a shared subscription")
	}
	if r.Priority < 0 || r.Priority > 9 {
		return FieldErrorf(field+".priority", "%d is not between 0 and 9", r.Priority)
	}
	if r.QoS < 0 || r.QoS > 2 {
		return FieldErrorf(field+".qos", "QoS %d is not 0, 1 or 2", r.QoS)
	}
	if r.Prefix != "" {
		if err := mqtt.ValidateTopic(r.Prefix); err != nil {
			return FieldErrorf(field+".prefix", "%w", err)
		}
	}
	for i, exclude := range r.Exclude {
		if err := mqtt.ValidateFilter(exclude); err != nil {
			return FieldErrorf(fmt.Sprintf("%s.exclude[%d]", field, i), "%w", err)
		}
	}
	if err := r.Batch.validate(&r); err != nil {
		return InField(field+".batch", err)
	}
	switch r.Retain {
	case "", RetainKeep, RetainNever, RetainAlways:
	default:
		return FieldErrorf(field+".retain", "%q is not %s, %s or %s", r.Retain, RetainKeep, RetainNever, RetainAlways)
	}
	return r.validateTemplate(field + ".topic")
}

func (r *Route) validateTemplate(field string) error {
	if r.Topic == "" {
		return nil
	}
	if r.Prefix != "" {
		return FieldErrorf(field, "a route has a prefix or a template, not both")
	}
	_, filter := mqtt.SplitShare(r.Filter)
	place := strings.NewReplacer("{topic}", "x")
	if strings.HasSuffix(filter, "#") {
		place = strings.NewReplacer("{topic}", "x", "{#}", "x")
	}
	text := place.Replace(r.Topic)
	for i := range strings.Count(filter, "+") {
		text = strings.ReplaceAll(text, "{"+strconv.Itoa(i+1)+"}", "x")
	}
	if strings.ContainsAny(text, "{}") {
		return FieldErrorf(field, "%q has a place that the filter %q does not fill: use {topic}, {1} for the first +, {#} for the #",
			r.Topic, filter)
	}
	if err := mqtt.ValidateTopic(text); err != nil {
		return FieldErrorf(field, "%w", err)
	}
	return nil
}
