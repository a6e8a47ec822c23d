package bridge_test

import (
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/tidegate/tidegate/bridge"
	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
)

// cloud is a listener whose connections the test plays, byte by byte.
func cloud(tb testing.TB, play func(conn net.Conn)) (address string) {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	var connections sync.WaitGroup
	connections.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			connections.Go(func() {
				play(conn)
				_ = conn.Close()
			})
		}
	})
	tb.Cleanup(func() {
		_ = listener.Close()
		connections.Wait()
	})
	return listener.Addr().String()
}

// packet reads one small packet; nil at the end.
func packet(conn net.Conn) []byte {
	head := make([]byte, 2)
	if _, err := io.ReadFull(conn, head); err != nil {
		return nil
	}
	body := make([]byte, head[1])
	if _, err := io.ReadFull(conn, body); err != nil {
		return nil
	}
	return append(head, body...)
}

// level is the protocol level in a CONNECT.
func level(connect []byte) byte { return connect[8] }

func TestConnectedButSilent(t *testing.T) {
	t.Parallel()
	address := cloud(t, func(conn net.Conn) {
		if packet(conn) == nil {
			return
		}
		_, _ = conn.Write([]byte{0x20, 2, 0, 0})
		for p := packet(conn); p != nil; p = packet(conn) {
			if p[0] == 0xC0 {
				_, _ = conn.Write([]byte{0xD0, 0}) // pings are answered, publishes are not
			}
		}
	})
	p := newPlant(t)
	config := gateway.Bridge{
		URL: "mqtt://" + address, Version: 4, KeepAlive: gateway.Duration(1e9),
		Routes: []gateway.Route{{Direction: gateway.Out, Filter: "line/#", QoS: 1}},
	}
	b, _ := p.run(config, bridge.Options{})
	p.publish("line/a", 1, 1, 3)
	eventually(t, "it notices", func() bool { return strings.Contains(b.Status().Reason, "acknowledges nothing") })
	if s := b.Status(); s.Backlog.Messages != 3 || s.Forwarded != 0 {
		t.Errorf("status %+v", s)
	}
}

func TestFallsBackTo311(t *testing.T) {
	address := cloud(t, func(conn net.Conn) {
		connect := packet(conn)
		if connect == nil {
			return
		}
		if level(connect) != 4 {
			_, _ = conn.Write([]byte{0x20, 2, 0, 1})
			return
		}
		_, _ = conn.Write([]byte{0x20, 2, 0, 0})
		for p := packet(conn); p != nil; p = packet(conn) {
			if p[0]&0xF0 == 0x30 {
				topic := int(p[2])<<8 | int(p[3])
				_, _ = conn.Write([]byte{0x40, 2, p[4+topic], p[5+topic]})
			}
		}
	})
	p := newPlant(t)
	config := gateway.Bridge{
		URL: "mqtt://" + address, Routes: []gateway.Route{{Direction: gateway.Out, Filter: "line/#", QoS: 1}},
	}
	b, _ := p.run(config, bridge.Options{})
	p.publish("line/a", 1, 1, 50)
	eventually(t, "all are acknowledged", func() bool { return b.Status().Forwarded == 50 && p.empty() })
}

// TestHostileCloud gets noise for an answer again and again; it loses nothing, and goes on when the cloud is well again.
func TestHostileCloud(t *testing.T) {
	t.Parallel()
	healthy := MustMosquitto(t, anonymous)
	arrived := listen(t, healthy.address, "line/#")
	// Noise may read as an acknowledgement, which nobody can tell from a true one: at most one message each time here.
	const lies = 30
	noise := make(chan struct{}, lies)
	for range cap(noise) {
		noise <- struct{}{}
	}
	address := cloud(t, func(conn net.Conn) {
		select {
		case <-noise:
			packet(conn)
			answer := []byte{0x20, 3, 0, 0, 0}
			for range rand.IntN(200) {
				answer = append(answer, byte(rand.IntN(256)))
			}
			_, _ = conn.Write(answer)
		default:
			relay(conn, healthy.address)
		}
	})
	p := newPlant(t)
	config := gateway.Bridge{
		URL: "mqtt://" + address, Version: 5, Routes: []gateway.Route{{Direction: gateway.Out, Filter: "line/#", QoS: 1}},
	}
	b, _ := p.run(config, bridge.Options{})
	p.publish("line/a", mqtt.AtLeastOnce, 1, 200)
	eventually(t, "nothing waits", p.empty)
	if s := b.Status(); s.State != gateway.StateUp || s.Forwarded+s.Refused != 200 {
		t.Errorf("status %+v", s)
	}
	eventually(t, "all arrive", func() bool { return len(arrived.messages()) >= int(b.Status().Forwarded)-lies })
}

// relay joins a connection to a broker until either end closes.
func relay(conn net.Conn, address string) {
	up, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	var ways sync.WaitGroup
	ways.Go(func() {
		_, _ = io.Copy(up, conn)
		_ = up.Close()
	})
	_, _ = io.Copy(conn, up)
	_ = conn.Close()
	ways.Wait()
}
