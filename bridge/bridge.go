package bridge

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/client"
)

// Options are what a bridge needs beside its configuration.
type Options struct {
	// Session is the bridge's own, opened by the caller; it queues whether Run runs or not.
	Session mqtt.Session
	// GatewayName is part of the default client identifier.
	GatewayName string
	// Dial opens network connections; nil means a net.Dialer.
	Dial   func(ctx context.Context, network, address string) (net.Conn, error)
	Logger *slog.Logger
	// RootCAs replace the system's, for mqtts.
	RootCAs *x509.CertPool
	// Backoff paces attempts to connect; zero means 200 ms to 30 s.
	Backoff gateway.Backoff
	// Timeout bounds an attempt to connect; zero means 15 s.
	Timeout time.Duration
	// Circles is shared by all bridges of a gateway; nil means one of its own.
	Circles *Circles
	// Resolve finds the addresses of a name; nil asks the system.
	Resolve func(ctx context.Context, host string) ([]string, error)
	// Zone is the time zone of the hours of a schedule; nil means that of the machine. It must not wait.
	Zone func() *time.Location
}

// Bridge is one bridge as it is configured; another configuration is another Bridge on the same session.
type Bridge struct {
	config  gateway.Bridge
	preset  gateway.BridgePreset
	options Options
	logger  *slog.Logger
	session mqtt.Session
	// version is the protocol of the next attempt; only Run uses it.
	version int
	// wasUp: the last attempt had a connection; only Run uses it.
	wasUp bool
	pacer *pacer // forward's
	// chosen is which of the servers, turn which of its addresses is next; only Run changes them, between connections.
	chosen, turn int
	// forced: Flush wants a connection although the settings do not; as chosen.
	forced bool
	echo   echo
	// moved is where the other broker sent us, empty for nowhere; movedForGood until the settings change. referred is how
	// often that was without anything being sent. Run's.
	moved        string
	movedForGood bool
	referred     int
	blame        blame
	// tokenEnds is when that of the present connection does; zero for never. Only Run uses it.
	tokenEnds time.Time
	// flush has a token when somebody wants the next attempt now.
	flush  chan struct{}
	status status
}

// defaultWindow is for brokers of MQTT 5 that take any number of messages at once: more does not make it faster.
const defaultWindow = 1000

// defaultKeepAlive is what a keep-alive of zero means.
const defaultKeepAlive = 30 * time.Second

// New makes a bridge; Run makes it work.
func New(config gateway.Bridge, options Options) *Bridge {
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	if options.Dial == nil {
		options.Dial = (&net.Dialer{}).DialContext
	}
	if options.Circles == nil {
		options.Circles = NewCircles()
	}
	if options.Resolve == nil {
		options.Resolve = net.DefaultResolver.LookupHost
	}
	if options.Backoff == (gateway.Backoff{}) {
		options.Backoff = gateway.Backoff{Min: 200 * time.Millisecond, Max: 30 * time.Second}
	}
	if most := time.Duration(config.Link.RetryMax); most > 0 {
		options.Backoff.Min, options.Backoff.Max = min(options.Backoff.Min, most), most
	}
	if config.ClientID == "" {
		config.ClientID = "tidegate-" + options.GatewayName + "-" + config.ID
	}
	if config.KeepAlive == 0 {
		config.KeepAlive = gateway.Duration(defaultKeepAlive)
	}
	config = config.WithPreset()
	b := &Bridge{
		config: config, preset: gateway.PresetOf(&config), options: options, session: options.Session, version: config.Version,
		logger: options.Logger.With("bridge", config.ID), pacer: newPacer(config.Pace), flush: make(chan struct{}, 1),
	}
	if b.version == 0 {
		b.version = 5
	}
	if len(wanted(config.Routes, gateway.In)) > 0 {
		options.Circles.expected.Store(true)
	}
	b.status.set(gateway.StateStarting, "")
	b.status.count(func(s *gateway.BridgeStatus) { s.CertificateEnds = ownEnd(&config.TLS) })
	return b
}

// Status is how the bridge is doing, at any time and without waiting. Of the backlog it knows the size only; see Meter.
func (b *Bridge) Status() gateway.BridgeStatus {
	s := b.status.get()
	s.ID = b.config.ID
	queue := b.session.Queue()
	s.Backlog = gateway.Backlog{
		Messages: queue.Messages, Bytes: queue.Bytes, Urgent: queue.Priority, Parked: queue.Parked, Dropped: queue.Dropped, GivenUp: []gateway.GivenUpCount{},
	}
	return s
}

// Run keeps the bridge up until ctx ends, which is its only end: everything else is a status and another attempt.
func (b *Bridge) Run(ctx context.Context) error {
	backoff := b.options.Backoff
	for ctx.Err() == nil {
		if b.config.Paused {
			b.stayPaused(ctx, &backoff)
			continue
		}
		b.awaitStart(ctx, &backoff)
		begin, before := time.Now(), b.status.get().Forwarded
		err := b.attempt(ctx)
		if ctx.Err() != nil {
			break
		}
		if b.goOnAtOnce(err) || errors.Is(err, errRenew) || errors.Is(err, errCleared) {
			backoff.Reset()
			continue
		}
		sent := b.status.get().Forwarded > before
		if sent || time.Since(begin) > settledIn {
			b.referred = 0
		}
		if !asksForPatience(err) && (sent || time.Since(begin) > backoff.Max) {
			backoff.Reset()
		}
		failed := b.server()
		b.downAt(failed, b.chooseServer(err))
		wait := backoff.Next()
		b.status.willTry(time.Now().Add(wait))
		if b.pause(ctx, wait) {
			backoff.Reset()
		}
	}
	return nil //nolint:nilerr // the end of ctx is no failure
}

// goOnAtOnce is for ends that are no failures.
func (b *Bridge) goOnAtOnce(err error) bool {
	switch {
	case errors.Is(err, errDone):
		b.forced = false
		select {
		case <-b.flush: // what somebody wanted is done
		default:
		}
		b.logger.Info("bridge is disconnected, as its settings say", "reason", idleReason(err))
		return true
	case errors.Is(err, errReturn):
		b.chosen = 0
		b.logger.Info("bridge goes back to its first broker")
		return true
	}
	return b.fallBack(err)
}

// asksForPatience is for ends that would only come again: somebody else has our client id, or a quota is used up.
func asksForPatience(err error) bool {
	return errors.Is(err, mqtt.SessionTakenOver) || isForNow(err) || errors.Is(err, mqtt.MessageRateTooHigh) ||
		errors.Is(err, mqtt.ConnectionRateExceeded)
}

// attempt is one connection from its beginning to its end.
func (b *Bridge) attempt(ctx context.Context) error {
	b.wasUp = false
	if err := b.SubscribeLocally(ctx); err != nil {
		return err
	}
	b.status.begin(b.server())
	link := b.session.Attach()
	defer link.Detach()
	u, err := b.connect(ctx)
	if err != nil {
		return err
	}
	b.wasUp = true
	b.up(u)
	err = u.run(ctx, link)
	b.blame.learn(err, u.client.Unfinished(), u.last, u.careful)
	return err
}

// SubscribeLocally makes the session's subscriptions those of the routes, and returns when that is on disk: from then on
// everything that the routes want is queued, whether Run runs or not. New ones come before old ones go, so that nothing
// falls between. Run does it again, so a failure here only delays it.
func (b *Bridge) SubscribeLocally(ctx context.Context) error {
	subscribe, unsubscribe := difference(b.session.Subscriptions(), wanted(b.config.Routes, gateway.Out))
	if len(subscribe) > 0 {
		if err := b.session.Subscribe(ctx, subscribe...); err != nil {
			return fmt.Errorf("subscribe locally: %w", err)
		}
	}
	if len(unsubscribe) > 0 {
		if err := b.session.Unsubscribe(ctx, unsubscribe...); err != nil {
			return fmt.Errorf("unsubscribe locally: %w", err)
		}
	}
	return nil
}

// fallBack changes to the other version when the broker does not know this one and the user left it open; true means to
// try that at once. After 3.1.1 was refused too there is a pause.
func (b *Bridge) fallBack(err error) bool {
	if b.config.Version != 0 || !errors.Is(err, mqtt.UnsupportedProtocolVersion) {
		return false
	}
	b.version = 9 - b.version // 4 and 5
	b.logger.Info("the other broker refuses this version of MQTT", "next", b.version)
	return b.version == 4
}

func (b *Bridge) up(u *upstream) {
	b.status.connected()
	b.status.count(func(s *gateway.BridgeStatus) { s.Connects++ })
	if b.status.set(gateway.StateUp, "") {
		a := u.client.Announced()
		b.logger.Info("bridge is up", "version", a.Version, "sessionPresent", u.client.SessionPresent(),
			"receiveMaximum", a.ReceiveMaximum)
	}
}

func (b *Bridge) down(err error) { b.downAt(b.server(), err) }

// downAt is down for a server that is perhaps not the next one.
func (b *Bridge) downAt(server string, err error) {
	text, state := reason(server, err), gateway.StateDown
	if errors.Is(err, errSilent) || errors.Is(err, errNoEcho) {
		state = gateway.StateStalled
	}
	if b.status.set(state, text) {
		b.logger.Warn("bridge is down", "reason", text, "error", err)
	}
}

// pause waits for the next attempt; true means that somebody wants it now.
func (b *Bridge) pause(ctx context.Context, d time.Duration) (now bool) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	case <-b.flush:
		return true
	}
	return false
}

// Flush ends a pause between two attempts. It never blocks.
func (b *Bridge) Flush() {
	select {
	case b.flush <- struct{}{}:
	default:
	}
}

// pausedReason says what to do about it.
const pausedReason = "paused: it goes on queueing and sends nothing until it is resumed"

// stayPaused keeps queueing until ctx ends: another configuration is another Bridge.
func (b *Bridge) stayPaused(ctx context.Context, backoff *gateway.Backoff) {
	if err := b.SubscribeLocally(ctx); err != nil {
		b.down(err)
		b.pause(ctx, backoff.Next())
		return
	}
	b.status.set(gateway.StatePaused, pausedReason)
	<-ctx.Done()
}

// unannounced is how many messages at QoS 2 a broker takes that does not say so. Mosquitto 2.0.11 queues what exceeds its
// max_inflight_messages (20) without a word, and has forgotten it when the connection breaks, PUBREC or not.
const unannounced = 20

// window is how many messages may be unacknowledged; 0 leaves it to what the other broker announces.
func (b *Bridge) window() int {
	window := b.config.Window
	if b.blame.isCareful() {
		return 1
	}
	if b.version == 5 {
		return cmp.Or(window, defaultWindow)
	}
	for _, r := range b.config.Routes {
		if r.Direction == gateway.Out && r.QoS == int(mqtt.ExactlyOnce) {
			return min(window, unannounced)
		}
	}
	return window
}

// dial connects with clean start or without.
func (b *Bridge) dial(ctx context.Context, clean bool) (*client.Client, error) {
	o, err := b.connectOptions()
	if err != nil {
		return nil, err
	}
	u := &incoming{bridge: b}
	o.CleanStart, o.Receive, o.Release = clean, u.receive, u.release
	if o.Dial, err = b.dialer(); err != nil {
		return nil, err
	}
	return client.Connect(ctx, o)
}

// connectOptions are those of every connection: to whom and as whom, with a token of now.
func (b *Bridge) connectOptions() (client.Options, error) {
	secret, ends, err := password(&b.config, time.Now())
	if err != nil {
		return client.Options{}, err
	}
	b.proves(ends)
	o := client.Options{
		URL: b.server(), ClientID: b.config.ClientID, Username: b.config.Username, Password: secret,
		Version: b.version, SessionExpiry: mqtt.NeverExpires,
		KeepAlive: time.Duration(b.config.KeepAlive), Timeout: b.options.Timeout, Window: b.window(),
		RootCAs: b.options.RootCAs,
	}
	return o, identify(&o, b.config.TLS)
}

// dialer opens network connections as the settings say.
func (b *Bridge) dialer() (dialer, error) {
	return throughProxy(b.config.Proxy, b.everyAddress(b.direct()))
}

// direct dials one address, by the interface of the settings.
func (b *Bridge) direct() dialer {
	if b.config.Link.Interface != "" {
		return fromInterface(b.config.Link.Interface)
	}
	return b.options.Dial
}

// ackTimeout is how long nothing may be acknowledged while something is in flight.
func (b *Bridge) ackTimeout() time.Duration {
	return cmp.Or(time.Duration(b.config.Link.AckTimeout), 2*time.Duration(b.config.KeepAlive))
}

// defaultTimeout bounds an attempt to connect.
const defaultTimeout = 15 * time.Second
