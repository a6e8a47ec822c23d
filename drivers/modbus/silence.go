package modbus

import (
	"context"
	"errors"
	"time"
)

// Some devices do not refuse an address that they do not have: they say nothing. A merged request that stays without an
// answer twice in a row, while a part of it is answered, is taken apart as if it had been refused.

// askSilentAgain is how long a point is left alone to which the device says nothing: each attempt costs a timeout.
const askSilentAgain = time.Minute

const silentHere = "no answer for this point, while the device answers for others: check the address and the table"

// unanswered handles silence: of the device, of a part of the block, or of one point.
func (b *batch) unanswered(ctx context.Context, block Block, reply *noReply, unsure bool) error {
	single := len(block.Items) == 1
	switch {
	case single && !unsure && (b.alive || b.known.wasRefused(block.Span)):
		b.bad(block, silentHere)
		b.known.refuse(block.Span, silentHere, time.Now().Add(askSilentAgain))
		return nil
	case !single && b.alive:
		return b.halves(ctx, block, true)
	case !single && b.known.silentAgain(block.Span):
		return b.tryPart(ctx, block, reply)
	}
	b.bad(block, reply.Error())
	b.poll.silent = reply.Error()
	return nil
}

// tryPart finds out whether the device answers for the first point of a silent block.
func (b *batch) tryPart(ctx context.Context, block Block, reply *noReply) error {
	_, err := b.ask(ctx, b.items[block.Items[0]])
	if err != nil && !deviceError(err) {
		return err
	}
	if again, none := errors.AsType[*noReply](err); none && again.seen == 0 {
		b.bad(block, reply.Error())
		b.poll.silent = reply.Error()
		return nil
	}
	b.alive = true
	if holes := block.holes(b.items); len(holes) > 0 {
		b.known.addHoles(holes)
		return b.readAll(ctx, block.Items)
	}
	return b.halves(ctx, block, true)
}

// silentAgain takes note that a block was not answered, and reports whether that happened before without an answer since.
func (l *learned) silentAgain(s Span) bool {
	if l.silent[s] {
		delete(l.silent, s)
		return true
	}
	if len(l.silent) > mostLearned {
		clear(l.silent)
	}
	l.silent[s] = true
	return false
}

// wasRefused reports whether an item is known to be one that the device does not have.
func (l *learned) wasRefused(s Span) bool {
	_, was := l.refused[s]
	return was
}
