package broker_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/coder/websocket"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/mqtt/packet"
)

func dialWebSocket(t *testing.T, url string, options *websocket.DialOptions) (*websocket.Conn, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	ws, response, err := websocket.Dial(ctx, url, options)
	if response != nil && response.Body != nil {
		_ = response.Body.Close()
	}
	return ws, err
}

// webSocket is a client whose packets are messages.
func (p *plant) webSocket(t *testing.T, address string) *client {
	t.Helper()
	ws, err := dialWebSocket(t, "ws://"+address+"/mqtt", &websocket.DialOptions{Subprotocols: []string{"mqtt"}})
	if err != nil {
		t.Fatal(err)
	}
	if ws.Subprotocol() != "mqtt" {
		t.Errorf("sub-protocol %q [MQTT-6.0.0-4] [MQTT3-6.0.0-4]", ws.Subprotocol())
	}
	return p.on(websocket.NetConn(t.Context(), ws, websocket.MessageBinary))
}

func encode(t *testing.T, packets ...packet.Packet) (data []byte) {
	t.Helper()
	for _, p := range packets {
		var err error
		if data, err = packet.Append(data, packet.V5, p); err != nil {
			t.Fatal(err)
		}
	}
	return data
}

// [MQTT-6.0.0-2] [MQTT3-6.0.0-2]: packets are not aligned with messages, nor messages with frames. What lies below MQTT
// knows no version of it.
func TestPacketsMayLieAcrossMessages(t *testing.T) {
	p := newPlant(t, broker.Options{})
	address, _ := p.serve(broker.Listener{WebSocket: true}, nil)
	data := encode(t,
		&packet.Connect{Version: packet.V5, ClientID: "c", CleanStart: true},
		&packet.Subscribe{PacketID: 1, Subscriptions: []mqtt.Subscription{{Filter: "a", QoS: 1}}},
		&packet.Publish{Topic: "a", Payload: []byte("hello"), QoS: 1, PacketID: 2})
	for name, size := range map[string]int{"all in one": len(data), "one byte each": 1, "seven bytes each": 7} {
		t.Run(name, func(t *testing.T) {
			c := p.webSocket(t, address)
			for rest := data; len(rest) > 0; rest = rest[min(size, len(rest)):] {
				if _, err := c.conn.Write(rest[:min(size, len(rest))]); err != nil {
					t.Fatal(err)
				}
			}
			expect[*packet.Connack](c)
			expect[*packet.Suback](c)
			seen := map[packet.Type]int{}
			for range 2 {
				next, err := c.reader.Next()
				if err != nil {
					t.Fatal(err)
				}
				seen[next.Type()]++
			}
			if seen[packet.PUBACK] != 1 || seen[packet.PUBLISH] != 1 {
				t.Errorf("answers %v", seen)
			}
		})
	}
}

func TestAMessageMayHaveManyFrames(t *testing.T) {
	p := newPlant(t, broker.Options{})
	address, _ := p.serve(broker.Listener{WebSocket: true}, nil)
	ws, err := dialWebSocket(t, "ws://"+address, &websocket.DialOptions{Subprotocols: []string{"mqtt"}})
	if err != nil {
		t.Fatal(err)
	}
	writer, err := ws.Writer(t.Context(), websocket.MessageBinary)
	if err != nil {
		t.Fatal(err)
	}
	// Each write is a frame of its own.
	for _, b := range encode(t, &packet.Connect{Version: packet.V5, ClientID: "c", CleanStart: true}) {
		if _, err := writer.Write([]byte{b}); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	c := p.on(websocket.NetConn(t.Context(), ws, websocket.MessageBinary))
	expect[*packet.Connack](c)
}

// [MQTT-6.0.0-1] [MQTT3-6.0.0-1].
func TestTextMessagesEndTheConnection(t *testing.T) {
	p := newPlant(t, broker.Options{})
	address, _ := p.serve(broker.Listener{WebSocket: true}, nil)
	ws, err := dialWebSocket(t, "ws://"+address+"/mqtt", &websocket.DialOptions{Subprotocols: []string{"mqtt"}})
	if err != nil {
		t.Fatal(err)
	}
	hello := encode(t, &packet.Connect{Version: packet.V5, ClientID: "c", CleanStart: true})
	if err := ws.Write(t.Context(), websocket.MessageText, hello); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if _, data, err := ws.Read(ctx); err == nil || ctx.Err() != nil {
		t.Errorf("answer %x, error %v", data, err)
	}
}

func TestWhatIsNoWebSocketForMQTTIsRefused(t *testing.T) {
	p := newPlant(t, broker.Options{})
	address, _ := p.serve(broker.Listener{WebSocket: true}, nil)
	origin := func(o string) http.Header { return http.Header{"Origin": {o}} }
	cases := map[string]struct {
		path         string
		subprotocols []string
		header       http.Header
		ok           bool
	}{
		"no sub-protocol":                  {"/mqtt", nil, nil, false},
		"another sub-protocol":             {"/mqtt", []string{"chat"}, nil, false},
		"one of several":                   {"/mqtt", []string{"chat", "mqtt"}, nil, true},
		"the name for MQTT 3.1":            {"/mqtt", []string{"mqttv3.1"}, nil, true},
		"another path":                     {"/other", []string{"mqtt"}, nil, false},
		"a page of another host":           {"/mqtt", []string{"mqtt"}, origin("http://evil.example"), false},
		"a page of the host, another port": {"/mqtt", []string{"mqtt"}, origin("http://127.0.0.1:8080"), true},
		"an opaque page":                   {"/mqtt", []string{"mqtt"}, origin("null"), false},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			ws, err := dialWebSocket(t, "ws://"+address+test.path,
				&websocket.DialOptions{Subprotocols: test.subprotocols, HTTPHeader: test.header})
			if (err == nil) != test.ok {
				t.Errorf("error %v, want ok %v", err, test.ok)
			}
			if err == nil {
				_ = ws.CloseNow()
			}
		})
	}
}

func TestKeepAliveOverWebSocketIsTold(t *testing.T) {
	t.Parallel()
	p := newPlant(t, broker.Options{})
	address, _ := p.serve(broker.Listener{WebSocket: true}, nil)
	c := p.webSocket(t, address)
	c.send(&packet.Connect{Version: packet.V5, ClientID: "c", CleanStart: true, KeepAlive: 1})
	expect[*packet.Connack](c)
	c.expectEnd(mqtt.KeepAliveTimeout)
}
