package inflight_test

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/inflight"
)

func arrive(t testing.TB, in *inflight.Inbound, kind inflight.Kind, id uint16) inflight.Slot {
	t.Helper()
	slot, repeated, err := in.Arrive(kind, id)
	if err != nil || repeated {
		t.Fatalf("arrival of %d: repeated %t, %v", id, repeated, err)
	}
	return slot
}

func drain(in *inflight.Inbound) []inflight.Ack {
	var acks []inflight.Ack
	for {
		ack, ok := in.Next()
		if !ok {
			return acks
		}
		acks = append(acks, ack)
	}
}

func TestAcknowledgementsLeaveInOrderOfArrival(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		in := inflight.NewInbound(0, nil)
		var slots []inflight.Slot
		var want, got []inflight.Ack
		count := rapid.IntRange(1, 40).Draw(rt, "count")
		for i := range count {
			ack := inflight.Ack{
				Kind:     rapid.SampledFrom([]inflight.Kind{inflight.PUBACK, inflight.PUBREC, inflight.PUBCOMP}).Draw(rt, "kind"),
				PacketID: uint16(i + 1),
				Code:     rapid.SampledFrom([]mqtt.ReasonCode{mqtt.Success, mqtt.QuotaExceeded}).Draw(rt, "code"),
			}
			want = append(want, ack)
			slots = append(slots, arrive(t, in, ack.Kind, ack.PacketID))
		}
		order := make([]int, count)
		for i := range order {
			order[i] = i
		}
		for _, i := range rapid.Permutation(order).Draw(rt, "order") {
			slots[i].Settle(want[i].Code)
			got = append(got, drain(in)...)
		}
		if !slices.Equal(got, want) {
			rt.Fatalf("acknowledgements %v, want %v", got, want)
		}
	})
}

func TestReceiveMaximum(t *testing.T) {
	in := inflight.NewInbound(2, nil)
	one := arrive(t, in, inflight.PUBACK, 1)
	two := arrive(t, in, inflight.PUBREC, 2)
	if _, _, err := in.Arrive(inflight.PUBACK, 3); !errors.Is(err, mqtt.ReceiveMaximumExceeded) {
		t.Fatalf("a third publish: %v, want receive maximum exceeded", err)
	}
	one.Settle(mqtt.Success)
	two.Settle(mqtt.Success)
	drain(in)
	if in.Open() != 1 {
		t.Fatalf("%d open, want 1: PUBREC does not end a publish", in.Open())
	}
	arrive(t, in, inflight.PUBREC, 2).Settle(mqtt.Success) // a repetition after PUBREC counts once
	arrive(t, in, inflight.PUBACK, 3)
	arrive(t, in, inflight.PUBCOMP, 9) // a PUBREL of an earlier connection counts never
	if in.Open() != 2 {
		t.Errorf("%d open, want 2", in.Open())
	}
}

func TestPublishIsOverWithPubcompOrRefusal(t *testing.T) {
	in := inflight.NewInbound(1, nil)
	arrive(t, in, inflight.PUBREC, 1).Settle(mqtt.QuotaExceeded)
	drain(in)
	if in.Open() != 0 {
		t.Fatal("open after a refusing PUBREC")
	}
	arrive(t, in, inflight.PUBREC, 2).Settle(mqtt.Success)
	arrive(t, in, inflight.PUBCOMP, 2).Settle(mqtt.Success)
	drain(in)
	if in.Open() != 0 {
		t.Fatal("open after PUBCOMP")
	}
}

func TestRepetitionBeforeAcknowledgementGetsOneAnswer(t *testing.T) {
	in := inflight.NewInbound(10, nil)
	slot := arrive(t, in, inflight.PUBACK, 1)
	for range 100_000 {
		if _, repeated, err := in.Arrive(inflight.PUBACK, 1); !repeated || err != nil {
			t.Fatalf("repeated %t, %v", repeated, err)
		}
	}
	slot.Settle(mqtt.Success)
	if acks := drain(in); len(acks) != 1 {
		t.Errorf("%d acknowledgements, want 1", len(acks))
	}
	arrive(t, in, inflight.PUBACK, 1) // afterwards the identifier is new
}

func TestInboundConcurrently(t *testing.T) {
	const count = 5000
	wake := make(chan struct{}, 1)
	in := inflight.NewInbound(0, func() {
		select {
		case wake <- struct{}{}:
		default:
		}
	})
	slots := make(chan inflight.Slot, 100)
	var wg sync.WaitGroup
	wg.Go(func() {
		defer close(slots)
		for i := range count {
			slot, _, err := in.Arrive(inflight.PUBACK, uint16(i+1))
			if err != nil {
				t.Error(err)
			}
			slots <- slot
		}
	})
	for range 3 {
		wg.Go(func() {
			for slot := range slots {
				slot.Settle(mqtt.Success)
			}
		})
	}
	for next := 1; next <= count; {
		<-wake
		for _, ack := range drain(in) {
			if int(ack.PacketID) != next {
				t.Fatalf("acknowledgement of %d, want %d", ack.PacketID, next)
			}
			next++
		}
	}
	wg.Wait()
}
