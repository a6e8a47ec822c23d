package access

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/xdg-go/scram"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
)

// scramMethod is the one method of enhanced authentication (MQTT 5, 4.12; RFC 7677).
const scramMethod = "SCRAM-SHA-256"

// scramIterations is what RFC 7677 section 4 recommends; the client computes it for each log-in, and may be small.
const scramIterations = 15_000

// scramKeys are what the server needs for a password; empty when the password cannot be prepared as RFC 4013 wants it:
// then no client can use the method with it.
func scramKeys(name, password string) string {
	client, err := scram.SHA256.NewClient(name, password, "")
	if err != nil {
		return ""
	}
	keys, err := client.GetStoredCredentialsWithError(scram.KeyFactors{Salt: string(salt()), Iters: scramIterations})
	if err != nil {
		return ""
	}
	b64 := base64.StdEncoding
	return fmt.Sprintf("%s$%d:%s$%s:%s", scramMethod, keys.Iters, b64.EncodeToString([]byte(keys.Salt)),
		b64.EncodeToString(keys.StoredKey), b64.EncodeToString(keys.ServerKey))
}

// parseScramKeys reads what scramKeys made; false for anything else.
func parseScramKeys(text string) (keys scram.StoredCredentials, ok bool) {
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == '$' || r == ':' })
	if len(parts) != 5 || parts[0] != scramMethod {
		return keys, false
	}
	if _, err := fmt.Sscanf(parts[1], "%d", &keys.Iters); err != nil || keys.Iters < 4096 {
		return keys, false
	}
	var decoded [3][]byte
	for i := range decoded {
		var err error
		if decoded[i], err = base64.StdEncoding.DecodeString(parts[2+i]); err != nil || len(decoded[i]) < 8 {
			return keys, false
		}
	}
	keys.Salt, keys.StoredKey, keys.ServerKey = string(decoded[0]), decoded[1], decoded[2]
	return keys, len(keys.StoredKey) == sha256.Size
}

// noKeys are those of a name that has none: the same at every attempt, also after a restart, and right for no password,
// so that a stranger cannot ask which names exist.
func (a *Access) noKeys(name string) scram.StoredCredentials {
	part := func(what string) []byte {
		mac := hmac.New(sha256.New, a.nameKey)
		mac.Write([]byte(what + "\x00" + name))
		return mac.Sum(nil)
	}
	return scram.StoredCredentials{
		KeyFactors: scram.KeyFactors{Salt: string(part("salt")[:saltSize]), Iters: scramIterations},
		StoredKey:  part("stored"), ServerKey: part("server"),
	}
}

// Begin starts an enhanced authentication. BadAuthenticationMethod: there is only SCRAM-SHA-256.
func (a *Access) Begin(_ context.Context, login mqtt.Login, method string) (mqtt.Exchange, error) {
	if method != scramMethod {
		return nil, mqtt.BadAuthenticationMethod // [MQTT-4.12.0-1]
	}
	x := &exchange{access: a, login: login}
	server, err := scram.SHA256.NewServer(x.keys)
	if err != nil {
		return nil, fmt.Errorf("begin %s: %w", scramMethod, err)
	}
	x.conversation = server.NewConversation()
	return x, nil
}

// exchange is one conversation of SCRAM. Attempts count like those with a password.
type exchange struct {
	access       *Access
	login        mqtt.Login
	conversation *scram.ServerConversation
	account      gateway.Account
}

var _ mqtt.Exchange = (*exchange)(nil)

// keys is asked once, with the first message.
func (x *exchange) keys(name string) (scram.StoredCredentials, error) {
	account, known := x.access.account(name)
	if keys, has := parseScramKeys(account.Scram); known && has && account.MQTT != nil {
		x.account = account
		return keys, nil
	}
	return x.access.noKeys(name), nil
}

// Step answers a message of the client; see mqtt.Exchange. The error is NotAuthorized, or ConnectionRateExceeded after 10
// wrong attempts in a minute from one address.
func (x *exchange) Step(ctx context.Context, data []byte) (answer []byte, user string, done bool, err error) {
	a, address := x.access, x.login.Address
	if !a.clients.open(address) {
		return nil, "", false, mqtt.ConnectionRateExceeded
	}
	text, err := x.conversation.Step(string(data))
	if err == nil && !x.conversation.Done() && x.isOneName() {
		return []byte(text), "", false, nil
	}
	if !a.clients.take(address) {
		return nil, "", false, mqtt.ConnectionRateExceeded
	}
	if err != nil || !x.proved() {
		a.logger.WarnContext(ctx, "MQTT log-in refused", "user", shortened(x.conversation.Username()),
			"client", shortened(x.login.ID), "address", address)
		return nil, "", false, mqtt.NotAuthorized
	}
	a.clients.giveBack(address)
	return []byte(text), x.account.Name, true, nil
}

// isOneName: nobody acts for somebody else, and a user name of CONNECT is the same.
func (x *exchange) isOneName() bool {
	name, other := x.conversation.Username(), x.conversation.AuthzID()
	return (other == "" || other == name) && (x.login.Username == "" || x.login.Username == name)
}

// proved: the account counts as it is now, at the end.
func (x *exchange) proved() bool {
	now, known := x.access.account(x.account.Name)
	return x.conversation.Valid() && known && now.Scram == x.account.Scram && now.MQTT != nil && !now.Disabled
}
