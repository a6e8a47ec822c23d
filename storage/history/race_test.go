//go:build race

package history_test

// slower is what the race detector costs.
const slower = 10
