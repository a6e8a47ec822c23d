package client_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/client"
	"github.com/tidegate/tidegate/mqtt/packet"
)

func TestConnectIntroducesItself(t *testing.T) {
	o, s := pipe(t, 5)
	o.Username, o.Password, o.SessionExpiry, o.ReceiveMaximum = "tim", "secret", mqtt.NeverExpires, 7
	got := make(chan *packet.Connect, 1)
	go func() {
		got <- expect[*packet.Connect](s)
		s.send(&packet.Connack{
			SessionPresent: true, ReceiveMaximum: 3, MaximumPacketSize: 1000, MaximumQoS: new(mqtt.AtLeastOnce),
			RetainUnavailable: true, SessionExpiry: new(uint32(60)), AssignedClientID: "other",
		})
	}()
	c, err := client.Connect(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	hello := <-got
	if hello.ClientID != "tide" || *hello.Username != "tim" || string(hello.Password) != "secret" ||
		hello.SessionExpiry != mqtt.NeverExpires || hello.ReceiveMaximum != 7 || hello.KeepAlive != 30 || hello.CleanStart {
		t.Errorf("CONNECT %+v", hello)
	}
	want := client.Announced{
		ReceiveMaximum: 3, MaximumPacketSize: 1000, MaximumQoS: 1, RetainUnavailable: true, SessionExpiry: 60,
		ClientID: "other", Version: 5,
	}
	if c.Announced() != want || !c.SessionPresent() {
		t.Errorf("announced %+v, session present %t", c.Announced(), c.SessionPresent())
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

func TestConnectRefusal(t *testing.T) {
	tests := []struct {
		name    string
		version int
		answer  []byte
		want    mqtt.ReasonCode
	}{
		{"3.1.1 bad password", 4, []byte{0x20, 2, 0, 4}, mqtt.BadUserNameOrPassword},
		{"5 not authorized", 5, []byte{0x20, 3, 0, 0x87, 0}, mqtt.NotAuthorized},
		{"5 refused by 5", 5, []byte{0x20, 3, 0, 0x84, 0}, mqtt.UnsupportedProtocolVersion},
		{"5 refused by a broker of 3.1.1", 5, []byte{0x20, 2, 0, 1}, mqtt.UnsupportedProtocolVersion},
		{"session present after clean start", 5, []byte{0x20, 3, 1, 0, 0}, mqtt.ProtocolError},
		{"garbage", 5, []byte{0xF0, 0xFF, 0xFF, 0xFF, 0xFF}, mqtt.MalformedPacket},
		{"something else", 4, []byte{0xD0, 0}, mqtt.ProtocolError},
		{"a length beyond all limits", 4, []byte{0x20, 0xFF, 0xFF, 0xFF, 0x7F}, mqtt.PacketTooLarge},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o, s := pipe(t, tt.version)
			o.CleanStart = true
			go func() {
				s.next()
				s.sendBytes(tt.answer)
			}()
			_, err := client.Connect(t.Context(), o)
			if code, ok := errors.AsType[mqtt.ReasonCode](err); !ok || code != tt.want {
				t.Errorf("error %v, want %v", err, tt.want)
			}
		})
	}
}

func TestConnectIsBounded(t *testing.T) {
	t.Run("silent server", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			o, s := pipe(t, 5)
			go s.next()
			begin := time.Now()
			if _, err := client.Connect(t.Context(), o); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("error %v", err)
			}
			if took := time.Since(begin); took != o.Timeout {
				t.Errorf("gave up after %s, want %s", took, o.Timeout)
			}
		})
	})
	t.Run("cancelled", func(t *testing.T) {
		o, s := pipe(t, 5)
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			s.next()
			cancel()
		}()
		if _, err := client.Connect(ctx, o); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("dialer's error is kept", func(t *testing.T) {
		o, _ := pipe(t, 5)
		want := &net.DNSError{Name: "cloud", IsNotFound: true}
		o.Dial = func(context.Context, string, string) (net.Conn, error) { return nil, want }
		if _, err := client.Connect(t.Context(), o); !errors.Is(err, error(want)) {
			t.Errorf("error %v", err)
		}
	})
}

func TestOptionsAreChecked(t *testing.T) {
	for name, o := range map[string]client.Options{
		"scheme":     {URL: "http://cloud"},
		"no host":    {URL: "mqtt://:1883"},
		"version":    {URL: "mqtt://cloud", Version: 3},
		"keep alive": {URL: "mqtt://cloud", KeepAlive: 24 * time.Hour},
	} {
		if _, err := client.Connect(t.Context(), o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestSilenceEndsConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, s := pipe(t, 5)
		o.KeepAlive = 10 * time.Second
		r := MustRun(t, o, s, &packet.Connack{})
		begin := time.Now()
		for range 5 { // answered pings keep it alive
			if p, ok := s.next().(*packet.Ping); !ok || p.Response {
				t.Fatal("no ping")
			}
			s.send(&packet.Ping{Response: true})
		}
		if alive := time.Since(begin); alive != 5*7500*time.Millisecond {
			t.Errorf("5 pings in %s", alive)
		}
		go s.swallow()
		if err := r.end(t); !errors.Is(err, mqtt.KeepAliveTimeout) {
			t.Errorf("ended with %v", err)
		}
		if took := time.Since(begin); took != (5*7500+15000)*time.Millisecond {
			t.Errorf("ended after %s", took)
		}
	})
}

func TestServerKeepAliveWins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, s := pipe(t, 5)
		begin := time.Now()
		r := MustRun(t, o, s, &packet.Connack{ServerKeepAlive: new(uint16(4))})
		s.next()
		if took := time.Since(begin); took != 3*time.Second {
			t.Errorf("first ping after %s", took)
		}
		r.stop()
		if _, ok := s.next().(*packet.Disconnect); !ok {
			t.Error("no DISCONNECT")
		}
		if err := r.end(t); err != nil {
			t.Error(err)
		}
	})
}

func TestDisconnectTellsWhy(t *testing.T) {
	o, s := pipe(t, 5)
	r := MustRun(t, o, s, &packet.Connack{})
	s.send(&packet.Disconnect{Code: mqtt.SessionTakenOver, ReasonString: "somebody else"})
	err := r.end(t)
	if !errors.Is(err, mqtt.SessionTakenOver) {
		t.Errorf("ended with %v", err)
	}
	if err := r.Send(t.Context(), newDelivery(1, 1, 0), &mqtt.Message{Topic: "a"}); !errors.Is(err, mqtt.SessionTakenOver) {
		t.Errorf("send on a connection that is over: %v", err)
	}
}
