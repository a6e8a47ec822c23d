package broker_test

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// siege is an attack on a broker while a victim goes on with its work. Tests with one do not run in parallel: memory and
// goroutines are the process's.
type siege struct {
	*plant
	goroutines int
	heap       uint64
	peak       uint64
	slowest    time.Duration
	trips      int
	end        func()
}

// besiege starts a broker and a victim that sends itself a message at QoS 1 again and again, with what the victim costs
// measured before the attack.
func besiege(t *testing.T, limits broker.Limits) *siege {
	t.Helper()
	s := &siege{goroutines: runtime.NumGoroutine()}
	s.plant = newPlant(t, broker.Options{Limits: limits})
	victim := s.v5("victim", 0)
	victim.subscribe(mqtt.Subscription{Filter: "victim", QoS: mqtt.AtLeastOnce})
	runtime.GC()
	s.heap = heapInUse()
	stop := make(chan struct{})
	var working sync.WaitGroup
	working.Go(func() { s.work(victim, stop) })
	s.end = sync.OnceFunc(func() { close(stop); working.Wait() })
	t.Cleanup(s.end)
	return s
}

// work measures round trips, and memory between them.
func (s *siege) work(victim *client, stop <-chan struct{}) {
	for id := uint16(1); ; id = id%60_000 + 1 {
		select {
		case <-stop:
			return
		case <-time.After(10 * time.Millisecond):
		}
		began := time.Now()
		_ = victim.conn.SetDeadline(began.Add(patience))
		if err := roundTrip(victim, id); err != nil {
			s.t.Errorf("the victim: %v", err)
			return
		}
		s.slowest = max(s.slowest, time.Since(began))
		s.peak = max(s.peak, heapInUse())
		s.trips++
	}
}

// roundTrip is not a helper of client: it runs on a goroutine of its own, where a test may not end.
func roundTrip(c *client, id uint16) error {
	data, err := packet.Append(nil, c.version, &packet.Publish{Topic: "victim", QoS: mqtt.AtLeastOnce, PacketID: id})
	if err != nil {
		return err
	}
	if _, err := c.conn.Write(data); err != nil {
		return err
	}
	for came, acknowledged := false, false; !came || !acknowledged; {
		p, err := c.reader.Next()
		if err != nil {
			return err
		}
		switch p := p.(type) {
		case *packet.Publish:
			came = true
			if data, err = packet.Append(nil, c.version, &packet.Ack{Kind: packet.PUBACK, PacketID: p.PacketID}); err != nil {
				return err
			}
			if _, err := c.conn.Write(data); err != nil {
				return err
			}
		case *packet.Ack:
			acknowledged = true
		default:
			return fmt.Errorf("got %v", p.Type())
		}
	}
	return nil
}

func heapInUse() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// A victim may have to wait this long on a machine that does other things, and an attack may double the heap before the
// collector sees it.
const (
	victimPatience = 5 * time.Second
	megabyte       = 1 << 20
)

// lifted ends the attack: the victim noticed nothing, the heap stayed below a bound of bytes, and no goroutine is left.
func (s *siege) lifted(most uint64) {
	s.t.Helper()
	eventually(s.t, "the victim has made a round trip", func() bool { return s.Status().Sent > 0 })
	s.end()
	if s.slowest > victimPatience || s.trips == 0 {
		s.t.Errorf("the victim waited %s at most, in %d round trips", s.slowest, s.trips)
	}
	if s.peak > s.heap+most {
		s.t.Errorf("the heap grew by %d MB, want at most %d", (s.peak-s.heap)/megabyte, most/megabyte)
	}
	s.t.Logf("%d round trips, at most %s; %.1f MB more", s.trips, s.slowest, float64(max(s.peak, s.heap)-s.heap)/megabyte)
	s.stop()
	s.stop = func() {}
	eventually(s.t, "all goroutines have ended", func() bool { return runtime.NumGoroutine() <= s.goroutines })
}

// force is how strong the attacks are: 1 in the quick form, TIDEGATE_ATTACKS=40 in the long one.
func force() int {
	n := 1
	_, _ = fmt.Sscan(os.Getenv("TIDEGATE_ATTACKS"), &n)
	return n
}

// dialFrom opens a connection with an address of its own; all of 127.0.0.0/8 is this machine.
func (p *plant) dialFrom(ip string) (net.Conn, error) {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(ip)}, Timeout: patience}
	conn, err := dialer.DialContext(p.t.Context(), "tcp", p.address)
	if err == nil {
		_ = conn.SetDeadline(time.Now().Add(patience))
	}
	return conn, err
}

func encoded(t testing.TB, v packet.Version, packets ...packet.Packet) (data []byte) {
	t.Helper()
	for _, p := range packets {
		var err error
		if data, err = packet.Append(data, v, p); err != nil {
			t.Fatal(err)
		}
	}
	return data
}
