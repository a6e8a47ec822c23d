package storage

// Distribution counts values by size.
type Distribution struct {
	// Bounds are the upper, included ends of all buckets but the last one, which has none. They never change.
	Bounds []float64
	// Counts are the values in each bucket alone; those beyond len(Bounds)+1 are not used.
	Counts [16]uint64
	// Sum of all values, and how many there were.
	Sum   float64
	Count uint64
}

// commitBounds are seconds, from a fast disk to one that keeps everybody waiting; groupBounds are members.
var (
	commitBounds = []float64{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10}
	groupBounds  = []float64{1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10000}
)

func (d *Distribution) add(value float64) {
	bucket := 0
	for bucket < len(d.Bounds) && value > d.Bounds[bucket] {
		bucket++
	}
	d.Counts[bucket]++
	d.Sum += value
	d.Count++
}
