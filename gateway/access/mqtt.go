package access

import (
	"context"
	"net/netip"
	"strings"

	"github.com/tidegate/tidegate/mqtt"
)

// Authenticate lets MQTT clients of this machine in without a password, and nobody else: people's passwords are for the
// page alone, and there are no accounts of clients yet. It implements the broker's Access.
func (a *Access) Authenticate(_ context.Context, login mqtt.Login) error {
	switch {
	case login.HasPassword || login.Username != "":
		return mqtt.BadUserNameOrPassword
	case !isLocal(login.Address):
		return mqtt.NotAuthorized
	}
	return nil
}

// Begin offers no enhanced authentication. It implements the broker's Access.
func (a *Access) Begin(context.Context, mqtt.Login, string) (mqtt.Exchange, error) {
	return nil, mqtt.BadAuthenticationMethod
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

// MayPublish keeps $ topics for the broker itself.
func (a *Access) MayPublish(_ mqtt.Client, topic string) bool { return !strings.HasPrefix(topic, "$") }

// MaySubscribe gives everything but $ topics other than $SYS. Wildcards at the start do not match these [MQTT-4.7.2-1].
func (a *Access) MaySubscribe(_ mqtt.Client, filter string) bool {
	_, topic := mqtt.SplitShare(filter)
	return !strings.HasPrefix(topic, "$") || topic == "$SYS" || strings.HasPrefix(topic, "$SYS/")
}
