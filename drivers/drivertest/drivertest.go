// Package drivertest is the suite that every driver passes which asks its devices: what gateway.Driver promises, checked
// against a peer that can misbehave. The driver's test brings the peer, since the suite knows no protocol.
package drivertest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// Peer is a device with its wire, made anew for each case. Its cleanup is the maker's affair.
type Peer struct {
	// Connection leads to the peer; its timeout should be short, 200 ms or so.
	Connection gateway.Connection
	// Device has points that can be read; its last point is writable.
	Device gateway.Device
	// Want is the raw value of each point. Values do not move by themselves.
	Want []gateway.Value
	// Write is a value for the last point, another one than Want has.
	Write gateway.Value
	// Silence makes the device swallow all requests, or answer again.
	Silence func(silent bool)
	// Unplug ends the wire for good.
	Unplug func()
}

// Run runs the suite. newPeer is called once for each case.
func Run(t *testing.T, open gateway.OpenDriver, newPeer func(t *testing.T) Peer) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, gateway.Driver, Peer){
		"reads exact values in the order asked for": readsExactly,
		"no answer is a bad reading and no error":   silenceIsBad,
		"answers again after a silence":             answersAgain,
		"writes and reads back":                     writesAndReadsBack,
		"refuses to write a read-only point":        refusesReadOnly,
		"a lost wire is an error":                   lostWireIsAnError,
		"close ends a poll in progress":             closeEndsPoll,
		"close may be repeated":                     closeTwice,
		"the end of the context ends a poll":        contextEndsPoll,
	} {
		t.Run(name, func(t *testing.T) {
			peer := newPeer(t)
			driver, err := open(t.Context(), peer.Connection)
			if err != nil {
				t.Fatalf("open %s: %v", peer.Connection.URL, err)
			}
			t.Cleanup(func() {
				if err := driver.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			})
			test(t, driver, peer)
		})
	}
}

// patience is more than a poll of a silent device takes.
const patience = 5 * time.Second

// caution is how long a driver may distrust a device that was silent.
const caution = 15 * time.Second

func poll(t *testing.T, driver gateway.Driver, d gateway.Device) []gateway.Reading {
	t.Helper()
	readings, err := driver.Poll(t.Context(), d, d.Points)
	if err != nil {
		t.Fatalf("poll: %v", err)
	}
	if len(readings) != len(d.Points) {
		t.Fatalf("%d readings of %d points", len(readings), len(d.Points))
	}
	for i, r := range readings {
		if want := (gateway.PointKey{Device: d.ID, Point: d.Points[i].ID}); r.Point != want {
			t.Fatalf("reading %d is of %s, want %s", i, r.Point, want)
		}
	}
	return readings
}

func wantGood(t *testing.T, driver gateway.Driver, peer Peer) {
	t.Helper()
	for i, r := range poll(t, driver, peer.Device) {
		if r.Quality != gateway.Good || r.Value != peer.Want[i] {
			t.Errorf("%s is %s (%s, %s), want %s", r.Point, r.Value, r.Quality, r.Reason, peer.Want[i])
		}
		if age := time.Since(r.Time); age < 0 || age > patience {
			t.Errorf("%s has the time %s", r.Point, r.Time)
		}
	}
}

func readsExactly(t *testing.T, driver gateway.Driver, peer Peer) {
	for range 3 {
		wantGood(t, driver, peer)
	}
	// The order is that of the question, not that of the addresses.
	reversed := peer
	reversed.Device.Points, reversed.Want = nil, nil
	for i, point := range slices.Backward(peer.Device.Points) {
		reversed.Device.Points = append(reversed.Device.Points, point)
		reversed.Want = append(reversed.Want, peer.Want[i])
	}
	wantGood(t, driver, reversed)
}

func wantBad(t *testing.T, readings []gateway.Reading) {
	t.Helper()
	for _, r := range readings {
		if r.Quality != gateway.Bad || !r.Value.IsNull() || r.Reason == "" {
			t.Errorf("%s of a silent device: %s, %s, %q", r.Point, r.Value, r.Quality, r.Reason)
		}
	}
}

func silenceIsBad(t *testing.T, driver gateway.Driver, peer Peer) {
	peer.Silence(true)
	begin := time.Now()
	wantBad(t, poll(t, driver, peer.Device))
	if took := time.Since(begin); took > patience {
		t.Errorf("a silent device took %s", took)
	}
}

func answersAgain(t *testing.T, driver gateway.Driver, peer Peer) {
	wantGood(t, driver, peer)
	peer.Silence(true)
	wantBad(t, poll(t, driver, peer.Device))
	peer.Silence(false)
	// A driver may wait until no late answer can be mistaken for a new one, but not for ever.
	deadline := time.Now().Add(caution)
	for readings := poll(t, driver, peer.Device); anyBad(readings); readings = poll(t, driver, peer.Device) {
		if time.Now().After(deadline) {
			t.Fatalf("still bad: %+v", readings)
		}
		<-time.After(20 * time.Millisecond)
	}
	wantGood(t, driver, peer)
}

func anyBad(readings []gateway.Reading) bool {
	return slices.ContainsFunc(readings, func(r gateway.Reading) bool { return r.Quality == gateway.Bad })
}

func writesAndReadsBack(t *testing.T, driver gateway.Driver, peer Peer) {
	last := peer.Device.Points[len(peer.Device.Points)-1]
	r, err := driver.Write(t.Context(), peer.Device, last, peer.Write)
	if err != nil || r.Value != peer.Write || r.Quality != gateway.Good {
		t.Fatalf("write: %+v, %v", r, err)
	}
	if again := poll(t, driver, peer.Device); again[len(again)-1].Value != peer.Write {
		t.Errorf("the next poll reads %s, want %s", again[len(again)-1].Value, peer.Write)
	}
}

func refusesReadOnly(t *testing.T, driver gateway.Driver, peer Peer) {
	last := peer.Device.Points[len(peer.Device.Points)-1]
	last.Writable = false
	if _, err := driver.Write(t.Context(), peer.Device, last, peer.Write); gateway.CodeOf(err) != gateway.Invalid {
		t.Errorf("write to a read-only point: %v", err)
	}
	wantGood(t, driver, peer)
}

func lostWireIsAnError(t *testing.T, driver gateway.Driver, peer Peer) {
	wantGood(t, driver, peer)
	peer.Unplug()
	begin := time.Now()
	if readings, err := driver.Poll(t.Context(), peer.Device, peer.Device.Points); err == nil {
		t.Errorf("poll over a lost wire: %v", readings)
	}
	if took := time.Since(begin); took > patience {
		t.Errorf("the loss was noticed after %s", took)
	}
}

// interrupt polls a silent device until end was called.
func interrupt(ctx context.Context, t *testing.T, driver gateway.Driver, peer Peer, end func()) error {
	t.Helper()
	peer.Silence(true)
	result := make(chan error, 1)
	go func() {
		_, err := driver.Poll(ctx, peer.Device, peer.Device.Points)
		result <- err
	}()
	time.AfterFunc(20*time.Millisecond, end)
	select {
	case err := <-result:
		return err
	case <-time.After(patience):
		t.Fatal("the poll did not end")
		return nil
	}
}

func closeEndsPoll(t *testing.T, driver gateway.Driver, peer Peer) {
	if err := interrupt(t.Context(), t, driver, peer, func() { _ = driver.Close() }); err == nil {
		t.Error("a poll over a closed wire has no error")
	}
}

func closeTwice(t *testing.T, driver gateway.Driver, _ Peer) {
	if err := driver.Close(); err != nil {
		t.Errorf("first close: %v", err)
	}
}

func contextEndsPoll(t *testing.T, driver gateway.Driver, peer Peer) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	begin := time.Now()
	_ = interrupt(ctx, t, driver, peer, cancel) // an error, or bad readings that nobody looks at
	if took, timeout := time.Since(begin), time.Duration(peer.Connection.Timeout); took > timeout/2 {
		t.Errorf("the poll ended after %s, as if nobody had cancelled it", took)
	}
}
