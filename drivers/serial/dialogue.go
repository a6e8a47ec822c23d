package serial

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/drivers/line"
	"github.com/tidegate/tidegate/gateway"
)

// Asker is an open wire with devices that speak when they are asked.
type Asker struct {
	line    line.Line
	talk    line.Talk
	timeout time.Duration
	polls   uint64
	damaged atomic.Uint64
	closed  atomic.Bool
}

var (
	_ gateway.Driver        = (*Asker)(nil)
	_ gateway.DamageCounter = (*Asker)(nil)
)

// Ask asks over a wire that is open; the driver owns it from now on. timeout is how long a device may take to begin its answer.
func Ask(wire line.Line, talk line.Talk, timeout time.Duration) *Asker {
	return &Asker{line: wire, talk: talk, timeout: timeout, polls: uint64(time.Now().UnixMicro())}
}

// Close closes the wire and ends a call in progress.
func (d *Asker) Close() error {
	if d.closed.Swap(true) {
		return nil
	}
	return d.line.Close()
}

// Damaged implements gateway.DamageCounter.
func (d *Asker) Damaged() uint64 { return d.damaged.Load() }

// Write is Invalid: a dialogue only asks.
func (d *Asker) Write(context.Context, gateway.Device, gateway.Point, gateway.Value) (gateway.Reading, error) {
	return gateway.Reading{}, gateway.Errorf(gateway.Invalid, "a device that sends lines cannot be written")
}

// unclear is what is wrong with a device or its answer; every other error is about the wire.
type unclear struct {
	reason string
	// damaged says that something came.
	damaged bool
}

func (u *unclear) Error() string { return u.reason }

// Poll has one conversation with the device and finds the points in what it said; see gateway.Driver.
func (d *Asker) Poll(ctx context.Context, device gateway.Device, points []gateway.Point) ([]gateway.Reading, error) {
	if err := d.line.Flush(); err != nil {
		return nil, fmt.Errorf("drop what came before: %w", err)
	}
	text, err := d.converse(ctx, device)
	now := time.Now().UTC()
	wrong, isUnclear := errors.AsType[*unclear](err)
	if err != nil && !isUnclear {
		return nil, err
	}
	if isUnclear && wrong.damaged {
		d.damaged.Add(1)
	}
	d.polls++
	readings := make([]gateway.Reading, len(points))
	for i, point := range points {
		readings[i] = gateway.Reading{Point: gateway.PointKey{Device: device.ID, Point: point.ID}, Time: now, Poll: d.polls}
		if isUnclear {
			readings[i].Quality, readings[i].Reason, readings[i].Poll = gateway.Bad, wrong.reason, 0
			continue
		}
		readings[i].Value, readings[i].Quality = gateway.Value{}, gateway.Good
		if readings[i].Value, err = valueIn(text, point); err != nil {
			readings[i].Value, readings[i].Quality, readings[i].Reason = gateway.Value{}, gateway.Bad, err.Error()
		}
	}
	return readings, nil
}

func valueIn(text string, point gateway.Point) (gateway.Value, error) {
	extractor, err := Compile(point)
	if err != nil {
		return gateway.Value{}, err
	}
	return extractor.Extract(text)
}

func (d *Asker) converse(ctx context.Context, device gateway.Device) (string, error) {
	switch d.talk.Kind {
	case line.TalkIEC:
		return d.readMeter(ctx)
	case line.TalkSDI12:
		return d.measure(ctx, device.Unit)
	case line.TalkRequest, line.TalkP1:
	}
	if err := d.send(d.talk.Request); err != nil {
		return "", err
	}
	return d.hearLine(ctx, d.timeout)
}

// sendLimit is longer than any request takes at the slowest speed.
const sendLimit = 10 * time.Second

func (d *Asker) send(text string) error { return d.line.Write([]byte(text), time.Now().Add(sendLimit)) }

// betweenBytes is how long a device may pause within an answer. IEC 62056-21 6.4.3.2: 1.5 s.
const betweenBytes = 1500 * time.Millisecond

// hear reads until done says that the answer is whole. It begins within wait.
func (d *Asker) hear(ctx context.Context, wait time.Duration, done func(heard []byte) bool) ([]byte, error) {
	var heard []byte
	var chunk [512]byte
	for !done(heard) {
		if len(heard) > maxTelegram {
			return nil, &unclear{fmt.Sprintf("the answer has no end: more than %d bytes came", maxTelegram), true}
		}
		n, err := d.line.Read(ctx, chunk[:], time.Now().Add(wait))
		heard = append(heard, chunk[:n]...)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded) && len(heard) == 0:
			return nil, &unclear{fmt.Sprintf("no answer within %s: check wiring, speed and parity", wait), false}
		case errors.Is(err, os.ErrDeadlineExceeded):
			return nil, &unclear{"the answer ended in the middle: " + shown(clean(heard)), true}
		case err != nil:
			return nil, fmt.Errorf("read an answer: %w", err)
		}
		wait = betweenBytes
	}
	return heard, nil
}

// hearLine is the next line that is not empty, without its end.
func (d *Asker) hearLine(ctx context.Context, wait time.Duration) (string, error) {
	found := ""
	splitter := Splitter{whole: true}
	seen := 0
	_, err := d.hear(ctx, wait, func(heard []byte) bool {
		splitter.Push(heard[seen:], func(text []byte) {
			if found == "" {
				found = clean(text)
			}
		})
		seen = len(heard)
		return found != ""
	})
	return found, err
}
