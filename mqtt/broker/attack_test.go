package broker_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// refusedBy expects that a limit has refused something.
func (s *siege) refusedBy(limits ...broker.Limit) {
	s.t.Helper()
	counts := s.Status().Refused
	for _, limit := range limits {
		if counts[limit] == 0 {
			s.t.Errorf("the limit %s has refused nothing", limit)
		}
	}
}

// TestAttackOfIdleConnections: hundreds, or ten thousand, that only are there.
func TestAttackOfIdleConnections(t *testing.T) {
	n := 250 * force()
	s := besiege(t, broker.Limits{Clients: n + 1})
	leave := startCrowd(t, s.address, n)
	if got := s.Status().Clients; got != n+1 {
		t.Errorf("%d clients, want %d", got, n+1)
	}
	late := s.try(packet.Connect{ClientID: "late", CleanStart: true})
	if late.connack.Code != mqtt.ServerBusy {
		t.Errorf("one more than there may be: %v", late.connack.Code)
	}
	s.refusedBy(broker.LimitClients)
	leave()
	eventually(t, "the crowd has left", func() bool { return s.Status().Connections == 1 })
	s.lifted(uint64(n) * 40 << 10) // the race detector has its own idea of small
}

// TestAttackOfOneWhoNeverReads: what waits for it is bounded, and it is thrown out.
func TestAttackOfOneWhoNeverReads(t *testing.T) {
	s := besiege(t, broker.Limits{
		QueueQoS0Bytes: 2 * megabyte, MemoryBytes: 4 * megabyte, WriteTimeout: 500 * time.Millisecond,
	})
	deaf := s.v5("deaf", 0)
	deaf.subscribe(mqtt.Subscription{Filter: "flood/#", QoS: mqtt.AtLeastOnce})
	flood := s.v5("flood", 0)
	for i := range 16 * force() {
		_ = flood.conn.SetDeadline(time.Now().Add(patience))
		var packets []packet.Packet
		for range 15 {
			packets = append(packets, &packet.Publish{Topic: "flood/zero", Payload: make([]byte, 32<<10)})
		}
		flood.send(append(packets, &packet.Publish{
			Topic: "flood/one", Payload: make([]byte, 32<<10), QoS: mqtt.AtLeastOnce, PacketID: uint16(i + 1),
		})...)
		flood.expectAck(packet.PUBACK, uint16(i+1), 0)
	}
	s.offline("deaf")
	if s.Status().Dropped == 0 {
		t.Error("nothing was dropped")
	}
	s.lifted(40 * megabyte)
}

// TestAttackOfSlowBytes: who sends a byte now and then is thrown out before CONNECT, and with the keep alive after it.
func TestAttackOfSlowBytes(t *testing.T) {
	s := besiege(t, broker.Limits{ConnectTimeout: 500 * time.Millisecond})
	hello := encoded(t, packet.V311, &packet.Connect{Version: packet.V311, ClientID: "slow", CleanStart: true, KeepAlive: 1})
	var conns []net.Conn
	for i := range 40 * force() {
		conn, err := s.dialFrom("127.0.0.2")
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close() //nolint:errcheck // it may be closed already
		if i%2 == 0 {      // half of them say who they are
			mine := bytes.Replace(hello, []byte("slow"), fmt.Appendf(nil, "%04d", i), 1)
			if _, err := conn.Write(append(mine, 0x30, 0x7f)); err != nil {
				t.Fatal(err)
			}
		}
		conns = append(conns, conn)
	}
	began := time.Now()
	for left := len(conns); left > 0; {
		left = 0
		for _, conn := range conns {
			if _, err := conn.Write([]byte{0x10}); err == nil {
				left++
			}
		}
		if time.Since(began) > patience {
			t.Fatalf("%d slow connections are still there", left)
		}
		pause(100 * time.Millisecond)
	}
	eventually(t, "only the victim is left", func() bool { return s.Status().Connections == 1 })
	s.lifted(20 * megabyte)
}

// TestAttackOfConnects: an address that comes again and again is held off; others come in meanwhile.
func TestAttackOfConnects(t *testing.T) {
	s := besiege(t, broker.Limits{Clients: 20, ConnectRate: 5})
	hello := encoded(t, packet.V5, &packet.Connect{Version: packet.V5, ReceiveMaximum: 1, CleanStart: true})
	answer := make([]byte, 4)
	admitted, n := 0, 200*force()
	for range n {
		conn, err := s.dialFrom("127.0.0.2")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Write(hello); err == nil {
			if _, err := io.ReadFull(conn, answer); err == nil && answer[3] == 0 {
				admitted++
			}
		}
		_ = conn.Close()
	}
	s.refusedBy(broker.LimitConnectRate)
	if admitted < 5 || admitted > n/2 {
		t.Errorf("%d of %d connections were admitted", admitted, n)
	}
	s.v5("another address", 0).ping()
	s.lifted(20 * megabyte)
}

// TestAttackOfAnnouncements: a packet of 256 MB costs nothing before it comes, whoever announces it.
func TestAttackOfAnnouncements(t *testing.T) {
	s := besiege(t, broker.Limits{PacketSize: megabyte})
	for _, first := range []byte{0x10, 0x30, 0x82, 0xf0} {
		for range 10 * force() {
			c := s.dial()
			_, _ = c.conn.Write([]byte{first, 0xff, 0xff, 0xff, 0x7f})
			c.expectClosed()
		}
	}
	known := s.v5("known", 0)
	_, _ = known.conn.Write([]byte{0x30, 0xff, 0xff, 0xff, 0x7f})
	known.expectEnd(mqtt.PacketTooLarge)
	// What is not too large gets memory as it comes.
	for i := range 100 {
		c := s.v5(fmt.Sprintf("almost-%d", i), 0)
		_, _ = c.conn.Write([]byte{0x30, 0xf0, 0xff, 0x3f, 0, 1, 'a'})
	}
	s.refusedBy(broker.LimitPacketSize)
	s.lifted(40 * megabyte)
}

// TestAttackOfSubscriptions: a hundred thousand of one client, and few that are long.
func TestAttackOfSubscriptions(t *testing.T) {
	s := besiege(t, broker.Limits{Subscriptions: 2000, SubscriptionBytes: 4 * megabyte})
	many := s.v5("many", 0)
	granted := 0
	for range 3 * force() {
		subs := make([]mqtt.Subscription, 1000)
		for i := range subs {
			granted++
			subs[i].Filter = fmt.Sprintf("many/+/%d/#", granted)
		}
		granted -= countFailed(t, many.subscribe(subs...), mqtt.QuotaExceeded)
	}
	if granted != 2000 {
		t.Errorf("%d subscriptions were granted, want 2000", granted)
	}
	if codes := many.subscribe(mqtt.Subscription{Filter: "many/+/1/#"}); codes[0] != 0 {
		t.Errorf("one that it has: %v", codes[0])
	}
	long := s.v5("long", 0)
	filter := strings.Repeat("x", 60_000)
	failed := 0
	for i := range 100 {
		failed += countFailed(t, long.subscribe(mqtt.Subscription{Filter: fmt.Sprint(filter, i)}), mqtt.QuotaExceeded)
	}
	if failed < 30 || failed > 40 {
		t.Errorf("%d of 100 long subscriptions were refused", failed)
	}
	s.refusedBy(broker.LimitSubscriptions, broker.LimitSubscriptionBytes)
	if got := s.Status().SubscriptionBytes; got > 8*megabyte || got < 4*megabyte {
		t.Errorf("subscriptions take %d bytes", got)
	}
	many.send(&packet.Unsubscribe{PacketID: 1, Filters: []string{"many/+/1/#"}})
	expect[*packet.Unsuback](many)
	if codes := many.subscribe(mqtt.Subscription{Filter: "room again"}); codes[0] != 0 {
		t.Errorf("in the place of another: %v", codes[0])
	}
	many.leave()
	long.leave()
	eventually(t, "the memory is counted as free", func() bool { return s.Status().SubscriptionBytes < 1000 })
	s.lifted(40 * megabyte)
}

func countFailed(t *testing.T, codes []mqtt.ReasonCode, want mqtt.ReasonCode) (failed int) {
	t.Helper()
	for _, code := range codes {
		if code.Failed() {
			failed++
			if code != want {
				t.Fatalf("got %v, want %v", code, want)
			}
		}
	}
	return failed
}

// TestAttackOfTopics: thousands of levels are refused, and what 65,535 bytes cost is counted.
func TestAttackOfTopics(t *testing.T) {
	s := besiege(t, broker.Limits{TopicLevels: 20, RetainedBytes: 4 * megabyte, TotalSubscriptionBytes: 1 * megabyte})
	deep, long := strings.Repeat("a/", 100), strings.Repeat("a", 65_525)
	abyss := s.v5("abyss", 0)
	_, _ = abyss.conn.Write(append([]byte{0x30, 0x80, 0x80, 0x04, 0xff, 0xfd}, strings.Repeat("a/", 32_767)...))
	abyss.expectEnd(mqtt.TopicNameInvalid)
	c := s.v5("topics", 0)
	c.send(&packet.Publish{Topic: deep}) // dropped: nothing can tell the client
	c.send(&packet.Publish{Topic: deep, QoS: mqtt.AtLeastOnce, PacketID: 1})
	c.expectAck(packet.PUBACK, 1, mqtt.TopicNameInvalid)
	c.send(&packet.Publish{Topic: deep, QoS: mqtt.ExactlyOnce, PacketID: 2})
	c.expectAck(packet.PUBREC, 2, mqtt.TopicNameInvalid)
	if codes := c.subscribe(mqtt.Subscription{Filter: deep}, mqtt.Subscription{Filter: strings.Repeat("+/", 19) + "#"}); codes[0] != mqtt.TopicFilterInvalid || codes[1] != 0 {
		t.Errorf("deep filters: %v", codes)
	}
	will := &mqtt.Will{Message: mqtt.Message{Topic: deep}}
	if got := s.try(packet.Connect{ClientID: "will", CleanStart: true, Will: will}).connack.Code; got != mqtt.TopicNameInvalid {
		t.Errorf("a deep will: %v", got)
	}
	failed := 0
	for i := range 100 {
		failed += countFailed(t, c.subscribe(mqtt.Subscription{Filter: fmt.Sprint("b", long, i)}), mqtt.QuotaExceeded)
	}
	if failed < 80 || failed > 90 {
		t.Errorf("%d of 100 long subscriptions were refused", failed)
	}
	refused := 0
	for i := range uint16(50 * force()) {
		c.send(&packet.Publish{Topic: fmt.Sprint(long, i), Payload: []byte("x"), Retain: true, QoS: mqtt.AtLeastOnce, PacketID: i + 1})
		refused += countFailed(t, []mqtt.ReasonCode{expect[*packet.Ack](c).Code}, mqtt.QuotaExceeded)
	}
	if kept := 50*force() - refused; kept < 30 || kept > 32 {
		t.Errorf("%d long topics were kept, want about 4 MB", kept)
	}
	eventually(t, "what is retained is bounded", func() bool { return s.Status().RetainedBytes <= 5*megabyte })
	c.send(&packet.Publish{Topic: fmt.Sprint(long, 0), Payload: []byte("y"), Retain: true, QoS: mqtt.AtLeastOnce, PacketID: 1})
	c.expectAck(packet.PUBACK, 1, 0) // in the place of another
	before := s.Status().RetainedBytes
	c.send(&packet.Publish{Topic: fmt.Sprint(long, 0), Retain: true, QoS: mqtt.AtLeastOnce, PacketID: 1})
	c.expectAck(packet.PUBACK, 1, 0)
	if freed := before - s.Status().RetainedBytes; freed < 2*65_000 {
		t.Errorf("a deletion freed %d bytes", freed)
	}
	old := s.v3("old", true)
	old.send(&packet.Publish{Topic: deep, QoS: mqtt.AtLeastOnce, PacketID: 1})
	old.expectClosed()
	s.refusedBy(broker.LimitTopicLevels, broker.LimitRetainedBytes, broker.LimitTotalSubscriptionBytes)
	s.lifted(60 * megabyte)
}

// TestAFastPublisherIsSlowed, and loses nothing.
func TestAFastPublisherIsSlowed(t *testing.T) {
	s := besiege(t, broker.Limits{PublishRate: 1000})
	sub := s.v3("sub", true)
	sub.subscribe(mqtt.Subscription{Filter: "fast", QoS: mqtt.AtLeastOnce})
	fast := s.v5("fast", 0)
	began := time.Now()
	const n = 1500
	var packets []packet.Packet
	for i := range n {
		packets = append(packets, &packet.Publish{Topic: "fast", Payload: fmt.Append(nil, i)})
	}
	fast.send(packets...)
	for i, got := range sub.receive(n) {
		if got != fmt.Sprint(i) {
			t.Fatalf("message %d is %s", i, got)
		}
	}
	if took := time.Since(began); took < 400*time.Millisecond {
		t.Errorf("%d messages took %s", n, took)
	}
	fast.ping()
	s.refusedBy(broker.LimitPublishRate)
	fast.send(packets...)
	s.lifted(20 * megabyte) // also one that waits ends with the broker
}
