package client_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/client"
)

// TestWebSocket: the sub-protocol is offered [MQTT-6.0.0-3] [MQTT3-6.0.0-3], what is sent is binary, frames need not begin
// with packets [MQTT-6.0.0-2] [MQTT3-6.0.0-2], and text ends the connection [MQTT-6.0.0-1] [MQTT3-6.0.0-1].
func TestWebSocket(t *testing.T) {
	t.Parallel()
	goOn := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if offered := r.Header.Get("Sec-WebSocket-Protocol"); offered != "mqtt" {
			t.Errorf("the client offers %q", offered)
		}
		socket, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"mqtt"}})
		if err != nil {
			t.Error(err)
			return
		}
		defer socket.CloseNow()
		ctx, cancel := context.WithTimeout(r.Context(), 10*time.Second)
		defer cancel()
		kind, hello, err := socket.Read(ctx)
		if err != nil || kind != websocket.MessageBinary || len(hello) == 0 || hello[0] != 0x10 {
			t.Errorf("got a %v frame with % x, %v, want CONNECT", kind, hello, err)
		}
		// CONNACK and PUBLISH, cut where it hurts.
		for _, frame := range []string{"\x20", "\x03\x00\x00\x00\x30", "\x05\x00\x01t", "\x00x"} {
			if err := socket.Write(ctx, websocket.MessageBinary, []byte(frame)); err != nil {
				t.Error(err)
			}
		}
		<-goOn
		_ = socket.Write(ctx, websocket.MessageText, []byte("\xd0\x00"))
		_, _, _ = socket.Read(ctx) // until the client closes
	}))
	defer server.Close()
	got, take := received()
	c, err := client.Connect(t.Context(), client.Options{URL: strings.Replace(server.URL, "http", "ws", 1), ClientID: "tide", Receive: take})
	if err != nil {
		t.Fatal(err)
	}
	r := start(t, c)
	select {
	case m := <-got:
		if m.Topic != "t" || string(m.Payload) != "x" || m.QoS != mqtt.AtMostOnce {
			t.Errorf("got %+v", m)
		}
	case <-time.After(10 * time.Second):
		t.Error("nothing comes")
	}
	close(goOn)
	if err := r.end(t); err == nil {
		t.Error("a frame of text is taken")
	}
}
