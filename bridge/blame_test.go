package bridge_test

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tidegate/tidegate/bridge"
	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
	wire "github.com/tidegate/tidegate/mqtt/packet"
)

// grumbler is a cloud that keeps its session, announces nothing, and disconnects over some messages without saying which.
type grumbler struct {
	// code is why it disconnects over a publish; Success takes it.
	code func(*wire.Publish) mqtt.ReasonCode

	mu          sync.Mutex // guards everything that follows
	known       bool
	connections int
	taken       map[uint16]bool
	got         []string
}

func newGrumbler(code func(*wire.Publish) mqtt.ReasonCode) *grumbler {
	return &grumbler{code: code, taken: map[uint16]bool{}}
}

func (g *grumbler) serve(conn net.Conn) {
	reader := wire.NewReader(conn, 1<<20)
	if _, err := reader.Next(); err != nil {
		return
	}
	reader.SetVersion(wire.V5)
	g.mu.Lock()
	known := g.known
	g.known = true
	g.connections++
	g.mu.Unlock()
	ok := send(conn, wire.V5, &wire.Connack{SessionPresent: known})
	for ok {
		p, err := reader.Next()
		if err != nil {
			return
		}
		ok = g.take(conn, p)
	}
}

func (g *grumbler) take(conn net.Conn, p wire.Packet) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch p := p.(type) {
	case *wire.Publish:
		if code := g.code(p); code != mqtt.Success {
			send(conn, wire.V5, &wire.Disconnect{Code: code})
			return false
		}
		if p.QoS == mqtt.AtLeastOnce {
			g.got = append(g.got, string(p.Payload))
			return send(conn, wire.V5, &wire.Ack{Kind: wire.PUBACK, PacketID: p.PacketID})
		}
		if !g.taken[p.PacketID] {
			g.got = append(g.got, string(p.Payload))
		}
		g.taken[p.PacketID] = true
		return send(conn, wire.V5, &wire.Ack{Kind: wire.PUBREC, PacketID: p.PacketID})
	case *wire.Ack:
		delete(g.taken, p.PacketID)
		return send(conn, wire.V5, &wire.Ack{Kind: wire.PUBCOMP, PacketID: p.PacketID})
	case *wire.Ping:
		return send(conn, wire.V5, &wire.Ping{Response: true})
	}
	return true
}

func (g *grumbler) arrived() (payloads []string, connections int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.got), g.connections
}

// TestAMessageThatEndsEveryConnectionIsParked, the others arrive in their order, and once at QoS 2.
func TestAMessageThatEndsEveryConnectionIsParked(t *testing.T) {
	t.Parallel()
	for _, code := range []mqtt.ReasonCode{mqtt.PacketTooLarge, mqtt.NotAuthorized, mqtt.PayloadFormatInvalid} {
		for qos := mqtt.AtLeastOnce; qos <= mqtt.ExactlyOnce; qos++ {
			t.Run(fmt.Sprintf("%s at QoS %d", code, qos), func(t *testing.T) {
				t.Parallel()
				g := newGrumbler(func(p *wire.Publish) mqtt.ReasonCode {
					if p.Topic == "line/bad" {
						return code
					}
					return mqtt.Success
				})
				p := newPlant(t)
				p.bridged = p.session("$bridge/cloud", broker.SessionOptions{
					Class: mqtt.Now, Parking: broker.Parking{Messages: 100, Bytes: 1 << 20},
				})
				network := &cutter{down: true}
				b, _ := p.run(outOf(cloud(t, g.serve)), bridge.Options{Dial: network.dial})
				for i := range 100 {
					p.publish("line/a", qos, i, i)
					if i == 30 || i == 60 {
						p.publish("line/bad", qos, i, i)
					}
				}
				network.set(false)
				eventually(t, "nothing waits", p.empty)
				eventually(t, "both are parked", func() bool { return b.Status().Backlog.Parked == 2 })
				got, connections := g.arrived()
				checkArrived(t, got, qos)
				if connections > 20 {
					t.Errorf("%d connections", connections)
				}
				p.publish("line/a", qos, 100, 100)
				eventually(t, "nothing waits", p.empty)
				if s := b.Status(); s.Refused != 2 || s.Forwarded != 101 {
					t.Errorf("%+v", s)
				}
			})
		}
	}
}

// checkArrived: 0 to 99, in order of their first arrival.
func checkArrived(t *testing.T, got []string, qos mqtt.QoS) {
	t.Helper()
	var want, first []string
	for i := range 100 {
		want = append(want, fmt.Sprint(i))
	}
	for _, payload := range got {
		if !slices.Contains(first, payload) {
			first = append(first, payload)
		}
	}
	if !slices.Equal(first, want) || qos == mqtt.ExactlyOnce && len(got) != 100 {
		t.Errorf("%d arrived: %v", len(got), got)
	}
}

// TestABatchThatEndsEveryConnectionIsParkedInPart: its messages are tried one by one.
func TestABatchThatEndsEveryConnectionIsParkedInPart(t *testing.T) {
	t.Parallel()
	g := newGrumbler(func(p *wire.Publish) mqtt.ReasonCode {
		if strings.Contains(string(p.Payload), "13") {
			return mqtt.PayloadFormatInvalid
		}
		return mqtt.Success
	})
	p := newPlant(t)
	p.bridged = p.session("$bridge/cloud", broker.SessionOptions{
		Class: mqtt.Now, Parking: broker.Parking{Messages: 100, Bytes: 1 << 20},
	})
	config := outOf(cloud(t, g.serve))
	config.Routes[0].QoS = 1
	config.Routes[0].Batch = gateway.RouteBatch{Messages: 10, Delay: gateway.Duration(10e6), Format: gateway.BatchLines}
	b, _ := p.run(config, bridge.Options{})
	p.publish("line/a", 1, 1, 40)
	eventually(t, "nothing waits", p.empty)
	if s := b.Status(); s.Backlog.Parked != 1 || s.Forwarded != 39 {
		t.Errorf("%+v", s)
	}
}

// TestADisconnectThatIsAboutNoMessageParksNothing: it is tried again for as long as it takes.
func TestADisconnectThatIsAboutNoMessageParksNothing(t *testing.T) {
	t.Parallel()
	for _, code := range []mqtt.ReasonCode{mqtt.QuotaExceeded, mqtt.SessionTakenOver, mqtt.MessageRateTooHigh, mqtt.ServerShuttingDown} {
		t.Run(code.String(), func(t *testing.T) {
			t.Parallel()
			refused := 0
			g := newGrumbler(func(*wire.Publish) mqtt.ReasonCode {
				if refused++; refused <= 6 {
					return code
				}
				return mqtt.Success
			})
			p := newPlant(t)
			p.bridged = p.session("$bridge/cloud", broker.SessionOptions{
				Class: mqtt.Now, Parking: broker.Parking{Messages: 100, Bytes: 1 << 20},
			})
			b, _ := p.run(outOf(cloud(t, g.serve)), bridge.Options{})
			p.publish("line/a", 2, 0, 99)
			eventually(t, "nothing waits", p.empty)
			got, _ := g.arrived()
			checkArrived(t, got, 2)
			if s := b.Status(); s.Refused != 0 || s.Backlog.Parked != 0 {
				t.Errorf("%+v", s)
			}
		})
	}
}
