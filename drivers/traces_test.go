package drivers_test

import (
	"bytes"
	"context"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/drivers"
	"github.com/tidegate/tidegate/drivers/sim"
	"github.com/tidegate/tidegate/gateway"
)

// everything is the query that finds all frames.
var everything = gateway.FrameQuery{Unit: -1, Function: -1}

func mustFrames(t *testing.T, wires *drivers.Wires, connection gateway.Connection, q gateway.FrameQuery) gateway.FramePage {
	t.Helper()
	page, err := wires.Frames(connection, q)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// A trace outlives the wire; it is asked for in parts, and for what matters.
func TestFramesOfAConnection(t *testing.T) {
	slave, err := sim.ListenTCP(t.Context(), "127.0.0.1:0", map[byte]*sim.Unit{1: sim.NewUnit(0, 0, 0, 10), 2: sim.NewAddresses()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() { _ = slave.Run(ctx) })
	t.Cleanup(func() { stop(); serving.Wait() })
	wires := drivers.NewWires()
	defer func() { _ = wires.Close() }()
	connection := gateway.Connection{ID: "bus", URL: "tcp://" + slave.Addr(), Timeout: gateway.Duration(time.Second)}
	if page := mustFrames(t, wires, connection, everything); len(page.Frames) != 0 || page.Next != 0 {
		t.Errorf("before there was a wire: %+v", page)
	}
	for unit := 1; unit <= 2; unit++ {
		d, err := wires.Open(t.Context(), connection)
		if err != nil {
			t.Fatal(err)
		}
		device := gateway.Device{ID: "d", Unit: unit}
		if _, err := d.Poll(t.Context(), device, []gateway.Point{{ID: "p", Address: "holding:77", Type: gateway.Uint16}}); err != nil {
			t.Fatal(err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	all := mustFrames(t, wires, connection, everything)
	if len(all.Frames) != 4 || all.Next != all.Frames[3].Number || all.Overwritten != 0 || all.Missed {
		t.Fatalf("%+v", all)
	}
	for _, c := range []struct {
		name string
		q    gateway.FrameQuery
		want []int
	}{
		{"the newest", gateway.FrameQuery{Unit: -1, Function: -1, Limit: 2}, []int{2, 3}},
		{"the next ones", gateway.FrameQuery{Unit: -1, Function: -1, Limit: 2, After: all.Frames[0].Number}, []int{1, 2}},
		{"a unit", gateway.FrameQuery{Unit: 2, Function: -1}, []int{2, 3}},
		{"a function", gateway.FrameQuery{Unit: -1, Function: 4}, nil},
		{"problems", gateway.FrameQuery{Unit: -1, Function: -1, Problems: true}, []int{1}},
		{"nothing new", gateway.FrameQuery{Unit: -1, Function: -1, After: all.Next}, nil},
	} {
		page := mustFrames(t, wires, connection, c.q)
		if len(page.Frames) != len(c.want) {
			t.Errorf("%s: %+v", c.name, page)
			continue
		}
		for i, want := range c.want {
			if page.Frames[i].Number != all.Frames[want].Number {
				t.Errorf("%s: %d is %+v", c.name, i, page.Frames[i])
			}
		}
	}
	if page := mustFrames(t, wires, connection, gateway.FrameQuery{Unit: -1, Function: -1, Limit: 1, After: all.Frames[0].Number}); page.Next != all.Frames[1].Number {
		t.Errorf("it goes on at %d, want %d", page.Next, all.Frames[1].Number)
	}
	if file, err := wires.FrameFile(connection); err != nil || !bytes.HasPrefix(file, []byte{0x0A, 0x0D, 0x0D, 0x0A}) {
		t.Errorf("% x, %v", file, err)
	}
}
