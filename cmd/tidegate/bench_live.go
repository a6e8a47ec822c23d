package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/storage"
)

// liveCommand measures what the broker hands on to receivers that are connected, over MQTT on loopback, without a disk.
// Load and broker share the processor. A running gateway is not touched.
type liveCommand struct {
	Time time.Duration `help:"How long each figure is measured." default:"2s"`
	Size int           `help:"Bytes of payload, at least 16." default:"100"`
	JSON bool          `help:"Print JSON."`
}

// pattern is who publishes to whom.
type pattern struct {
	name                    string
	publishers, subscribers int
	// pairs: each subscriber hears one publisher; otherwise each hears all.
	pairs bool
}

var patterns = []pattern{{"fan-in", 8, 1, false}, {"fan-out", 1, 50, false}, {"pairs", 20, 20, true}}

// copies of a message are delivered.
func (p pattern) copies() int {
	if p.pairs {
		return 1
	}
	return p.subscribers
}

// liveRow is what is printed of one pattern and quality: deliveries per second at full speed, and how long a message took
// from its publisher to its receiver at half of that speed, in microseconds.
type liveRow struct {
	Pattern   string   `json:"pattern"`
	QoS       mqtt.QoS `json:"qos"`
	PerSecond float64  `json:"perSecond"`
	P50       float64  `json:"p50"`
	P99       float64  `json:"p99"`
}

// Run measures and prints.
func (c liveCommand) Run(ctx context.Context) (failed error) {
	if c.Time < 100*time.Millisecond || c.Time > 10*time.Minute {
		return fmt.Errorf("time: %s is not between 100ms and 10m", c.Time)
	}
	if c.Size < stampSize || c.Size > 1<<20 {
		return fmt.Errorf("size: %d is not between %d and 1048576 bytes", c.Size, stampSize)
	}
	folder, err := os.MkdirTemp("", "tidegate-bench-*")
	if err != nil {
		return fmt.Errorf("make a folder to measure in: %w", err)
	}
	defer func() { failed = errors.Join(failed, os.RemoveAll(folder)) }()
	rows, err := c.measure(ctx, folder)
	if err != nil {
		return err
	}
	return c.print(os.Stdout, rows)
}

func (c liveCommand) measure(ctx context.Context, folder string) (rows []liveRow, failed error) {
	b, err := openBench(ctx, filepath.Join(folder, "queue.db"), storage.Memory)
	if err != nil {
		return nil, err
	}
	defer func() { failed = errors.Join(failed, b.close()) }()
	for _, p := range patterns {
		for qos := mqtt.AtMostOnce; qos <= mqtt.ExactlyOnce; qos++ {
			row, err := c.measureRow(ctx, b.url, p, qos)
			if err != nil {
				return nil, fmt.Errorf("%s at QoS %d: %w", p.name, qos, err)
			}
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// measureRow goes at full speed first, and then at half of it, where waiting in queues is not what is measured.
func (c liveCommand) measureRow(ctx context.Context, url string, p pattern, qos mqtt.QoS) (liveRow, error) {
	row := liveRow{Pattern: p.name, QoS: qos}
	full := crowd{pattern: p, qos: qos, size: c.Size, during: c.Time}
	deliveries, _, err := full.run(ctx, url)
	if err != nil {
		return row, err
	}
	row.PerSecond = deliveries
	half := full
	half.pace = time.Duration(float64(2*p.publishers*p.copies()) / deliveries * float64(time.Second))
	_, took, err := half.run(ctx, url)
	if err == nil {
		row.P50, row.P99 = percentiles(took)
	}
	return row, err
}

func (c liveCommand) print(to io.Writer, rows []liveRow) error {
	if c.JSON {
		encoder := json.NewEncoder(to)
		encoder.SetIndent("", "  ")
		return encoder.Encode(rows)
	}
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(table, "\tpublishers\treceivers\tQoS\tdelivered/s\tp50 at half\tp99 at half\t\n")
	for i, row := range rows {
		p := patterns[i/3]
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%.0f\t%s\t%s\t\n", p.name, p.publishers, p.subscribers, row.QoS, row.PerSecond, micros(row.P50), micros(row.P99))
	}
	return table.Flush()
}
