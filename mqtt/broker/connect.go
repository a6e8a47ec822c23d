package broker

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/time/rate"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/inflight"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// connect reads CONNECT and answers it. An error ends the connection; what the client has to know was sent.
func (c *conn) connect(ctx context.Context) error {
	if err := c.net.SetDeadline(time.Now().Add(c.broker.limits.ConnectTimeout)); err != nil {
		return fmt.Errorf("set a deadline: %w", err)
	}
	if ctx.Err() != nil {
		return mqtt.ServerShuttingDown
	}
	p, err := c.reader.Next()
	c.version = c.reader.Version()
	if err != nil {
		c.countLimit(err)
		c.refuseUnread(err)
		return fmt.Errorf("read connect: %w", err)
	}
	c.broker.received.Add(1)
	request, isConnect := p.(*packet.Connect)
	if !isConnect {
		return fmt.Errorf("the first packet is %v: %w", p.Type(), mqtt.ProtocolError)
	}
	c.maxPacket, c.problemInfo = int(request.MaximumPacketSize), !request.NoProblemInfo
	ack, err := c.admit(ctx, request)
	if errors.Is(err, errClosed) {
		return fmt.Errorf("authenticate %q: %w", c.client.ID, err)
	}
	if err != nil {
		code, isCode := errors.AsType[mqtt.ReasonCode](err)
		if !isCode {
			code = mqtt.ServerUnavailable
		}
		c.refuse(code)
		return fmt.Errorf("refuse %q: %w", c.client.ID, err)
	}
	return c.send(ack)
}

// refuse sends a CONNACK that ends the connection [MQTT-3.2.2-7] [MQTT3-3.2.2-5].
func (c *conn) refuse(code mqtt.ReasonCode) {
	_ = c.send(&packet.Connack{Code: code, ReasonString: c.explain(code)})
}

// refuseUnread answers a CONNECT that cannot be accepted as it is. Before MQTT 5 only an unknown level gets an answer
// [MQTT3-3.1.2-2]; a foreign protocol [MQTT3-3.1.2-1] and what is malformed [MQTT3-3.1.4-1] get none.
func (c *conn) refuseUnread(err error) {
	broken, isBroken := errors.AsType[*packet.Error](err)
	switch {
	case !isBroken || c.version == 0:
	case c.version == packet.V5, broken.Code == mqtt.UnsupportedProtocolVersion && broken.Clause == "MQTT-3.1.2-2":
		c.refuse(broken.Code)
	}
}

// send writes one packet before the writer runs.
func (c *conn) send(p packet.Packet) error {
	data, err := c.appendAnswer(nil, p)
	if err != nil {
		return fmt.Errorf("encode %v: %w", p.Type(), err)
	}
	if err := c.net.SetWriteDeadline(time.Now().Add(c.broker.limits.ConnectTimeout)); err != nil {
		return fmt.Errorf("set a deadline: %w", err)
	}
	_, err = c.net.Write(data)
	c.broker.sent.Add(1)
	c.broker.bytesSent.Add(uint64(len(data)))
	return err
}

// admit checks who it is and opens the session.
func (c *conn) admit(ctx context.Context, request *packet.Connect) (*packet.Connack, error) {
	b := c.broker
	assigned, err := c.identify(request)
	if err != nil {
		return nil, err
	}
	login := Login{
		Client: c.client, HasPassword: request.Username != nil || request.Password != nil, Password: request.Password,
		Certificate: clientCertificate(c.net),
	}
	rules := b.rules.Load()
	final, err := c.authenticate(ctx, login, request)
	if err != nil {
		return nil, err
	}
	login.Password, login.HasPassword = nil, false
	c.login = login
	if request.Will != nil && c.tooDeep(request.Will.Message.Topic) {
		return nil, mqtt.TopicNameInvalid
	}
	if request.Will != nil && (strings.HasPrefix(request.Will.Message.Topic, "$") ||
		!b.access.MayPublish(c.client, request.Will.Message.Topic)) {
		return nil, mqtt.NotAuthorized
	}
	if !b.enter() {
		b.refused(LimitClients, c.client.Address)
		return nil, mqtt.ServerBusy
	}
	c.entered = true
	present, err := b.openSession(ctx, c, request)
	if err != nil {
		return nil, err
	}
	c.configure(request)
	if b.rules.Load() != rules {
		return nil, mqtt.ServerBusy // what let it in may not be true any more: it may ask again
	}
	ack := c.connack(request, assigned, present)
	ack.AuthMethod, ack.AuthData = c.method, final // [MQTT-4.12.0-5] [MQTT-4.12.0-6]
	return ack, nil
}

// crowded: no more sessions may be made.
func (b *Broker) crowded() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.sessions) >= b.limits.Sessions
}

// enter counts a client in, unless there are too many.
func (b *Broker) enter() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.clients >= b.limits.Clients {
		return false
	}
	b.clients++
	b.maxClients = max(b.maxClients, b.clients)
	b.connectsTotal.Add(1)
	return true
}

func (b *Broker) leave() {
	b.mu.Lock()
	b.clients--
	b.mu.Unlock()
}

// maxClientID bounds client identifiers in bytes; the standard asks for at least 23 [MQTT-3.1.3-5] [MQTT3-3.1.3-5].
// MQTT 3.1 allows no more than 23 characters.
const maxClientID, maxClientID31 = 1024, 23

// identify finds out who the client says it is, and gives it an identifier when it has none [MQTT-3.1.3-6].
func (c *conn) identify(request *packet.Connect) (assigned string, err error) {
	c.client.ID = request.ClientID
	if request.Username != nil {
		c.client.Username = *request.Username
	}
	switch {
	case strings.HasPrefix(request.ClientID, "$"), len(request.ClientID) > maxClientID,
		request.Version == packet.V31 && utf8.RuneCountInString(request.ClientID) > maxClientID31:
		return "", mqtt.ClientIdentifierNotValid // [MQTT-3.1.3-8] [MQTT3-3.1.3-9]
	case request.ClientID != "":
		return "", nil
	case request.Version == packet.V31, request.Version == packet.V311 && !request.CleanStart: // [MQTT3-3.1.3-8]
		return "", mqtt.ClientIdentifierNotValid
	}
	c.client.ID = "auto-" + rand.Text()
	return c.client.ID, nil
}

// configure takes over what CONNECT says about the connection.
func (c *conn) configure(request *packet.Connect) {
	limits := &c.broker.limits
	c.keepAlive = time.Duration(request.KeepAlive) * time.Second
	c.reader.SetMaxSize(limits.PacketSize)
	inbound := 0
	if c.version == packet.V5 {
		inbound = limits.ReceiveMaximum
		c.theirAliases = packet.NewReceivedAliases(uint16(limits.TopicAliases))
		c.ourAliases = packet.NewSentAliases(min(request.TopicAliasMaximum, uint16(limits.TopicAliases)))
		if c.keepAlive == 0 || c.keepAlive > limits.KeepAlive {
			c.keepAlive = limits.KeepAlive
		}
	}
	if limits.PublishRate > 0 {
		c.pace = rate.NewLimiter(rate.Limit(limits.PublishRate), limits.PublishRate)
	}
	c.in = inflight.NewInbound(inbound, c.link.wake)
	c.out = inflight.NewOutbound(c.link.inflight, c.link.wake)
}

// connack tells the client what it got.
func (c *conn) connack(request *packet.Connect, assigned string, present bool) *packet.Connack {
	limits := &c.broker.limits
	ack := &packet.Connack{
		SessionPresent: present && request.Version != packet.V31, AssignedClientID: assigned,
		ReceiveMaximum: uint16(limits.ReceiveMaximum), MaximumPacketSize: uint32(limits.PacketSize),
		TopicAliasMaximum: uint16(limits.TopicAliases),
	}
	if granted := min(request.SessionExpiry, limits.SessionExpiry); granted != request.SessionExpiry {
		ack.SessionExpiry = &granted
	}
	if asked := time.Duration(request.KeepAlive) * time.Second; c.keepAlive != asked {
		ack.ServerKeepAlive = new(uint16(c.keepAlive / time.Second)) // [MQTT-3.2.2-22]
	}
	if request.RequestResponse { // [MQTT-3.1.2-28]
		ack.ResponseInformation = c.responseTopic()
	}
	return ack
}

// responseTopic is where answers to this client may go; empty when it could not subscribe to that.
func (c *conn) responseTopic() string {
	topic := "response/" + c.client.ID
	if mqtt.ValidateTopic(topic) != nil || !c.broker.access.MaySubscribe(c.client, topic+"/#") {
		return ""
	}
	return topic
}

// openSession attaches the connection to its session: a new one, or the one that exists [MQTT-3.1.2-4] [MQTT-3.1.2-5].
// Another connection of the client ends first [MQTT-3.1.4-3].
func (b *Broker) openSession(ctx context.Context, c *conn, request *packet.Connect) (present bool, err error) {
	id := c.client.ID
	defer b.turns.take(id)()
	if err := ctx.Err(); err != nil {
		return false, mqtt.ServerShuttingDown
	}
	if b.belongsToAnother(id, c.client.Username) {
		return false, mqtt.ClientIdentifierNotValid
	}
	b.takeOver(id)
	old := b.lookup(id)
	if old != nil && old.isInternal() {
		return false, mqtt.ClientIdentifierNotValid
	}
	if old == nil && b.crowded() {
		b.refused(LimitSessions, c.client.Address)
		return false, mqtt.QuotaExceeded
	}
	expiry := min(request.SessionExpiry, b.limits.SessionExpiry)
	if request.Version != packet.V5 {
		expiry = b.limits.SessionExpiry
		if request.CleanStart {
			expiry = 0
		}
	}
	// A session of expiry 0 that is still known was only kept for its will.
	if old != nil && !request.CleanStart && !old.endedWithConnection() {
		return true, b.resume(ctx, c, old, expiry, request)
	}
	return false, b.begin(ctx, c, old, expiry, request)
}

// belongsToAnother: the session of a named user is for that user alone, with what is queued for it. One of a client without
// a name is for anybody, so that names can be given to clients that had none.
func (b *Broker) belongsToAnother(id, username string) bool {
	s := b.lookup(id)
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.client.Username != "" && s.client.Username != username
}

// takeOver ends the connection that a client still has, and waits for it.
func (b *Broker) takeOver(id string) {
	s := b.lookup(id)
	if s == nil {
		return
	}
	s.mu.Lock()
	earlier := s.conn
	s.mu.Unlock()
	if earlier != nil {
		earlier.stop(mqtt.SessionTakenOver)
		<-earlier.done
	}
}

func (s *session) isRestored() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.restored
}

func (s *session) isInternal() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.internal
}

func (s *session) endedWithConnection() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.expiry == 0
}

// begin starts with an empty session. What an earlier one still had goes, but its will is published.
func (b *Broker) begin(ctx context.Context, c *conn, old *session, expiry uint32, request *packet.Connect) error {
	wasStored := false
	var lost []mqtt.GivenUp
	if old != nil {
		wasStored = old.isStored()
		var will *mqtt.Will
		will, lost = b.forgetSession(old)
		b.unlist(old)
		// The will of a client that was cut off by our own stop is void when the client is back.
		if will != nil && !old.isRestored() {
			b.sendWill(ctx, old, will, &mqtt.Unit{Class: mqtt.Now})
		}
	}
	s := b.newSession(c.client.ID, expiry > 0)
	s.expiry = expiry
	s.will = willOf(request)
	s.client = c.client
	s.stored = s.durable || s.will != nil
	// Positions are never used again for this identifier, whatever is still on its way to the disk.
	b.order.Lock()
	s.lane.next = b.nextMessageID
	b.order.Unlock()
	unit := &mqtt.Unit{Class: mqtt.Now, Session: s.stateLocked(), SessionReset: true}
	if !s.stored {
		unit = &mqtt.Unit{Class: mqtt.Now, SessionRemove: s.id}
	}
	unit.GivenUp = lost
	switch {
	case s.durable || wasStored:
		// What takes the place of a session goes on also on a full disk.
		if err := b.admitSession(ctx, !wasStored); err != nil {
			return err
		}
		if err := b.commitAndWait(ctx, unit); err != nil {
			return fmt.Errorf("store the session: %w", err)
		}
	case s.stored:
		unit.Class = mqtt.Soon
		b.commitSoon(unit)
	}
	b.mu.Lock()
	b.sessions[s.id] = s
	b.mu.Unlock()
	c.enterSession(s, request)
	return nil
}

func (b *Broker) admitSession(ctx context.Context, isNew bool) error {
	if !isNew {
		return nil
	}
	if err := b.store.Admit(ctx, 256); err != nil {
		return fmt.Errorf("store the session: %w", err)
	}
	return nil
}

// resume goes on with a session.
func (b *Broker) resume(ctx context.Context, c *conn, s *session, expiry uint32, request *packet.Connect) error {
	s.mu.Lock()
	before, client := *s.stateLocked(), s.client
	s.expiry, s.will, s.disconnected = expiry, willOf(request), time.Time{}
	s.willAt, s.endsAt = time.Time{}, time.Time{}
	s.client = c.client
	unit := &mqtt.Unit{Class: mqtt.Now, Session: s.stateLocked()}
	s.mu.Unlock()
	if err := b.commitAndWait(ctx, unit); err != nil {
		s.mu.Lock()
		s.expiry, s.will, s.disconnected, s.client = before.Expiry, before.Will, before.Disconnected, client
		s.mu.Unlock()
		return fmt.Errorf("store the session: %w", err)
	}
	if err := b.dropForbidden(ctx, s); err != nil {
		// They have ended in memory, and are asked about again at the next CONNECT.
		c.log(slog.LevelWarn, "subscriptions that are not allowed any more are still stored", slog.Any("error", err))
	}
	c.enterSession(s, request)
	return nil
}

// enterSession attaches the connection; it takes as much without an answer as both sides allow.
func (c *conn) enterSession(s *session, request *packet.Connect) {
	c.session = s
	s.mu.Lock()
	s.conn, s.restored = c, false
	s.mu.Unlock()
	window := c.broker.limits.ReceiveMaximum
	if request.ReceiveMaximum > 0 {
		window = min(window, int(request.ReceiveMaximum))
	}
	c.link = s.attach(window, c.wake)
}

// willOf is the will of a CONNECT; its expiry counts from willEpoch until it is published.
func willOf(request *packet.Connect) *mqtt.Will {
	if request.Will == nil {
		return nil
	}
	will := *request.Will
	if request.WillExpiry != nil {
		will.Message.Expires = willEpoch.Add(time.Duration(*request.WillExpiry) * time.Second)
	}
	return &will
}
