package peers_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// patience bounds everything that a test waits for.
const patience = 5 * time.Second

// Eventually polls until ok, and fails the test when that takes too long.
func Eventually(tb testing.TB, what string, ok func() bool) {
	tb.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			tb.Fatalf("not within %v: %s", patience, what)
		}
	}
}

// MustMosquitto starts Debian's broker on a free port of the loopback interface and gives its address.
func MustMosquitto(tb testing.TB, options ...string) string {
	tb.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	address := free.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	_ = free.Close()
	config := filepath.Join(tb.TempDir(), "mosquitto.conf")
	lines := append([]string{"listener " + port + " 127.0.0.1", "allow_anonymous true", "persistence false", "max_queued_messages 0"}, options...)
	if err := os.WriteFile(config, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		tb.Fatal(err)
	}
	var log bytes.Buffer
	cmd := exec.Command("/usr/sbin/mosquitto", "-c", config)
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		tb.Fatalf("start mosquitto (package mosquitto): %v", err)
	}
	tb.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
		if tb.Failed() {
			tb.Logf("mosquitto:\n%s", log.String())
		}
	})
	Eventually(tb, "mosquitto listens", func() bool {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
	return address
}

// mosquittoVersions are the names that the command-line clients have for the versions.
var mosquittoVersions = map[packet.Version]string{packet.V31: "mqttv31", packet.V311: "mqttv311", packet.V5: "mqttv5"}

// clientArgs are the options that both command-line clients share.
func clientArgs(address string, v packet.Version, args ...string) []string {
	host, port, _ := net.SplitHostPort(address)
	return append([]string{"-h", host, "-p", port, "-V", mosquittoVersions[v]}, args...)
}

// MustPub runs mosquitto_pub to its end.
func MustPub(tb testing.TB, address string, v packet.Version, args ...string) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, "mosquitto_pub", clientArgs(address, v, args...)...).CombinedOutput()
	if err != nil {
		tb.Fatalf("mosquitto_pub %v (package mosquitto-clients): %v\n%s", args, err, out)
	}
}

// Sub is a running mosquitto_sub.
type Sub struct {
	tb  testing.TB
	cmd *exec.Cmd
	out *lockedBuffer
}

// MustSub starts mosquitto_sub, which prints its packets, and waits until it is subscribed.
func MustSub(tb testing.TB, address string, v packet.Version, args ...string) *Sub {
	tb.Helper()
	s := &Sub{tb: tb, out: &lockedBuffer{}}
	// Without stdbuf it keeps what it prints until a few kilobytes have come together.
	line := append([]string{"-oL", "mosquitto_sub"}, clientArgs(address, v, append(args, "-d")...)...)
	s.cmd = exec.CommandContext(tb.Context(), "stdbuf", line...)
	s.cmd.Stdout, s.cmd.Stderr = s.out, s.out
	if err := s.cmd.Start(); err != nil {
		tb.Fatalf("start mosquitto_sub (package mosquitto-clients): %v", err)
	}
	tb.Cleanup(func() {
		_ = s.cmd.Process.Signal(syscall.SIGTERM)
		_ = s.cmd.Wait()
	})
	s.Expect("Subscribed (mid: 1)")
	return s
}

// Expect waits until the output has text.
func (s *Sub) Expect(text string) {
	s.tb.Helper()
	defer func() {
		if s.tb.Failed() {
			s.tb.Logf("mosquitto_sub:\n%s", s.out.String())
		}
	}()
	Eventually(s.tb, "mosquitto_sub prints "+strconv.Quote(text), func() bool { return strings.Contains(s.out.String(), text) })
}

// Count is how often text stands in the output.
func (s *Sub) Count(text string) int { return strings.Count(s.out.String(), text) }

// raw is a connection on which a test says and hears single packets.
type raw struct {
	tb testing.TB
	net.Conn
	*packet.Reader
	version packet.Version
}

func dialRaw(tb testing.TB, address string, v packet.Version) *raw {
	tb.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patience))
	r := &raw{tb: tb, Conn: conn, Reader: packet.NewReader(conn, 0), version: v}
	r.SetVersion(v)
	return r
}

func (r *raw) say(p packet.Packet) {
	r.tb.Helper()
	b, err := packet.Append(nil, r.version, p)
	if err == nil {
		_, err = r.Write(b)
	}
	if err != nil {
		r.tb.Fatal(err)
	}
}

func hear[P packet.Packet](r *raw) P {
	r.tb.Helper()
	got, err := r.Next()
	if err != nil {
		r.tb.Fatal(err)
	}
	p, ok := got.(P)
	if !ok {
		r.tb.Fatalf("got %s: %+v", got.Type(), got)
	}
	return p
}

// TestOurPacketsAreUnderstood has a conversation, one packet at a time, at each version and QoS.
func TestOurPacketsAreUnderstood(t *testing.T) {
	onEach(t, func(t *testing.T, address string) {
		for v := range mosquittoVersions {
			for qos := range mqtt.QoS(3) {
				t.Run(fmt.Sprintf("%s QoS %d", v, qos), func(t *testing.T) {
					converse(t, address, v, qos)
				})
			}
		}
	})
}

func converse(t *testing.T, address string, v packet.Version, qos mqtt.QoS) {
	r := dialRaw(t, address, v)
	r.say(&packet.Connect{
		Version: v, CleanStart: true, KeepAlive: 30, ClientID: "raw",
		Will: &mqtt.Will{Message: mqtt.Message{Topic: "will", Payload: []byte("gone"), QoS: qos}},
	})
	if connack := hear[*packet.Connack](r); connack.Code != mqtt.Success {
		t.Fatalf("CONNACK %+v", connack)
	}
	r.say(&packet.Subscribe{PacketID: 1, Subscriptions: []mqtt.Subscription{{Filter: "a/+", QoS: qos, Identifier: 300 * uint32(v/5)}}})
	if suback := hear[*packet.Suback](r); suback.PacketID != 1 || suback.Codes[0] != mqtt.ReasonCode(qos) {
		t.Fatalf("SUBACK %+v", suback)
	}
	sent := &packet.Publish{Topic: "a/b", QoS: qos, Payload: bytes.Repeat([]byte("x"), 20_000)}
	if qos > 0 {
		sent.PacketID = 2
	}
	if v == packet.V5 {
		sent.MessageExpiry = new(uint32(100))
		sent.Properties = mqtt.Properties{ContentType: "t", User: []mqtt.UserProperty{{Name: "k", Value: "v"}}}
	}
	r.say(sent)
	got := r.exchange(qos)
	if got.Topic != sent.Topic || !bytes.Equal(got.Payload, sent.Payload) || got.QoS != qos {
		t.Errorf("got %q at QoS %d, %d bytes", got.Topic, got.QoS, len(got.Payload))
	}
	if v == packet.V5 && (got.Properties.ContentType != "t" || len(got.Properties.User) != 1 || got.Subscriptions[0] != 300) {
		t.Errorf("got %+v, identifiers %v", got.Properties, got.Subscriptions)
	}
	r.say(&packet.Unsubscribe{PacketID: 3, Filters: []string{"a/+"}})
	hear[*packet.Unsuback](r)
	r.say(&packet.Ping{})
	hear[*packet.Ping](r)
	r.say(&packet.Disconnect{})
}

// exchange plays both flows of a message that comes back to its sender, in whatever order they interleave, and gives
// the copy that came back.
func (r *raw) exchange(qos mqtt.QoS) (got *packet.Publish) {
	sent := qos == mqtt.AtMostOnce
	received := false
	for !sent || !received {
		p, err := r.Next()
		if err != nil {
			r.tb.Fatal(err)
		}
		switch p := p.(type) {
		case *packet.Publish:
			got = p
			received = qos < mqtt.ExactlyOnce
			switch qos {
			case mqtt.AtLeastOnce:
				r.say(&packet.Ack{Kind: packet.PUBACK, PacketID: p.PacketID})
			case mqtt.ExactlyOnce:
				r.say(&packet.Ack{Kind: packet.PUBREC, PacketID: p.PacketID})
			}
		case *packet.Ack:
			switch p.Kind {
			case packet.PUBACK, packet.PUBCOMP:
				sent = true
			case packet.PUBREC:
				r.say(&packet.Ack{Kind: packet.PUBREL, PacketID: p.PacketID})
			case packet.PUBREL:
				r.say(&packet.Ack{Kind: packet.PUBCOMP, PacketID: p.PacketID})
				received = true
			}
		}
	}
	return got
}
