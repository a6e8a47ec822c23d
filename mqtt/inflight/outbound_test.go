package inflight_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/inflight"
)

func noRelease(t *testing.T) func(uint16, error) {
	return func(id uint16, err error) { t.Errorf("PUBREL for %d (%v), want none", id, err) }
}

func TestAddSaysWhatToSend(t *testing.T) {
	tests := []struct {
		name  string
		qos   mqtt.QoS
		state mqtt.DeliveryState
		want  inflight.Action
	}{
		{"new at QoS 1", 1, mqtt.DeliveryNew, inflight.SendPublish},
		{"repeated at QoS 1", 1, mqtt.DeliverySent, inflight.SendPublishDup},
		{"new at QoS 2", 2, mqtt.DeliveryNew, inflight.SendPublish},
		{"repeated at QoS 2", 2, mqtt.DeliverySent, inflight.SendPublishDup},
		{"taken over at QoS 2", 2, mqtt.DeliveryReceived, inflight.SendPubrel},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := inflight.NewOutbound(1, nil)
			if got := o.Add(&delivery{id: 7, qos: tt.qos, state: tt.state}); got != tt.want {
				t.Errorf("action %d, want %d", got, tt.want)
			}
			if o.Room() != 0 || o.Len() != 1 {
				t.Errorf("room %d and length %d, want 0 and 1", o.Room(), o.Len())
			}
		})
	}
}

func TestPubackEndsDelivery(t *testing.T) {
	tests := []struct {
		code mqtt.ReasonCode
		want error
	}{{mqtt.Success, nil}, {mqtt.NoMatchingSubscribers, nil}, {mqtt.QuotaExceeded, mqtt.QuotaExceeded}}
	for _, tt := range tests {
		t.Run(tt.code.String(), func(t *testing.T) {
			woken := 0
			o := inflight.NewOutbound(1, func() { woken++ })
			d := &delivery{id: 1, qos: 1}
			o.Add(d)
			if err := o.Puback(1, tt.code); err != nil {
				t.Fatal(err)
			}
			if ends := d.ends(); len(ends) != 1 || !errors.Is(ends[0], tt.want) {
				t.Errorf("settled with %v, want once %v", ends, tt.want)
			}
			if woken != 1 || o.Room() != 1 {
				t.Errorf("woken %d times with room %d, want 1 and 1", woken, o.Room())
			}
		})
	}
}

func TestPubrelWaitsForDisk(t *testing.T) {
	k := &disk{}
	d := &delivery{id: 9, qos: 2, disk: k}
	o := inflight.NewOutbound(10, nil)
	o.Add(d)
	released := 0
	release := func(id uint16, err error) {
		if id != 9 || err != nil {
			t.Errorf("release %d, %v", id, err)
		}
		released++
	}
	for range 2 { // the repetition comes while the first is on its way to the disk
		if err := o.Pubrec(9, mqtt.Success, release); err != nil {
			t.Fatal(err)
		}
	}
	if released != 0 {
		t.Fatal("PUBREL left before PUBREC was recorded")
	}
	if err := o.Pubcomp(9, 0); !errors.Is(err, mqtt.ProtocolError) {
		t.Errorf("PUBCOMP before PUBREL: %v, want a protocol error", err)
	}
	for k.commit() {
	}
	if released != 1 {
		t.Fatalf("%d PUBRELs, want 1", released)
	}
	if err := o.Pubrec(9, mqtt.Success, release); err != nil || released != 2 {
		t.Fatalf("a repeated PUBREC gave %v and %d PUBRELs in all, want 2", err, released)
	}
	if len(d.ends()) != 0 {
		t.Fatal("settled before PUBCOMP")
	}
	if err := o.Pubcomp(9, mqtt.PacketIdentifierNotFound); err != nil {
		t.Fatal(err)
	}
	if ends := d.ends(); len(ends) != 1 || ends[0] != nil {
		t.Errorf("settled with %v, want once nil", ends)
	}
}

func TestPubrecRefusal(t *testing.T) {
	d := &delivery{id: 9, qos: 2}
	o := inflight.NewOutbound(10, nil)
	o.Add(d)
	if err := o.Pubrec(9, mqtt.NotAuthorized, noRelease(t)); err != nil {
		t.Fatal(err)
	}
	if ends := d.ends(); len(ends) != 1 || !errors.Is(ends[0], mqtt.NotAuthorized) {
		t.Errorf("settled with %v, want once not authorized", ends)
	}
	if err := o.Pubrec(9, mqtt.NotAuthorized, noRelease(t)); err != nil {
		t.Errorf("a repeated refusal: %v, want nothing", err)
	}
}

// failing refuses to record.
type failing struct{ delivery }

func (*failing) Received(done mqtt.Settle) { done(errDisk) }

var errDisk = errors.New("disk is gone")

func TestPubrecNotRecordedIsToldAndRepeatable(t *testing.T) {
	o := inflight.NewOutbound(1, nil)
	o.Add(&failing{delivery{id: 3, qos: 2}})
	calls := 0
	for range 2 {
		err := o.Pubrec(3, mqtt.Success, func(_ uint16, err error) {
			calls++
			if !errors.Is(err, errDisk) {
				t.Errorf("release with %v, want the disk's error", err)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if calls != 2 {
		t.Errorf("%d calls, want 2", calls)
	}
}

func TestUnknownAndWrong(t *testing.T) {
	o := inflight.NewOutbound(10, nil)
	one, two := &delivery{id: 1, qos: 1}, &delivery{id: 2, qos: 2}
	o.Add(one)
	o.Add(two)
	checks := []struct {
		name string
		got  error
		want mqtt.ReasonCode
	}{
		{"unknown PUBACK", o.Puback(5, 0), mqtt.PacketIdentifierNotFound},
		{"unknown PUBREC", o.Pubrec(5, 0, noRelease(t)), mqtt.PacketIdentifierNotFound},
		{"unknown PUBCOMP", o.Pubcomp(5, 0), mqtt.PacketIdentifierNotFound},
		{"PUBACK for QoS 2", o.Puback(2, 0), mqtt.ProtocolError},
		{"PUBREC for QoS 1", o.Pubrec(1, 0, noRelease(t)), mqtt.ProtocolError},
		{"refusing PUBREC for QoS 1", o.Pubrec(1, mqtt.NotAuthorized, noRelease(t)), mqtt.ProtocolError},
		{"PUBCOMP for QoS 1", o.Pubcomp(1, 0), mqtt.ProtocolError},
	}
	for _, c := range checks {
		if !errors.Is(c.got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, c.got, c.want)
		}
	}
	if len(one.ends())+len(two.ends()) != 0 {
		t.Error("a wrong acknowledgement settled a delivery")
	}
}

func TestWindowGrows(t *testing.T) {
	woken := 0
	o := inflight.NewOutbound(0, func() { woken++ })
	o.SetWindow(2)
	if woken != 1 || o.Room() != 2 {
		t.Errorf("woken %d with room %d, want 1 and 2", woken, o.Room())
	}
	o.Add(&delivery{id: 1, qos: 1})
	o.SetWindow(1)
	if o.Room() != 0 {
		t.Errorf("room %d, want 0", o.Room())
	}
}

func TestOutboundConcurrently(t *testing.T) {
	const count, window = 2000, 20
	room := make(chan struct{}, 1)
	o := inflight.NewOutbound(window, func() {
		select {
		case room <- struct{}{}:
		default:
		}
	})
	sent := make(chan *delivery, window)
	all := make([]*delivery, count)
	var wg sync.WaitGroup
	wg.Go(func() {
		defer close(sent)
		for i := range all {
			for o.Room() <= 0 {
				<-room
			}
			all[i] = &delivery{id: uint16(i + 1), qos: mqtt.QoS(i%2 + 1)}
			o.Add(all[i])
			sent <- all[i]
		}
	})
	for range 2 {
		wg.Go(func() {
			for d := range sent {
				acknowledge(t, o, d)
			}
		})
	}
	wg.Wait()
	for _, d := range all {
		if len(d.ends()) != 1 {
			t.Fatalf("delivery %d was settled %d times", d.id, len(d.ends()))
		}
	}
}

func acknowledge(t *testing.T, o *inflight.Outbound, d *delivery) {
	if d.qos == 1 {
		if err := o.Puback(d.id, 0); err != nil {
			t.Error(err)
		}
		return
	}
	err := o.Pubrec(d.id, 0, func(id uint16, _ error) {
		if err := o.Pubcomp(id, 0); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Error(err)
	}
}
