package modbus

import (
	"context"
	"errors"
	"time"

	"github.com/goburrow/modbus"
)

// batch is the points of one table in one poll.
type batch struct {
	poll  *poll
	table Table
	known *learned
	// items are what is to be read; owners are the points' places in the poll.
	items  []Span
	owners []int
	// alive says that the device answered for a part of a block that was silent as a whole.
	alive bool
}

// readAll plans requests for some items and makes them.
func (b *batch) readAll(ctx context.Context, members []int) error {
	if len(members) == 0 {
		return nil
	}
	spans := make([]Span, len(members))
	for i, member := range members {
		spans[i] = b.items[member]
	}
	cost := b.poll.driver.bus.cost(b.poll.unit(), b.table.Bits())
	limit, allowed := b.poll.driver.quirksOf(b.poll.unit()).planned(b.known, b.table)
	for _, block := range Plan(spans, limit, cost, allowed) {
		for i, planned := range block.Items {
			block.Items[i] = members[planned]
		}
		if err := b.readBlock(ctx, block); err != nil {
			return err
		}
	}
	return nil
}

// readBlock makes one request and, where the device refuses it, takes it apart.
func (b *batch) readBlock(ctx context.Context, block Block) error {
	if b.poll.silent != "" {
		b.bad(block, b.poll.silent)
		return nil
	}
	a, err := b.ask(ctx, block.Span)
	if err == nil {
		b.good(block, a)
		return nil
	}
	if reply, is := errors.AsType[*noReply](err); is {
		if reply.seen == 0 {
			return b.unanswered(ctx, block, reply, a.unsure)
		}
		b.bad(block, reply.Error())
		return nil
	}
	if errors.Is(err, errLateAnswers) {
		if len(block.Items) > 1 {
			return b.halves(ctx, block, false)
		}
		b.bad(block, err.Error())
		return nil
	}
	if exception, is := errors.AsType[*modbus.ModbusError](err); is {
		return b.refused(ctx, block, exception, a.unsure)
	}
	return err
}

// patience is the pause before a device that is busy is asked again.
const patience = 50 * time.Millisecond

// ask reads a span, once more where that is likely to help: after a garbled answer and after "busy".
func (b *batch) ask(ctx context.Context, span Span) (answer, error) {
	driver := b.poll.driver
	a, err := driver.read(ctx, b.poll.unit(), b.table, span)
	reply, none := errors.AsType[*noReply](err)
	exception, is := errors.AsType[*modbus.ModbusError](err)
	switch {
	case none && reply.seen > 0 && driver.bus.shield != nil:
	case is && tryLater(exception):
		pause(ctx, patience)
	default:
		return a, err
	}
	return driver.read(ctx, b.poll.unit(), b.table, span)
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// refused handles an exception. An address that is not there may be in a gap that was read along, in one of the points,
// or the span is too long for the device: it is cut at the gaps, then in halves, until a point that is refused
// stands alone.
func (b *batch) refused(ctx context.Context, block Block, exception *modbus.ModbusError, unsure bool) error {
	reason := explain(exception)
	if unitGone(exception) {
		b.poll.silent = reason
	}
	switch {
	case !wrongRequest(exception):
		b.bad(block, reason)
		return nil
	case len(block.Items) == 1:
		b.bad(block, reason)
		if !unsure {
			b.known.refuse(block.Span, reason, time.Now().Add(askAgain))
		}
		return nil
	case unsure:
		return b.halves(ctx, block, false)
	}
	if holes := block.holes(b.items); len(holes) > 0 {
		b.known.addHoles(holes)
		return b.readAll(ctx, block.Items)
	}
	return b.halves(ctx, block, true)
}

// halves reads the two halves of a block on their own. With learn, the place of the cut is remembered when that went well.
func (b *batch) halves(ctx context.Context, block Block, learn bool) error {
	middle := len(block.Items) / 2
	left, right := cover(b.items, block.Items[:middle]), cover(b.items, block.Items[middle:])
	for _, half := range []Block{left, right} {
		if err := b.readBlock(ctx, half); err != nil {
			return err
		}
	}
	if learn && b.allGood(block) && left.End <= right.Start {
		b.known.addCut(right.Start)
	}
	return nil
}

func (b *batch) allGood(block Block) bool {
	for _, i := range block.Items {
		if b.poll.readings[b.owners[i]].Poll == 0 {
			return false
		}
	}
	return true
}

func (b *batch) good(block Block, a answer) {
	b.poll.driver.polls++
	b.poll.driver.hear(b.poll.unit(), b.table, block.Span, a)
	delete(b.known.silent, block.Span)
	for _, i := range block.Items {
		b.known.accept(b.items[i])
		b.poll.good(b.owners[i], block.Start, a, b.poll.driver.polls)
	}
}

func (b *batch) bad(block Block, reason string) {
	for _, i := range block.Items {
		b.poll.bad(b.owners[i], reason)
	}
}
