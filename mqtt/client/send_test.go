package client_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/client"
	"github.com/tidegate/tidegate/mqtt/packet"
)

func hello(text string) *mqtt.Message { return &mqtt.Message{Topic: "a/b", Payload: []byte(text)} }

func MustSend(tb testing.TB, r running, d *delivery, m *mqtt.Message) {
	tb.Helper()
	if err := r.Send(tb.Context(), d, m); err != nil {
		tb.Fatal(err)
	}
}

func TestSendSettlesOnAcknowledgement(t *testing.T) {
	o, s := pipe(t, 5)
	r := MustRun(t, o, s, &packet.Connack{})
	one := newDelivery(17, 1, mqtt.DeliveryNew)
	MustSend(t, r, one, &mqtt.Message{
		Topic: "a/b", Payload: []byte("x"), Retain: true, Expires: time.Now().Add(100*time.Second + 500*time.Millisecond),
		Properties: mqtt.Properties{ContentType: "text", User: []mqtt.UserProperty{{Name: "n", Value: "1"}}},
	})
	want := &packet.Publish{
		QoS: 1, Retain: true, Topic: "a/b", PacketID: 17, Payload: []byte("x"), MessageExpiry: new(uint32(100)),
		Properties: mqtt.Properties{ContentType: "text", User: []mqtt.UserProperty{{Name: "n", Value: "1"}}},
	}
	if diff := cmp.Diff(want, expect[*packet.Publish](s)); diff != "" {
		t.Error(diff)
	}
	s.send(&packet.Ack{Kind: packet.PUBACK, PacketID: 17, Code: mqtt.NoMatchingSubscribers})
	if err := one.wait(t); err != nil {
		t.Errorf("settled with %v", err)
	}
	refused := newDelivery(18, 2, mqtt.DeliverySent)
	MustSend(t, r, refused, hello("y"))
	if p := expect[*packet.Publish](s); !p.DUP || p.QoS != 2 {
		t.Errorf("got %+v, want a repetition", p)
	}
	s.send(&packet.Ack{Kind: packet.PUBREC, PacketID: 18, Code: mqtt.QuotaExceeded})
	if err := refused.wait(t); !errors.Is(err, mqtt.QuotaExceeded) {
		t.Errorf("settled with %v", err)
	}
	zero := newDelivery(0, 0, mqtt.DeliveryNew)
	MustSend(t, r, zero, hello("z"))
	if p := expect[*packet.Publish](s); p.QoS != 0 || p.PacketID != 0 {
		t.Errorf("got %+v", p)
	}
	if err := zero.wait(t); err != nil {
		t.Error(err)
	}
}

func TestPubrelOnlyAfterPubrecIsRecorded(t *testing.T) {
	o, s := pipe(t, 4)
	r := MustRun(t, o, s, &packet.Connack{})
	two := newDelivery(5, 2, mqtt.DeliveryNew)
	recorded := make(chan mqtt.Settle, 1)
	two.received = func(done mqtt.Settle) { recorded <- done }
	MustSend(t, r, two, hello("x"))
	expect[*packet.Publish](s)
	s.send(&packet.Ack{Kind: packet.PUBREC, PacketID: 5})
	done := <-recorded
	// A QoS 0 message proves that no PUBREL was before it.
	MustSend(t, r, newDelivery(0, 0, 0), hello("between"))
	expect[*packet.Publish](s)
	done(nil)
	if a := expect[*packet.Ack](s); a.Kind != packet.PUBREL || a.PacketID != 5 {
		t.Fatalf("got %+v", a)
	}
	s.send(&packet.Ack{Kind: packet.PUBCOMP, PacketID: 5})
	if err := two.wait(t); err != nil {
		t.Error(err)
	}
	taken := newDelivery(6, 2, mqtt.DeliveryReceived)
	MustSend(t, r, taken, hello("never again"))
	if a := expect[*packet.Ack](s); a.Kind != packet.PUBREL || a.PacketID != 6 {
		t.Fatalf("a delivery that was taken over sends %+v", a)
	}
	s.send(&packet.Ack{Kind: packet.PUBREC, PacketID: 99})
	if a := expect[*packet.Ack](s); a.Kind != packet.PUBREL || a.PacketID != 99 {
		t.Fatalf("an unknown PUBREC got %+v", a)
	}
}

// TestUnrecordedPubrecEndsConnection: a failure that may be over later ends the connection [MQTT3-4.8.0-2].
func TestUnrecordedPubrecEndsConnection(t *testing.T) {
	o, s := pipe(t, 5)
	r := MustRun(t, o, s, &packet.Connack{})
	two := newDelivery(5, 2, mqtt.DeliveryNew)
	broken := errors.New("disk is gone")
	two.received = func(done mqtt.Settle) { done(broken) }
	MustSend(t, r, two, hello("x"))
	expect[*packet.Publish](s)
	s.send(&packet.Ack{Kind: packet.PUBREC, PacketID: 5})
	if err := r.end(t); !errors.Is(err, broken) {
		t.Errorf("ended with %v", err)
	}
}

func TestWindow(t *testing.T) {
	tests := []struct {
		name            string
		version, window int
		announced       uint16
		want            int
	}{
		{"3.1.1 takes twenty", 4, 0, 0, 20},
		{"3.1.1 as set", 4, 30, 0, 30},
		{"5 as announced", 5, 0, 3, 3},
		{"5 as announced, not more", 5, 10, 3, 3},
		{"5 as set, when less", 5, 2, 3, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o, s := pipe(t, tt.version)
			o.Window = tt.window
			r := MustRun(t, o, s, &packet.Connack{ReceiveMaximum: tt.announced})
			go s.swallow()
			for i := range tt.want {
				MustSend(t, r, newDelivery(uint16(i+1), 1, 0), hello("x"))
			}
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			if err := r.Send(ctx, newDelivery(1000, 1, 0), hello("x")); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("message %d: %v, want to wait", tt.want+1, err)
			}
			if r.Unfinished() != tt.want {
				t.Errorf("%d unfinished", r.Unfinished())
			}
		})
	}
}

func TestRoomWakesSend(t *testing.T) {
	o, s := pipe(t, 5)
	r := MustRun(t, o, s, &packet.Connack{ReceiveMaximum: 1})
	var cloud sync.WaitGroup
	cloud.Go(func() {
		for range 100 {
			p := expect[*packet.Publish](s)
			s.send(&packet.Ack{Kind: packet.PUBACK, PacketID: p.PacketID})
		}
	})
	for i := range 100 {
		MustSend(t, r, newDelivery(uint16(i+1), 1, 0), hello("x"))
	}
	cloud.Wait()
}

func TestWhatCannotBeSent(t *testing.T) {
	o, s := pipe(t, 5)
	r := MustRun(t, o, s, &packet.Connack{MaximumPacketSize: 50, MaximumQoS: new(mqtt.AtLeastOnce), RetainUnavailable: true})
	tests := []struct {
		name string
		qos  mqtt.QoS
		m    *mqtt.Message
		want mqtt.ReasonCode
	}{
		{"too large", 1, hello(strings.Repeat("x", 50)), mqtt.PacketTooLarge},
		{"QoS 2", 2, hello("x"), mqtt.QoSNotSupported},
		{"retained", 1, &mqtt.Message{Topic: "a", Retain: true}, mqtt.RetainNotSupported}, // [MQTT-3.2.2-14]
		{"topic", 1, &mqtt.Message{Topic: "a/#"}, mqtt.ImplementationSpecificError},
	}
	for _, tt := range tests {
		err := r.Send(t.Context(), newDelivery(1, tt.qos, 0), tt.m)
		if unsendable, ok := errors.AsType[*client.Unsendable](err); !ok || unsendable.Code != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
	if r.Unfinished() != 0 {
		t.Errorf("%d unfinished", r.Unfinished())
	}
}

func TestPublishIsSettledOnce(t *testing.T) {
	o, s := pipe(t, 5)
	r := MustRun(t, o, s, &packet.Connack{})
	settled := make(chan error, 3)
	for qos := range mqtt.QoS(3) {
		m := hello("x")
		m.QoS = qos
		if err := r.Publish(t.Context(), m, func(err error) { settled <- err }); err != nil {
			t.Fatal(err)
		}
		p := expect[*packet.Publish](s)
		if p.QoS != qos || qos > 0 && (p.PacketID < 32001 || p.PacketID > 64000) {
			t.Errorf("got %+v", p)
		}
	}
	_ = s.conn.Close()
	ended := r.end(t)
	for i := range 3 {
		err := <-settled
		if (i == 0) != (err == nil) {
			t.Errorf("settlement %d: %v; the connection ended with %v", i, err, ended)
		}
	}
	if err := r.Publish(t.Context(), hello("x"), nil); err == nil {
		t.Error("a connection that is over takes messages")
	}
}

func TestSubscribe(t *testing.T) {
	o, s := pipe(t, 5)
	r := MustRun(t, o, s, &packet.Connack{})
	go func() {
		ask := expect[*packet.Subscribe](s)
		if ask.PacketID < 64001 || len(ask.Subscriptions) != 2 || !ask.Subscriptions[0].NoLocal {
			t.Errorf("SUBSCRIBE %+v", ask)
		}
		s.send(
			&packet.Suback{PacketID: 64001 + 1000, Codes: []mqtt.ReasonCode{0}}, // nobody asked
			&packet.Suback{PacketID: ask.PacketID, Codes: []mqtt.ReasonCode{2, mqtt.NotAuthorized}},
		)
		stop := expect[*packet.Unsubscribe](s)
		s.send(&packet.Unsuback{PacketID: stop.PacketID, Codes: []mqtt.ReasonCode{0}})
		ask = expect[*packet.Subscribe](s)
		s.send(&packet.Suback{PacketID: ask.PacketID, Codes: []mqtt.ReasonCode{2, 2}})
	}()
	codes, err := r.Subscribe(t.Context(), mqtt.Subscription{Filter: "a/#", QoS: 2, NoLocal: true}, mqtt.Subscription{Filter: "b"})
	if err != nil || !cmp.Equal(codes, []mqtt.ReasonCode{2, mqtt.NotAuthorized}) {
		t.Errorf("codes %v, %v", codes, err)
	}
	if _, err := r.Unsubscribe(t.Context(), "a/#"); err != nil {
		t.Error(err)
	}
	if _, err := r.Subscribe(t.Context(), mqtt.Subscription{Filter: "c"}); !errors.Is(err, mqtt.ProtocolError) {
		t.Errorf("two codes for one subscription: %v", err)
	}
	if err := r.end(t); !errors.Is(err, mqtt.ProtocolError) {
		t.Errorf("ended with %v", err)
	}
}

func TestAcknowledgementsAreHandledWhileReceiveWaits(t *testing.T) {
	o, s := pipe(t, 5)
	waiting, goOn := make(chan struct{}), make(chan struct{})
	o.Receive = func(_ context.Context, _ *mqtt.Message, _ uint16, settle mqtt.Settle) error {
		close(waiting)
		<-goOn
		settle(nil)
		return nil
	}
	r := MustRun(t, o, s, &packet.Connack{})
	s.send(&packet.Publish{QoS: 1, Topic: "in", PacketID: 1})
	<-waiting
	d := newDelivery(1, 1, 0)
	MustSend(t, r, d, hello("out"))
	expect[*packet.Publish](s)
	s.send(&packet.Ack{Kind: packet.PUBACK, PacketID: 1})
	if err := d.wait(t); err != nil {
		t.Error(err)
	}
	close(goOn)
	if a := expect[*packet.Ack](s); a.Kind != packet.PUBACK || a.PacketID != 1 {
		t.Errorf("got %+v", a)
	}
}

func TestWriteErrorEndsConnection(t *testing.T) {
	o, s := pipe(t, 5)
	r := MustRun(t, o, s, &packet.Connack{})
	if err := s.conn.Close(); err != nil {
		t.Fatal(err)
	}
	if err := r.end(t); err == nil || errors.Is(err, net.ErrClosed) {
		t.Errorf("ended with %v", err)
	}
}
