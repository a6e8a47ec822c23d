package modbus_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tidegate/tidegate/drivers/modbus"
)

// cheapest tries all partitions of the items.
func cheapest(items []modbus.Span, limit int, cost modbus.Cost, allowed func(modbus.Span) bool) time.Duration {
	groups := make([][]modbus.Span, 0, len(items))
	best := time.Duration(math.MaxInt64)
	var place func(int)
	place = func(i int) {
		if i == len(items) {
			if total, possible := price(groups, limit, cost, allowed); possible {
				best = min(best, total)
			}
			return
		}
		for g := range groups {
			groups[g] = append(groups[g], items[i])
			place(i + 1)
			groups[g] = groups[g][:len(groups[g])-1]
		}
		groups = append(groups, []modbus.Span{items[i]})
		place(i + 1)
		groups = groups[:len(groups)-1]
	}
	place(0)
	return best
}

func price(groups [][]modbus.Span, limit int, cost modbus.Cost, allowed func(modbus.Span) bool) (time.Duration, bool) {
	var total time.Duration
	for _, group := range groups {
		span := group[0]
		for _, item := range group {
			span = modbus.Span{Start: min(span.Start, item.Start), End: max(span.End, item.End)}
		}
		if len(group) > 1 && (span.Len() > limit || !allowed(span)) {
			return 0, false
		}
		total += cost.Of(span.Len())
	}
	return total, true
}

// Random items, also nested, overlapping and equal ones, with forbidden addresses and limits: the plan costs what the
// cheapest of all partitions costs, and each item lies in one block as a whole.
func TestPlanIsOptimal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		items := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) modbus.Span {
			start := rapid.IntRange(0, 40).Draw(t, "start")
			return modbus.Span{Start: start, End: start + rapid.IntRange(1, 10).Draw(t, "length")}
		}), 0, 6).Draw(t, "items")
		forbidden := rapid.SliceOfN(rapid.IntRange(0, 50), 0, 3).Draw(t, "forbidden")
		allowed := func(s modbus.Span) bool {
			return !slices.ContainsFunc(forbidden, func(f int) bool { return s.Start <= f && f < s.End })
		}
		limit := rapid.IntRange(1, 30).Draw(t, "limit")
		cost := modbus.Cost{
			Fixed:   time.Duration(rapid.IntRange(0, 30).Draw(t, "fixed")),
			PerByte: time.Duration(rapid.IntRange(0, 4).Draw(t, "per byte")),
			Bits:    rapid.Bool().Draw(t, "bits"),
		}
		plan := modbus.Plan(items, limit, cost, allowed)
		var total time.Duration
		seen := map[int]bool{}
		for _, block := range plan {
			total += cost.Of(block.Len())
			for _, i := range block.Items {
				if seen[i] || items[i].Start < block.Start || items[i].End > block.End {
					t.Fatalf("item %d %v in %v of %v", i, items[i], block, plan)
				}
				seen[i] = true
			}
			if len(block.Items) > 1 && (block.Len() > limit || !allowed(block.Span)) {
				t.Fatalf("block %v is not allowed", block)
			}
		}
		if len(seen) != len(items) {
			t.Fatalf("%d of %d items in %v", len(seen), len(items), plan)
		}
		if len(items) > 0 && total != cheapest(items, limit, cost, allowed) {
			t.Fatalf("the plan costs %d, the optimum %d", total, cheapest(items, limit, cost, allowed))
		}
	})
}

func always(modbus.Span) bool { return true }

// A nested point must not shorten the request for the one around it.
func TestPlanCoversNestedItems(t *testing.T) {
	items := []modbus.Span{{Start: 100, End: 108}, {Start: 100, End: 101}, {Start: 102, End: 103}}
	plan := modbus.Plan(items, 125, modbus.Cost{Fixed: 10, PerByte: 1}, always)
	if len(plan) != 1 || plan[0].Span != (modbus.Span{Start: 100, End: 108}) {
		t.Errorf("%v", plan)
	}
}

// The last registers of a device: nothing wraps.
func TestPlanAtTheEndOfTheTable(t *testing.T) {
	items := []modbus.Span{{Start: 65535, End: 65536}, {Start: 65532, End: 65536}}
	plan := modbus.Plan(items, 125, modbus.Cost{Fixed: 10, PerByte: 1}, always)
	if len(plan) != 1 || plan[0].Span != (modbus.Span{Start: 65532, End: 65536}) {
		t.Errorf("%v", plan)
	}
}

func BenchmarkPlan200(b *testing.B) {
	items := make([]modbus.Span, 200)
	for i := range items {
		items[i] = modbus.Span{Start: i * 7 % 1000, End: i*7%1000 + 2}
	}
	for b.Loop() {
		modbus.Plan(items, 125, modbus.Cost{Fixed: 20 * time.Millisecond, PerByte: time.Millisecond}, always)
	}
}
