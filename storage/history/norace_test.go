//go:build !race

package history_test

// slower is what the race detector would cost.
const slower = 1
