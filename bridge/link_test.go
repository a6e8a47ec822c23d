package bridge_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/bridge"
	"github.com/tidegate/tidegate/gateway"
)

func outOf(address string) gateway.Bridge {
	return gateway.Bridge{URL: "mqtt://" + address, Routes: []gateway.Route{{Direction: gateway.Out, Filter: "line/#", QoS: 2}}}
}

func inState(b *bridge.Bridge, state gateway.State) func() bool {
	return func() bool { return b.Status().State == state }
}

// TestOnDemandConnectsWhenThereIsSomethingToSend and disconnects when there is nothing; Flush connects at once.
func TestOnDemandConnectsWhenThereIsSomethingToSend(t *testing.T) {
	t.Parallel()
	cloud, p := newPlant(t), newPlant(t)
	config := outOf(cloud.serve())
	config.Link = gateway.BridgeLink{Start: gateway.StartOnDemand, IdleAfter: gateway.Duration(time.Second)}
	b, _ := p.run(config, bridge.Options{})
	eventually(t, "it waits", inState(b, gateway.StateIdle))
	p.publish("line/a", 2, 1, 20)
	eventually(t, "it is up", isUp(b))
	eventually(t, "all is sent", p.empty)
	eventually(t, "it waits again", inState(b, gateway.StateIdle))
	b.Flush()
	eventually(t, "it is up because somebody wants it", isUp(b))
	eventually(t, "it waits at last", inState(b, gateway.StateIdle))
	if s := b.Status(); s.Forwarded != 20 || s.PossiblyTwice != 0 || s.Reason == "" {
		t.Errorf("%+v", s)
	}
}

// TestOutOfHoursItQueues and connects only when somebody wants it, until nothing waits any more.
func TestOutOfHoursItQueues(t *testing.T) {
	t.Parallel()
	cloud, p := newPlant(t), newPlant(t)
	config := outOf(cloud.serve())
	// The hours are those of the site, wherever the machine is.
	site, err := time.LoadLocation("Asia/Kathmandu")
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Now().In(site).Add(2 * time.Hour)
	config.Link = gateway.BridgeLink{
		Start: gateway.StartSchedule, IdleAfter: gateway.Duration(time.Second),
		Hours: []gateway.BridgeHours{{From: begin.Format("15:04"), To: begin.Add(time.Minute).Format("15:04")}},
	}
	b, _ := p.run(config, bridge.Options{Zone: func() *time.Location { return site }})
	eventually(t, "it waits", func() bool {
		s := b.Status()
		return s.State == gateway.StateIdle && strings.Contains(s.Reason, begin.Format("15:04"))
	})
	p.publish("line/a", 2, 1, 20)
	b.Flush()
	eventually(t, "all is sent", p.empty)
	eventually(t, "it waits again", inState(b, gateway.StateIdle))
}

// TestTheBackupTakesOver while the first broker is away, in a session of its own, and gives back.
func TestTheBackupTakesOver(t *testing.T) {
	t.Parallel()
	first, backup, p := newPlant(t), newPlant(t), newPlant(t)
	atFirst, atBackup := first.serve(), backup.serve()
	config := outOf(atFirst)
	config.Link = gateway.BridgeLink{Backup: "mqtt://" + atBackup, ReturnAfter: gateway.Duration(time.Second)}
	var mu sync.Mutex
	dead := map[string]bool{}
	set := func(address string, is bool) {
		mu.Lock()
		dead[address] = is
		mu.Unlock()
	}
	var current net.Conn
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		mu.Lock()
		defer mu.Unlock()
		if dead[address] {
			return nil, errors.New("no way")
		}
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		current = conn
		return conn, err
	}
	got := [2]*listener{listen(t, atFirst, "line/#"), listen(t, atBackup, "line/#")}
	b, _ := p.run(config, bridge.Options{Dial: dial})
	eventually(t, "it is up", isUp(b))
	p.publish("line/a", 2, 1, 100)
	eventually(t, "all is sent", p.empty)
	set(atFirst, true)
	mu.Lock()
	_ = current.Close()
	mu.Unlock()
	p.publish("line/a", 2, 101, 200)
	eventually(t, "the backup took over", p.empty)
	if s := b.Status(); s.Server != "mqtt://"+atBackup {
		t.Errorf("%+v", s)
	}
	set(atFirst, false)
	eventually(t, "the first one is back", func() bool { return b.Status().Server == "mqtt://"+atFirst && isUp(b)() })
	p.publish("line/a", 2, 201, 300)
	eventually(t, "all is sent", p.empty)
	eventually(t, "all arrive", func() bool { return len(got[0].messages()) >= 200 && len(got[1].messages()) >= 100 })
	checkNumbers(t, got[0].messages()[:100], 100)
	if a, b := len(got[0].messages()), len(got[1].messages()); a != 200 || b != 100 {
		t.Errorf("%d at the first, %d at the backup", a, b)
	}
}

// TestEveryAddressOfANameIsTried, also those behind one that takes connections and says nothing.
func TestEveryAddressOfANameIsTried(t *testing.T) {
	t.Parallel()
	cloud, p := newPlant(t), newPlant(t)
	_, port, _ := net.SplitHostPort(cloud.serve())
	silent, err := net.Listen("tcp", "127.0.0.2:"+port)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	config := outOf("cloud.test:" + port)
	var mu sync.Mutex
	var tried []string
	b, _ := p.run(config, bridge.Options{
		Timeout: 300 * time.Millisecond,
		Resolve: func(_ context.Context, host string) ([]string, error) {
			if host != "cloud.test" {
				t.Errorf("asked for %s", host)
			}
			return []string{"127.0.0.3", "127.0.0.2", "127.0.0.1"}, nil // refuses, says nothing, works
		},
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			mu.Lock()
			tried = append(tried, strings.TrimSuffix(address, ":"+port))
			mu.Unlock()
			return (&net.Dialer{}).DialContext(ctx, network, address)
		},
	})
	eventually(t, "it is up", isUp(b))
	mu.Lock()
	defer mu.Unlock()
	if !slices.Contains(tried, "127.0.0.3") || !slices.Contains(tried, "127.0.0.2") || tried[len(tried)-1] != "127.0.0.1" {
		t.Errorf("tried %v", tried)
	}
}

// TestTheSourceIsAnAddressOrAnInterface of this machine, and one that is not there is said to be missing.
func TestTheSourceIsAnAddressOrAnInterface(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{"127.0.0.7": "127.0.0.7", "lo": "127.0.0.1"} {
		cloud, p := newPlant(t), newPlant(t)
		config := outOf(cloud.serve())
		config.Link.Interface = source
		b, _ := p.run(config, bridge.Options{})
		eventually(t, "it is up from "+source, isUp(b))
		for _, s := range cloud.broker.Sessions() {
			if strings.HasPrefix(s.ID, "tidegate-") && s.Address != want {
				t.Errorf("%s connects from %s", source, s.Address)
			}
		}
	}
	for _, source := range []string{"nothere0", "192.0.2.77"} {
		cloud, p := newPlant(t), newPlant(t)
		config := outOf(cloud.serve())
		config.Link.Interface = source
		b, _ := p.run(config, bridge.Options{})
		eventually(t, "it says what is missing", func() bool {
			s := b.Status()
			return s.State == gateway.StateDown && strings.Contains(s.Reason, "interface or address")
		})
	}
}

// TestProbeFindsALinkOnWhichNothingComesBack although everything is acknowledged.
func TestProbeFindsALinkOnWhichNothingComesBack(t *testing.T) {
	t.Parallel()
	for _, works := range []bool{true, false} {
		cloud, p := newPlant(t), newPlant(t)
		config := outOf(cloud.serve())
		config.Link = gateway.BridgeLink{ProbeTopic: "probe/me", AckTimeout: gateway.Duration(time.Second)}
		if !works {
			config.URL = "mqtt://" + newDeafCloud(t)
		}
		b, _ := p.run(config, bridge.Options{})
		if works {
			eventually(t, "there is an echo", func() bool { return b.Status().EchoMs != nil && isUp(b)() })
			continue
		}
		eventually(t, "it stalls", inState(b, gateway.StateStalled))
	}
}

// newDeafCloud is a Mosquitto that acknowledges everything and hands nothing on.
func newDeafCloud(t *testing.T) string {
	t.Helper()
	file := t.TempDir() + "/acl"
	mustWrite(t, file, "topic write probe/#\n")
	return MustMosquitto(t, anonymous+"\nacl_file "+file).address
}
