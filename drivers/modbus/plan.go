package modbus

import (
	"cmp"
	"slices"
	"time"
)

// The limits of the protocol for one request. Modbus 6.1 to 6.4, 6.12.
const (
	maxRegisters = 125
	maxBits      = 2000
	maxWrite     = 123
)

// Span is a range of addresses, [Start, End).
type Span struct{ Start, End int }

// Len is the number of addresses.
func (s Span) Len() int { return s.End - s.Start }

// Cost is what a request costs on the wire: Fixed for asking at all (both frames' overhead, silences, turnaround), PerByte
// for each byte of data in the reply.
type Cost struct {
	Fixed   time.Duration
	PerByte time.Duration
	// Bits says that eight addresses share a byte.
	Bits bool
}

// Of is the cost of one request for n addresses.
func (c Cost) Of(n int) time.Duration {
	bytes := 2 * n
	if c.Bits {
		bytes = (n + 7) / 8
	}
	return c.Fixed + time.Duration(bytes)*c.PerByte
}

// Block is one request: a span and the items that it covers, as indices into the list that was planned.
type Block struct {
	Span
	Items []int
}

// Plan covers items with requests at the lowest cost. An item lies in one block as a whole, so its bytes are of one time.
// A block has at most limit addresses and satisfies allowed; only an item that breaks these rules by itself gets a block
// of its own. allowed must hold for each part of a span for which it holds.
//
// The optimum is a partition of the items, sorted by start, into runs: an item in a later block that starts before an
// item of an earlier one could change sides for free. So the best plan for the first j items is the best one
// for the first i plus one request for the rest, and it takes the time of items times items per block.
func Plan(items []Span, limit int, cost Cost, allowed func(Span) bool) []Block {
	var plan []Block
	var order []int
	for _, i := range sorted(items) {
		if items[i].Len() > limit || !allowed(items[i]) {
			plan = append(plan, cover(items, []int{i}))
			continue
		}
		order = append(order, i)
	}
	return append(plan, runs(items, order, limit, cost, allowed)...)
}

// runs cuts items in their order into the cheapest runs.
func runs(items []Span, order []int, limit int, cost Cost, allowed func(Span) bool) []Block {
	best := make([]time.Duration, len(order)+1)
	first := make([]int, len(order)+1) // first[j] is where the last block of the best plan for j items begins
	for j := 1; j <= len(order); j++ {
		span := items[order[j-1]]
		best[j], first[j] = best[j-1]+cost.Of(span.Len()), j-1
		for i := j - 2; i >= 0; i-- {
			item := items[order[i]]
			span = Span{item.Start, max(span.End, item.End)}
			if span.Len() > limit || !allowed(span) {
				break // spans only grow from here
			}
			if c := best[i] + cost.Of(span.Len()); c < best[j] {
				best[j], first[j] = c, i
			}
		}
	}
	var plan []Block
	for j := len(order); j > 0; j = first[j] {
		plan = append(plan, cover(items, order[first[j]:j]))
	}
	slices.Reverse(plan)
	return plan
}

func sorted(items []Span) []int {
	order := make([]int, len(items))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(items[a].Start, items[b].Start), cmp.Compare(items[a].End, items[b].End), cmp.Compare(a, b))
	})
	return order
}

// cover makes one block of some items.
func cover(items []Span, members []int) Block {
	span := items[members[0]]
	for _, i := range members[1:] {
		span = Span{min(span.Start, items[i].Start), max(span.End, items[i].End)}
	}
	return Block{Span: span, Items: slices.Clone(members)}
}

// holes are the spans of a block that no item covers. members of a block are sorted by start.
func (b Block) holes(items []Span) []Span {
	var holes []Span
	at := b.Start
	for _, i := range b.Items {
		if items[i].Start > at {
			holes = append(holes, Span{at, items[i].Start})
		}
		at = max(at, items[i].End)
	}
	return holes
}
