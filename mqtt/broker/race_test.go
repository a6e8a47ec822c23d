//go:build race

package broker_test

// poolLosses is how many allocations the race detector adds to one use of a sync.Pool, at most on average: it has the pool
// lose things at random.
const poolLosses = 1
