package access_test

import (
	"errors"
	"testing"

	"github.com/tidegate/tidegate/mqtt"
)

func TestMQTTIsForThisMachineOnly(t *testing.T) {
	a, _ := mustSetUp(t, newStore())
	for _, c := range []struct {
		address, username string
		hasPassword       bool
		want              error
	}{
		{"127.0.0.1", "", false, nil},
		{"127.8.9.1", "", false, nil},
		{"::1", "", false, nil},
		{"::ffff:127.0.0.1", "", false, nil},
		{"unix", "", false, nil},
		{"192.168.1.7", "", false, mqtt.NotAuthorized},
		{"::ffff:192.168.1.7", "", false, mqtt.NotAuthorized},
		{"localhost.evil.example", "", false, mqtt.NotAuthorized},
		{"", "", false, mqtt.NotAuthorized},
		{"127.0.0.1", "alice", true, mqtt.BadUserNameOrPassword},
		{"127.0.0.1", "alice", false, mqtt.BadUserNameOrPassword},
		{"127.0.0.1", "", true, mqtt.BadUserNameOrPassword},
	} {
		login := mqtt.Login{Client: mqtt.Client{Address: c.address, Username: c.username}, HasPassword: c.hasPassword, Password: []byte(password)}
		if _, err := a.Authenticate(t.Context(), login); !errors.Is(err, c.want) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestTopics(t *testing.T) {
	a, _ := mustSetUp(t, newStore())
	client := mqtt.Client{Listener: "local"}
	for topic, may := range map[string]bool{"a/b": true, "/a": true, "$SYS/x": false, "$bridge/cloud": false, "$": false} {
		if a.MayPublish(client, topic) != may {
			t.Errorf("publish %s: %v", topic, !may)
		}
	}
	for filter, may := range map[string]bool{
		"#": true, "a/+": true, "+/x": true, "$SYS/#": true, "$share/g/a/#": true, "$share/g/$SYS/#": true,
		"$bridge/#": false, "$share/g/$bridge/#": false, "$SYSTEM/x": false, "$CONTROL/#": false,
	} {
		if a.MaySubscribe(client, filter) != may {
			t.Errorf("subscribe %s: %v", filter, !may)
		}
	}
}
