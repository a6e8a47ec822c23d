package client_test

import (
	"errors"
	"testing"

	"github.com/xdg-go/scram"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/client"
	"github.com/tidegate/tidegate/mqtt/packet"
)

const scramMethod = "SCRAM-SHA-256"

// MustScramServer knows the user tim with the password right.
func MustScramServer(tb testing.TB) *scram.ServerConversation {
	tb.Helper()
	known, err := scram.SHA256.NewClient("tim", "right", "")
	if err != nil {
		tb.Fatal(err)
	}
	stored, err := known.GetStoredCredentialsWithError(scram.KeyFactors{Salt: "salt of the test", Iters: 4096})
	if err != nil {
		tb.Fatal(err)
	}
	server, err := scram.SHA256.NewServer(func(string) (scram.StoredCredentials, error) { return stored, nil })
	if err != nil {
		tb.Fatal(err)
	}
	return server.NewConversation()
}

// challenge plays the server up to what CONNACK has to carry.
func (s *server) challenge(conversation *scram.ServerConversation) []byte {
	s.tb.Helper()
	hello := expect[*packet.Connect](s)
	if hello.AuthMethod != scramMethod || hello.Password != nil || hello.Username != nil {
		s.tb.Errorf("CONNECT %+v", hello)
	}
	first, err := conversation.Step(string(hello.AuthData))
	if err != nil {
		s.tb.Error(err)
	}
	s.send(&packet.Auth{Code: mqtt.ContinueAuthentication, Method: scramMethod, Data: []byte(first)})
	// Nothing but AUTH comes before CONNACK [MQTT-3.1.2-30], with code and method [MQTT-4.12.0-3] [MQTT-4.12.0-5].
	answer := expect[*packet.Auth](s)
	if answer.Code != mqtt.ContinueAuthentication || answer.Method != scramMethod {
		s.tb.Errorf("AUTH %+v", answer)
	}
	final, err := conversation.Step(string(answer.Data))
	if err != nil {
		s.tb.Log(err)
	}
	return []byte(final)
}

func TestSCRAM(t *testing.T) {
	liar := func([]byte) *packet.Connack {
		return &packet.Connack{AuthMethod: scramMethod, AuthData: []byte("v=bm90aGluZw==")}
	}
	tests := []struct {
		name, password string
		connack        func(final []byte) *packet.Connack
		want           error
	}{
		{"both know the password", "right", func(final []byte) *packet.Connack {
			return &packet.Connack{AuthMethod: scramMethod, AuthData: final}
		}, nil},
		{"wrong password", "wrong", func([]byte) *packet.Connack { return &packet.Connack{Code: mqtt.NotAuthorized} }, mqtt.NotAuthorized},
		{"a server that does not know it", "right", liar, mqtt.NotAuthorized},
		{"a server that proves nothing", "right", func([]byte) *packet.Connack {
			return &packet.Connack{AuthMethod: scramMethod}
		}, mqtt.NotAuthorized},
		{"another method", "right", func(final []byte) *packet.Connack {
			return &packet.Connack{AuthMethod: "other", AuthData: final}
		}, mqtt.ProtocolError},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o, s := pipe(t, 5)
			o.Username, o.Password, o.SCRAM = "tim", tt.password, true
			conversation := MustScramServer(t)
			go func() { s.send(tt.connack(s.challenge(conversation))) }()
			c, err := client.Connect(t.Context(), o)
			if !errors.Is(err, tt.want) {
				t.Fatalf("error %v, want %v", err, tt.want)
			}
			if err == nil {
				_ = c.Close()
			}
		})
	}
}

func TestSCRAMNeedsMQTT5(t *testing.T) {
	o, _ := pipe(t, 4)
	o.SCRAM = true
	if _, err := client.Connect(t.Context(), o); err == nil {
		t.Error("accepted")
	}
}

// TestAuthenticationThatNobodyAskedFor [MQTT-4.12.0-6] [MQTT-4.12.0-7].
func TestAuthenticationThatNobodyAskedFor(t *testing.T) {
	for name, wrong := range map[string]packet.Packet{
		"AUTH":    &packet.Auth{Code: mqtt.ContinueAuthentication, Method: scramMethod},
		"CONNACK": &packet.Connack{AuthMethod: scramMethod},
	} {
		t.Run(name, func(t *testing.T) {
			o, s := pipe(t, 5)
			go func() {
				s.next()
				s.send(wrong)
			}()
			if _, err := client.Connect(t.Context(), o); !errors.Is(err, mqtt.ProtocolError) {
				t.Errorf("error %v", err)
			}
		})
	}
}
