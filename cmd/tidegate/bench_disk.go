package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// diskResult is how fast the disk takes 4 KB and says that it has them: nothing that waits for the disk is faster.
type diskResult struct {
	PerSecond float64 `json:"perSecond"`
	P50       float64 `json:"p50"`
	P99       float64 `json:"p99"`
}

// measureDisk appends and syncs, as a log does, for at most the time.
func measureDisk(ctx context.Context, folder string, atMost time.Duration) (result diskResult, failed error) {
	file, err := os.Create(filepath.Join(folder, "appends"))
	if err != nil {
		return result, err
	}
	defer func() { failed = errors.Join(failed, file.Close(), os.Remove(file.Name())) }()
	block := make([]byte, 4096)
	var took []float64
	for began := time.Now(); time.Since(began) < atMost; {
		before := time.Now()
		if _, err := file.Write(block); err != nil {
			return result, err
		}
		if err := file.Sync(); err != nil {
			return result, err
		}
		took = append(took, microsSince(before))
		if err := ctx.Err(); err != nil {
			return result, err
		}
	}
	sum := 0.0
	for _, t := range took {
		sum += t
	}
	p50, p99 := percentiles(took)
	return diskResult{PerSecond: float64(len(took)) / sum * 1e6, P50: p50, P99: p99}, nil
}

func microsSince(t time.Time) float64 { return float64(time.Since(t).Nanoseconds()) / 1e3 }

// percentiles sorts the values, of which there is at least one.
func percentiles(values []float64) (p50, p99 float64) {
	slices.Sort(values)
	return values[len(values)/2], values[len(values)*99/100]
}
