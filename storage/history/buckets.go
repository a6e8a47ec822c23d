package history

import (
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// sample is a row of the disk, raw or a minute, in the order of time.
type sample struct {
	time, end     int64
	min, max, sum float64
	count         int64
	isNumber      bool
	text          string
	// broken: nothing is known of the time before. endsBad: from its end on the value is not known. gap: inside, there
	// was such a time. uncertain: a reading had that quality.
	broken, endsBad, gap, uncertain bool
}

// buckets puts samples together so that there are never more than a number of results.
type buckets struct {
	from, to, width int64
	result          []gateway.Bucket

	// open is the bucket that is being filled, number its place; lastEnd is the end of its last sample.
	open    bool
	number  int64
	bucket  sample
	lastEnd int64
	// unknown since a time: there is no value at present. bad: a reading said so.
	unknown, bad bool
	since        int64
	// begun: there was a bucket. Before the first one there is nothing to interrupt.
	begun bool
}

// newBuckets divides the time so that limit holds also when a gap follows each bucket.
func newBuckets(from, to int64, limit int) *buckets {
	places := int64(max(limit/2, 1))
	return &buckets{from: from, to: to, width: max((to-from+places)/places, 1)}
}

func (b *buckets) add(s sample) {
	if s.broken && b.open {
		b.lose(b.lastEnd, false)
	}
	if s.count > 0 {
		b.fill(s)
	}
	if s.endsBad {
		at := s.end
		if s.count == 0 {
			at = s.time
		}
		b.lose(at, true)
	}
}

func (b *buckets) lose(at int64, bad bool) {
	b.bad = b.bad && b.unknown || bad
	if !b.unknown {
		b.unknown, b.since = true, at
	}
}

// fill adds values to their bucket. A gap that ends in the bucket in which it began is noted there; a longer one is a
// result of its own.
func (b *buckets) fill(s sample) {
	number := (s.time - b.from) / b.width
	if !b.open || number != b.number {
		b.close()
		b.open, b.number, b.bucket = true, number, s
	} else {
		b.bucket.gap = b.bucket.gap || s.gap || b.unknown
		b.bucket.uncertain = b.bucket.uncertain || s.uncertain
		b.bucket.min, b.bucket.max = min(b.bucket.min, s.min), max(b.bucket.max, s.max)
		b.bucket.sum += s.sum
		b.bucket.count += s.count
		b.bucket.text, b.bucket.isNumber = s.text, s.isNumber
	}
	b.unknown, b.lastEnd = false, s.end
}

// close writes down the open bucket, and the gap behind it.
func (b *buckets) close() {
	if b.open {
		b.result = append(b.result, b.bucket.result())
		b.open, b.begun = false, true
	}
	if b.unknown && b.begun {
		b.result = append(b.result, gateway.Bucket{Time: time.UnixMilli(b.since).UTC(), Bad: b.bad})
	}
}

func (b *buckets) finish() []gateway.Bucket {
	b.close()
	return b.result
}

func (s sample) result() gateway.Bucket {
	bucket := gateway.Bucket{Time: time.UnixMilli(s.time).UTC(), Count: s.count, Gap: s.gap, Uncertain: s.uncertain, Text: s.text}
	if s.isNumber {
		mean := min(max(s.sum/float64(s.count), s.min), s.max)
		bucket.Min, bucket.Mean, bucket.Max = &s.min, &mean, &s.max
	}
	return bucket
}
