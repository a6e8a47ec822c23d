//go:build !race

package broker_test

// poolLosses is what the race detector would add.
const poolLosses = 0
