package sim

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// Faults are what a slave does wrong. The zero value is a healthy slave.
type Faults struct {
	// Delay comes before each answer.
	Delay time.Duration
	// Silent swallows each request.
	Silent bool
	// Noise puts up to 8 random bytes before each answer.
	Noise bool
	// Truncate sends only half of each answer.
	Truncate bool
	// WrongUnit answers as somebody else.
	WrongUnit bool
	// Exception answers each request with this code, unless 0.
	Exception byte
	// Slow is the pause between two bytes of an answer.
	Slow time.Duration
	// Disconnect closes the connection instead of answering; a pseudo terminal has no connection and stays silent.
	Disconnect bool
}

// faults are switched while the slave runs.
type faults struct {
	current atomic.Pointer[Faults]
}

// Set switches faults on or off.
func (f *faults) Set(next Faults) { f.current.Store(&next) }

func (f *faults) get() Faults {
	if now := f.current.Load(); now != nil {
		return *now
	}
	return Faults{}
}

// over gives the faults of the wire if it has any, else those of the unit.
func (f *faults) over(wire Faults) Faults {
	if wire != (Faults{}) {
		return wire
	}
	return f.get()
}

// respond makes a slave's PDU and unit for a request; answered is false when it stays silent.
func respond(u *Unit, unit byte, pdu []byte, f Faults) (answerUnit byte, answer []byte, answered bool) {
	if f.Silent || f.Disconnect {
		return 0, nil, false
	}
	if f.Exception != 0 {
		return unit, []byte{pdu[0] | 0x80, f.Exception}, true
	}
	answer = u.answer(pdu, time.Now())
	if f.WrongUnit {
		unit++
	}
	return unit, answer, true
}

// spoil damages a frame on its way out.
func (f Faults) spoil(frame []byte) []byte {
	if f.Truncate {
		frame = frame[:len(frame)/2]
	}
	if f.Noise {
		noise := make([]byte, 1+rand.IntN(8))
		for i := range noise {
			noise[i] = byte(rand.Uint32())
		}
		frame = append(noise, frame...)
	}
	return frame
}

// send writes a frame as slowly as the fault says.
func (f Faults) send(ctx context.Context, write func([]byte) error, frame []byte) error {
	if err := wait(ctx, f.Delay); err != nil {
		return err
	}
	frame = f.spoil(frame)
	if f.Slow == 0 {
		return write(frame)
	}
	for i := range frame {
		if err := write(frame[i : i+1]); err != nil {
			return err
		}
		if err := wait(ctx, f.Slow); err != nil {
			return err
		}
	}
	return nil
}

func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
