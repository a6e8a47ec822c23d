package access

import (
	"context"
	"errors"
	"net/netip"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
)

// Authenticate checks who an MQTT client is, and gives the user name that counts from now on: that of its certificate
// where the listener goes by certificates, that of CONNECT with the right password, or none where the listener lets
// clients in that have no name. It implements the broker's Access.
//
// The error is BadUserNameOrPassword, NotAuthorized, ConnectionRateExceeded after 10 wrong attempts in a minute from one
// address, or ServerBusy when too many passwords wait to be checked.
func (a *Access) Authenticate(ctx context.Context, login mqtt.Login) (user string, err error) {
	listener := a.listenerOf(login.Client)
	switch {
	case listener.CertificateUser && login.Certificate != nil:
		return a.byCertificate(login)
	case login.HasPassword || login.Username != "":
		return login.Username, a.byPassword(ctx, login)
	case !listener.Anonymous:
		return "", mqtt.NotAuthorized
	}
	return "", nil
}

// listenerOf are the rules of the listener that a client came through. The gateway's own listeners let clients without a
// name in only from this machine, whatever address the start-up file gives them.
func (a *Access) listenerOf(client mqtt.Client) gateway.Listener {
	r := a.rights.Load()
	listener := r.listeners[client.Listener]
	switch client.Listener {
	case gateway.LocalListener, gateway.SocketListener:
		listener.Anonymous = listener.Anonymous && isLocal(client.Address)
	case "":
		listener.Anonymous = !r.told && isLocal(client.Address)
	}
	return listener
}

// localSocket is the address of clients that come over the unix socket, which only the owner of the gateway can open.
const localSocket = "unix"

// isLocal does not take an empty address for one of this machine: whoever could not be told apart is a stranger.
func isLocal(address string) bool {
	if address == localSocket {
		return true
	}
	ip, err := netip.ParseAddr(address)
	return err == nil && ip.Unmap().IsLoopback()
}

// byCertificate goes by the common name. A password is not looked at, but another user name is an error.
func (a *Access) byCertificate(login mqtt.Login) (user string, err error) {
	name := login.Certificate.Subject.CommonName
	if login.Username != "" && login.Username != name {
		return "", mqtt.BadUserNameOrPassword
	}
	account, known := a.account(name)
	if !known || name == "" || account.MQTT == nil || account.Disabled {
		return "", mqtt.NotAuthorized
	}
	return name, nil
}

// byPassword treats people without the right to use MQTT like names that do not exist: their passwords are not tried
// here.
func (a *Access) byPassword(ctx context.Context, login mqtt.Login) error {
	account, known := a.account(login.Username)
	if !known || account.MQTT == nil {
		account = gateway.Account{}
	}
	password := string(login.Password)
	if !a.remembers(account, password) {
		right, err := a.evaluate(ctx, a.clients, login.Address, account, password)
		switch {
		case err != nil:
			return a.codeOf(ctx, login.Client, err)
		case !right:
			a.logger.WarnContext(ctx, "MQTT log-in refused", "user", shortened(login.Username),
				"client", shortened(login.ID), "address", login.Address)
			return mqtt.BadUserNameOrPassword
		}
	}
	if account.Disabled {
		return mqtt.NotAuthorized
	}
	return nil
}

// codeOf is what a client is told when its password was not checked.
func (a *Access) codeOf(ctx context.Context, client mqtt.Client, err error) error {
	switch {
	case gateway.CodeOf(err) == gateway.TooMany:
		return mqtt.ConnectionRateExceeded
	case gateway.CodeOf(err) == gateway.Unavailable:
		return mqtt.ServerBusy
	case !errors.Is(err, context.Canceled):
		a.logger.ErrorContext(ctx, "a password cannot be checked", "user", shortened(client.Username), "error", err)
	}
	return mqtt.ServerUnavailable
}
