package broker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// maxAuthSteps bounds an exchange; SCRAM has two.
const maxAuthSteps = 16

// authenticate finds out whether the client is who it says, by CONNECT alone or by an exchange of AUTH (MQTT 5, 4.12).
// final is what CONNACK has to carry then. The whole takes no longer than the wait for CONNECT may.
func (c *conn) authenticate(ctx context.Context, login Login, request *packet.Connect) (final []byte, err error) {
	if request.AuthMethod == "" {
		c.client.Username, err = c.broker.access.Authenticate(ctx, login)
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, c.broker.limits.ConnectTimeout)
	defer cancel()
	exchange, err := c.broker.access.Begin(ctx, login, request.AuthMethod)
	if err != nil {
		return nil, err // [MQTT-4.12.0-1]
	}
	c.method = request.AuthMethod
	data := request.AuthData
	for range maxAuthSteps {
		answer, user, done, err := exchange.Step(ctx, data)
		switch {
		case err != nil:
			return nil, err // [MQTT-4.12.0-4]
		case done:
			c.client.Username = user
			return answer, nil
		}
		if err := c.send(c.auth(mqtt.ContinueAuthentication, answer)); err != nil {
			return nil, fmt.Errorf("%w: %w", errClosed, err)
		}
		if data, err = c.awaitAuth(); err != nil {
			return nil, err
		}
	}
	return nil, mqtt.NotAuthorized
}

// auth is the server's AUTH; all have the method of CONNECT [MQTT-4.12.0-2] [MQTT-4.12.0-5].
func (c *conn) auth(code mqtt.ReasonCode, data []byte) *packet.Auth {
	return &packet.Auth{Code: code, Method: c.method, Data: data}
}

// awaitAuth reads the client's answer. Before CONNACK it may send nothing else, but give up [MQTT-3.1.2-30].
func (c *conn) awaitAuth() ([]byte, error) {
	p, err := c.reader.Next()
	if _, broken := errors.AsType[*packet.Error](err); broken {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errClosed, err)
	}
	c.broker.received.Add(1)
	switch p := p.(type) {
	case *packet.Disconnect:
		return nil, errClosed
	case *packet.Auth:
		if p.Code == mqtt.ContinueAuthentication && p.Method == c.method { // [MQTT-4.12.0-3]
			return p.Data, nil
		}
	}
	return nil, mqtt.ProtocolError
}

// proof is an exchange of a client that is connected and authenticates again. It belongs to the reader.
type proof struct {
	exchange mqtt.Exchange
	steps    int
	// rules is how often they had changed at the beginning.
	rules uint64
	// limit ends the connection of a client that does not go on.
	limit *time.Timer
}

// reauthenticate handles AUTH while everything else goes on (MQTT 5, 4.12.1). The method stays what it was
// [MQTT-4.12.1-1]; a client that named none may not begin [MQTT-4.12.0-7].
func (c *conn) reauthenticate(ctx context.Context, p *packet.Auth) error {
	begins := p.Code == mqtt.ReAuthenticate
	if c.method == "" || p.Method != c.method || p.Code == mqtt.Success || begins != (c.proof == nil) {
		return mqtt.ProtocolError
	}
	ctx, cancel := context.WithTimeout(ctx, c.broker.limits.ConnectTimeout)
	defer cancel()
	if begins {
		if err := c.beginProof(ctx); err != nil {
			return unproved(err)
		}
	}
	answer, user, done, err := c.proof.exchange.Step(ctx, p.Data)
	c.proof.steps++
	switch {
	case err != nil:
		return unproved(err)
	case done:
		if c.broker.rules.Load() != c.proof.rules {
			return unproved(mqtt.ServerBusy) // it may not be true any more; see Recheck
		}
		c.endProof()
		if err := c.changeUser(ctx, user); err != nil {
			return err
		}
		c.queueControl(c.auth(mqtt.Success, answer))
		return nil
	case c.proof.steps == maxAuthSteps:
		return unproved(mqtt.NotAuthorized)
	}
	c.queueControl(c.auth(mqtt.ContinueAuthentication, answer))
	return nil
}

// unproved ends the connection [MQTT-4.12.1-2]. DISCONNECT has no word for most of what can be wrong.
func unproved(err error) error {
	return fmt.Errorf("authenticate again: %w: %w", mqtt.NotAuthorized, err)
}

func (c *conn) beginProof(ctx context.Context) error {
	rules := c.broker.rules.Load()
	exchange, err := c.broker.access.Begin(ctx, c.login, c.method)
	if err != nil {
		return err
	}
	late := func() { c.stop(unproved(context.DeadlineExceeded)) }
	c.proof = &proof{exchange: exchange, rules: rules, limit: time.AfterFunc(c.broker.limits.ConnectTimeout, late)}
	return nil
}

func (c *conn) endProof() {
	if c.proof != nil {
		c.proof.limit.Stop()
		c.proof = nil
	}
}

// changeUser takes over who the client turned out to be; it may have other rights now.
func (c *conn) changeUser(ctx context.Context, user string) error {
	if c.client.Username == user {
		return nil
	}
	s := c.session
	c.client.Username = user
	s.mu.Lock()
	s.client = c.client
	state, stored := s.stateLocked(), s.stored && !s.gone
	s.mu.Unlock()
	if stored {
		c.broker.commitSoon(&mqtt.Unit{Class: mqtt.Soon, Session: state}) // whose session it is from now on
	}
	return c.broker.dropForbidden(ctx, s)
}
