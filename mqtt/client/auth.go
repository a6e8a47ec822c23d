package client

import (
	"fmt"
	"net"

	"github.com/xdg-go/scram"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// scramMethod is the authentication method of Options.SCRAM, by its registered name.
const scramMethod = "SCRAM-SHA-256"

// proof is the client's side of an enhanced authentication (MQTT 5, 4.12).
type proof struct{ conversation *scram.ClientConversation }

func newProof(o *Options) (*proof, error) {
	c, err := scram.SHA256.NewClient(o.Username, o.Password, "")
	if err != nil {
		return nil, fmt.Errorf("user name and password for %s: %w", scramMethod, err)
	}
	return &proof{c.NewConversation()}, nil
}

// begin puts the first message into CONNECT, in the place of user name and password.
func (p *proof) begin(hello *packet.Connect) error {
	first, err := p.conversation.Step("")
	if err != nil {
		return fmt.Errorf("begin %s: %w", scramMethod, err)
	}
	hello.AuthMethod, hello.AuthData = scramMethod, []byte(first)
	hello.Username, hello.Password = nil, nil
	return nil
}

// answer is the packet that an AUTH of the server asks for. The method is always that of CONNECT [MQTT-4.12.0-5], the
// code "continue" [MQTT-4.12.0-3].
func (p *proof) answer(a *packet.Auth) (*packet.Auth, error) {
	if a.Code != mqtt.ContinueAuthentication || a.Method != scramMethod || p.conversation.Done() {
		return nil, fmt.Errorf("AUTH of %q with code 0x%02x: %w", a.Method, byte(a.Code), mqtt.ProtocolError)
	}
	next, err := p.conversation.Step(string(a.Data))
	if err != nil {
		return nil, fmt.Errorf("go on with %s: %w: %w", scramMethod, mqtt.NotAuthorized, err)
	}
	return &packet.Auth{Code: mqtt.ContinueAuthentication, Method: scramMethod, Data: []byte(next)}, nil
}

// finish looks at what CONNACK proves: the other side must know the password too.
func (p *proof) finish(connack *packet.Connack) error {
	if connack.AuthMethod != scramMethod {
		return fmt.Errorf("CONNACK of method %q: %w", connack.AuthMethod, mqtt.ProtocolError)
	}
	if !p.conversation.Done() {
		_, _ = p.conversation.Step(string(connack.AuthData)) // Valid says how it went
	}
	if !p.conversation.Valid() {
		return fmt.Errorf("the other broker does not prove that it knows the password: %w", mqtt.NotAuthorized)
	}
	return nil
}

// awaitConnack reads the answer to CONNECT, after the AUTHs of an enhanced authentication. A client that named no method
// sends none [MQTT-4.12.0-7].
func (p *proof) awaitConnack(conn net.Conn, reader *packet.Reader, o *Options) (packet.Packet, error) {
	for {
		got, err := reader.Next()
		asked, isAuth := got.(*packet.Auth)
		if err != nil || p == nil || !isAuth {
			return got, err
		}
		next, err := p.answer(asked)
		if err != nil {
			return nil, err
		}
		encoded, err := packet.Append(nil, packet.V5, next)
		if err != nil {
			return nil, fmt.Errorf("encode AUTH: %w", err)
		}
		if err := writeAll(conn, encoded, 2*o.Timeout); err != nil {
			return nil, fmt.Errorf("send AUTH: %w", err)
		}
	}
}
