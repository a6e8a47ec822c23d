package bridge_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidegate/tidegate/bridge"
	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
)

// namespace is another network with the cloud in it, at the end of a cable.
type namespace struct {
	tb testing.TB
	// name is that of the namespace, near is our end of the cable.
	name, near string
	// pulls are how often the cable was taken out.
	pulls atomic.Int64

	mu       sync.Mutex // guards observed
	observed bytes.Buffer
}

// addresses of the two ends of the cable; it is there during one test at a time.
const nearAddress, cloudAddress = "10.213.77.1", "10.213.77.2"

// MustNamespace makes one, or says why it cannot.
func MustNamespace(tb testing.TB) *namespace {
	tb.Helper()
	n := &namespace{tb: tb, name: fmt.Sprintf("tidegate-%d", os.Getpid()), near: fmt.Sprintf("tg%d", os.Getpid()%1_000_000)}
	if out, err := exec.CommandContext(tb.Context(), "ip", "netns", "add", n.name).CombinedOutput(); err != nil {
		tb.Skipf("network namespaces are not permitted here: %v: %s", err, out)
	}
	tb.Cleanup(func() {
		// The kernel takes a namespace apart later on, and the next one needs the cable's name.
		_ = exec.CommandContext(context.Background(), "ip", "link", "del", n.near).Run()
		_ = exec.CommandContext(context.Background(), "ip", "netns", "del", n.name).Run()
	})
	n.must("ip", "link", "add", n.near, "type", "veth", "peer", "name", "cable", "netns", n.name)
	n.must("ip", "addr", "add", nearAddress+"/30", "dev", n.near)
	n.must("ip", "link", "set", n.near, "up")
	n.inside("ip", "addr", "add", cloudAddress+"/30", "dev", "cable")
	n.inside("ip", "link", "set", "cable", "up")
	n.inside("ip", "link", "set", "lo", "up")
	n.cloud()
	return n
}

func (n *namespace) must(name string, args ...string) {
	n.tb.Helper()
	if out, err := exec.CommandContext(context.Background(), name, args...).CombinedOutput(); err != nil {
		n.tb.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, out)
	}
}

// net has a program enter the network alone: ip netns exec would take along, and keep busy, all that is mounted.
func (n *namespace) net() string { return "--net=/run/netns/" + n.name }

func (n *namespace) inside(args ...string) {
	n.tb.Helper()
	n.must("nsenter", append([]string{n.net()}, args...)...)
}

// cloud starts Mosquitto and a subscriber beside it, which no fault of the cable concerns.
func (n *namespace) cloud() {
	n.tb.Helper()
	file := filepath.Join(n.tb.TempDir(), "mosquitto.conf")
	config := "user root\nlistener 1883 0.0.0.0\nmax_queued_messages 0\nallow_anonymous true\n"
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		n.tb.Fatal(err)
	}
	n.run(nil, "/usr/sbin/mosquitto", "-c", file)
	// Mosquitto 2.0 sends more than was announced; its own client takes that for an error.
	n.run(n, "sh", "-c", "until mosquitto_sub -V 5 -q 2 -i observer -c -x 3600 -D connect receive-maximum 10000 -t 'line/#' -F '%t %p'; do sleep 0.05; done")
	n.inside("sh", "-c", "for i in $(seq 200); do mosquitto_pub -q 1 -t line/0 -m ready && break; sleep 0.05; done")
	eventually(n.tb, "the observer is there", func() bool {
		n.inside("mosquitto_pub", "-q", "1", "-t", "line/0", "-m", "ready")
		return len(n.messages()) > 0
	})
}

// run starts a process in the namespace that ends with the test.
func (n *namespace) run(output *namespace, args ...string) {
	n.tb.Helper()
	command := exec.CommandContext(context.Background(), "nsenter", append([]string{n.net()}, args...)...)
	if output != nil {
		command.Stdout = output
	}
	if err := command.Start(); err != nil {
		n.tb.Fatal(err)
	}
	n.tb.Cleanup(func() {
		_ = exec.CommandContext(context.Background(), "pkill", "-KILL", "-P", fmt.Sprint(command.Process.Pid)).Run()
		_ = command.Process.Kill()
		_ = command.Wait()
	})
}

// Write takes what the observer prints.
func (n *namespace) Write(p []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.observed.Write(p)
}

func (n *namespace) messages() (messages []*mqtt.Message) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for line := range strings.Lines(n.observed.String()) {
		if topic, payload, found := strings.Cut(strings.TrimSuffix(line, "\n"), " "); found {
			messages = append(messages, &mqtt.Message{Topic: topic, Payload: []byte(payload)})
		}
	}
	return messages
}

// lose drops a part of the packets, both ways.
func (n *namespace) lose(percent int) {
	n.tb.Helper()
	rules := "table inet loss {\n"
	for _, hook := range []string{"input", "output"} {
		rules += fmt.Sprintf("chain %s {\ntype filter hook %s priority 0\nmeta iifname lo accept\nmeta oifname lo accept\nnumgen random mod 100 < %d drop\n}\n", hook[:2], hook, percent)
	}
	command := exec.CommandContext(context.Background(), "nsenter", n.net(), "nft", "-f", "-")
	command.Stdin = strings.NewReader(rules + "}\n")
	if out, err := command.CombinedOutput(); err != nil {
		n.tb.Fatalf("lose packets: %v: %s", err, out)
	}
}

// TestThinLinks: a cable in another network loses packets and is pulled again and again, or is very slow.
func TestThinLinks(t *testing.T) {
	t.Parallel()
	links := []struct {
		name  string
		count int
		begin func(*namespace)
		// every is how often the cable is pulled and put back; 0 is never.
		every time.Duration
	}{
		{"2 % loss, pulled again and again", linkMessages(t) / 2, func(n *namespace) { n.lose(2) }, pulledEvery()},
		{"256 kbit/s", linkMessages(t) / 5, func(n *namespace) {
			n.inside("tc", "qdisc", "add", "dev", "cable", "root", "tbf", "rate", "256kbit", "burst", "4kb", "latency", "400ms")
			n.must("tc", "qdisc", "add", "dev", n.near, "root", "tbf", "rate", "256kbit", "burst", "4kb", "latency", "400ms")
		}, 0},
	}
	for _, link := range links {
		t.Run(link.name, func(t *testing.T) {
			n := MustNamespace(t)
			p := newPlant(t)
			config := gateway.Bridge{
				URL: "mqtt://" + cloudAddress + ":1883", Version: 5, KeepAlive: gateway.Duration(time.Second),
				Routes: []gateway.Route{{Direction: gateway.Out, Filter: "line/#", QoS: 2}},
			}
			b, _ := p.run(config, bridge.Options{Timeout: 2 * time.Second})
			eventually(t, "the bridge is up", isUp(b))
			link.begin(n)
			n.pull(link.every, func() {
				for first := 1; first <= link.count; first += 50 {
					eventually(t, "the cable was pulled in the first half", func() bool {
						return link.every == 0 || first <= link.count/2 || n.pulls.Load() >= 2
					})
					p.publish("line/1", 1, first, min(first+49, link.count))
					p.publish("line/2", 2, first, min(first+49, link.count))
					eventually(t, "the link takes some", func() bool { return p.bridged.Queue().Messages < 200 })
				}
			})
			eventually(t, "nothing waits", p.empty)
			eventually(t, "all arrive", func() bool {
				one, _, _ := compare(n.messages(), "line/1", link.count)
				two, _, _ := compare(n.messages(), "line/2", link.count)
				return one+two == 0
			})
			_, again, early := compare(n.messages(), "line/1", link.count)
			_, twice, reordered := compare(n.messages(), "line/2", link.count)
			t.Logf("%-46s %4d faults, %6d messages: 0 lost, %d twice at QoS 2, %d reordered (%d again at QoS 1)", link.name, n.pulls.Load(), 2*link.count, twice, early+reordered, again)
			if twice+early+reordered > 0 || b.Status().PossiblyTwice > 0 {
				t.Errorf("twice or out of order; status %+v", b.Status())
			}
		})
	}
}

// pulledEvery is how often a cable is pulled: every 5 s in the long form.
func pulledEvery() time.Duration {
	if os.Getenv("TIDEGATE_LINK_MESSAGES") != "" {
		return 5 * time.Second
	}
	return 300 * time.Millisecond
}

// pull takes the cable out and puts it back every so often while work goes on.
func (n *namespace) pull(every time.Duration, work func()) {
	n.tb.Helper()
	done := make(chan struct{})
	var pulling sync.WaitGroup
	if every > 0 {
		pulling.Go(func() {
			ticker := time.NewTicker(every)
			defer ticker.Stop()
			for state := "down"; ; {
				select {
				case <-done:
					if state == "up" {
						n.must("ip", "link", "set", n.near, "up")
					}
					return
				case <-ticker.C:
				}
				n.must("ip", "link", "set", n.near, state)
				if state == "down" {
					n.pulls.Add(1)
					state = "up"
				} else {
					state = "down"
				}
			}
		})
	}
	work()
	close(done)
	pulling.Wait()
}
