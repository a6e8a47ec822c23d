package broker_test

import (
	"context"
	"fmt"
	"math"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// mosquitto runs Debian's Mosquitto; the plant has its address and no broker of ours.
func mosquitto(t *testing.T) *plant {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	_, port, _ := net.SplitHostPort(address)
	file := filepath.Join(t.TempDir(), "mosquitto.conf")
	text := "listener " + port + " 127.0.0.1\nallow_anonymous true\nsys_interval 1\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "/usr/sbin/mosquitto", "-c", file)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill(); _ = command.Wait() })
	eventually(t, "Mosquitto listens", func() bool {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
		return err == nil && conn.Close() == nil
	})
	return &plant{t: t, address: address}
}

// sysWatcher keeps the latest value of each name below $SYS/broker.
type sysWatcher struct {
	mu     sync.Mutex // guards values
	values map[string]string
}

func watchSys(p *plant) *sysWatcher {
	w := &sysWatcher{values: map[string]string{}}
	c := p.v3("watcher", true)
	c.subscribe(mqtt.Subscription{Filter: "$SYS/#"})
	note := func(got packet.Packet) {
		if m, is := got.(*packet.Publish); is {
			w.mu.Lock()
			w.values[strings.TrimPrefix(m.Topic, "$SYS/broker/")] = string(m.Payload)
			w.mu.Unlock()
		}
	}
	for _, early := range c.early {
		note(early)
	}
	c.early = nil
	go func() {
		for {
			got, err := c.reader.Next()
			if err != nil {
				return
			}
			note(got)
		}
	}()
	return w
}

func (w *sysWatcher) get(name string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.values[name]
}

func (w *sysWatcher) names() (names []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for name := range w.values {
		names = append(names, name)
	}
	return names
}

// knownLoad is the same on every broker: three clients that stay, one that leaves its session, one whose session expires.
func knownLoad(p *plant) {
	reader := p.v5("reader", 0)
	reader.subscribe(mqtt.Subscription{Filter: "load/#", QoS: 1}, mqtt.Subscription{Filter: "other"},
		mqtt.Subscription{Filter: "$share/group/load/+", QoS: 0})
	p.v3("leaver", false).leave()
	expiring := p.v5("expiring", 1)
	expiring.leave()
	writer := p.v5("writer", 0)
	for i := range 5 {
		writer.publish("load/zero", "0123456789", 0, 0)
		writer.publish("load/one", "01234", 1, uint16(1+i))
	}
	// None is retained: Mosquitto 2.0.11 does not count the messages of such packets, only their bytes.
	writer.ping()
	p.v5("idle", 0).ping()
}

// sameAsMosquitto are the values that the load decides: both brokers have to give them.
var sameAsMosquitto = map[string]string{
	"clients/connected": "4", "clients/active": "4", "clients/disconnected": "1", "clients/inactive": "1", "clients/total": "5",
	"clients/expired": "1", "subscriptions/count": "3", "shared_subscriptions/count": "1", "publish/messages/received": "10",
	"publish/bytes/received": "75", "publish/messages/dropped": "0",
}

// TestSysHasAllOfMosquittosNames with Debian's Mosquitto beside it, and the values of the same load.
func TestSysHasAllOfMosquittosNames(t *testing.T) {
	t.Parallel()
	theirs := mosquitto(t)
	ours := newPlant(t, broker.Options{SysInterval: time.Second})
	watchers := map[string]*sysWatcher{}
	for who, p := range map[string]*plant{"Mosquitto": theirs, "Tidegate": ours} {
		knownLoad(p)
		watchers[who] = watchSys(p)
	}
	for who, w := range watchers {
		wrong := func() (wrong []string) {
			for name, want := range sameAsMosquitto {
				if got := w.get(name); got != want {
					wrong = append(wrong, fmt.Sprintf("%s is %q, want %q", name, got, want))
				}
			}
			return wrong
		}
		deadline := time.Now().Add(patience)
		for len(wrong()) > 0 && time.Now().Before(deadline) {
			pause(20 * time.Millisecond)
		}
		if left := wrong(); len(left) > 0 {
			t.Errorf("%s: %s", who, strings.Join(left, "; "))
		}
	}
	names := watchers["Tidegate"].names()
	if theirs := watchers["Mosquitto"].names(); len(theirs) < 50 {
		t.Errorf("Mosquitto has only %d names: %q", len(theirs), theirs)
	}
	for _, name := range watchers["Mosquitto"].names() {
		if !slices.Contains(names, name) {
			t.Errorf("Mosquitto has %s", name)
		}
	}
	// What was counted of the same packets. The watcher's own are the same too, but for what it got.
	for _, name := range []string{"messages/received", "bytes/received"} {
		if their, our := watchers["Mosquitto"].get(name), watchers["Tidegate"].get(name); their != our {
			t.Errorf("%s is %s, Mosquitto has %s", name, our, their)
		}
	}
	for name, least := range map[string]int{
		"publish/messages/sent": 10, "publish/bytes/sent": 75, "clients/maximum": 4, "heap/current": 1000, "heap/maximum": 1000, "bytes/sent": 200,
	} {
		if got, err := strconv.Atoi(watchers["Tidegate"].get(name)); err != nil || got < least {
			t.Errorf("%s is %d (%v), want %d at least", name, got, err, least)
		}
	}
}

// TestInternalSessionsAreNoClients of $SYS.
func TestInternalSessionsAreNoClients(t *testing.T) {
	p := newPlant(t, broker.Options{SysInterval: time.Second})
	p.open("$bridge/a", broker.SessionOptions{})
	p.open("$drivers", broker.SessionOptions{Transient: true})
	p.v3("absent", false).leave()
	p.offline("absent")
	w := watchSys(p)
	eventually(t, "one absent client", func() bool {
		return w.get("clients/disconnected") == "1" && w.get("clients/connected") == "1" && w.get("clients/total") == "2"
	})
}

// TestLoadAverages of a steady rate: after a time t they have come 1-exp(-t/span) of the way.
func TestLoadAverages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		store := broker.NewMemory(0)
		b := broker.New(broker.Options{Store: store})
		var running sync.WaitGroup
		defer running.Wait()
		defer cancel()
		running.Go(func() { _ = store.Run(ctx) })
		if err := b.Open(ctx); err != nil {
			t.Fatal(err)
		}
		running.Go(func() { _ = b.Run(ctx) })
		s, err := b.Session(ctx, "$drivers", broker.SessionOptions{Transient: true})
		if err != nil {
			t.Fatal(err)
		}
		const perSecond = 10
		time.Sleep(time.Second / 2) // so that no tick of the broker is at the time of a message, or of a look
		for minute := 1; minute <= 20; minute++ {
			for range 60 {
				for range perSecond {
					put(t, s, text("t", "0123456789", 0), mqtt.Origin{})
				}
				time.Sleep(time.Second)
			}
			checkLoads(t, b, minute, perSecond*60)
		}
		time.Sleep(15 * time.Minute)
		if got := sysValue(t, b, "load/publish/received/1min"); got > 0.01 {
			t.Errorf("15 minutes without a message, and the load is still %v", got)
		}
	})
}

func checkLoads(t *testing.T, b *broker.Broker, minute int, rate float64) {
	t.Helper()
	for name, span := range map[string]float64{"1min": 1, "5min": 5, "15min": 15} {
		got := sysValue(t, b, "load/publish/received/"+name)
		want := rate * (1 - math.Exp(-float64(minute)/span))
		if math.Abs(got-want) > 0.01 {
			t.Errorf("minute %d: %s is %v, want %v", minute, name, got, want)
		}
	}
}

// sysValue reads a retained number.
func sysValue(t *testing.T, b *broker.Broker, name string) float64 {
	t.Helper()
	s, err := b.Session(t.Context(), "$look", broker.SessionOptions{Transient: true})
	if err != nil {
		t.Fatal(err)
	}
	link := s.Attach()
	defer link.Detach()
	subscribe(t, s, mqtt.Subscription{Filter: "$SYS/broker/" + name})
	defer func() { _ = s.Unsubscribe(t.Context(), "$SYS/broker/"+name) }()
	d, err := link.Receive(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	value, err := strconv.ParseFloat(string(d.Message().Payload), 64)
	if err != nil {
		t.Fatal(err)
	}
	d.Settle(nil)
	return value
}
