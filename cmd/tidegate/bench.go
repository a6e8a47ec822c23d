package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"
)

type benchCommand struct {
	Durable durableCommand `cmd:"" help:"How many messages this machine keeps per second, synced to its disk, and how fast it hands them out again."`
	Live    liveCommand    `cmd:"" help:"How many messages the broker hands on per second to receivers that are connected, and how long they take."`
}

// durableCommand measures what the disk, the queue and the broker can do together, over MQTT on loopback, in a folder of
// its own that is removed afterwards. A running gateway is not touched, but shares disk and processor with it.
type durableCommand struct {
	Dir        string        `help:"Folder on the disk to measure; by default the data directory, if it exists." type:"path"`
	Time       time.Duration `help:"How long each row is measured." default:"3s"`
	Size       int           `help:"Bytes of payload." default:"100"`
	Durability string        `help:"full (power loss), normal (kill) or memory." default:"full" enum:"full,normal,memory"`
	JSON       bool          `help:"Print JSON."`
}

// loads are the rows: how many publishers, and how many messages each has unacknowledged.
var loads = []load{
	{publishers: 1, window: 1}, {publishers: 1, window: 100}, {publishers: 10, window: 100}, {publishers: 100, window: 100},
}

// durableResult is what is printed. Rates are per second, times in microseconds.
type durableResult struct {
	Disk   diskResult   `json:"disk"`
	Rows   []loadResult `json:"rows"`
	Online onlineResult `json:"online"`
}

// Run measures and prints.
func (c durableCommand) Run(ctx context.Context) (failed error) {
	if c.Time < 100*time.Millisecond || c.Time > 10*time.Minute {
		return fmt.Errorf("time: %s is not between 100ms and 10m", c.Time)
	}
	if c.Size < 1 || c.Size > 1<<20 {
		return fmt.Errorf("size: %d is not between 1 and 1048576 bytes", c.Size)
	}
	folder, err := os.MkdirTemp(c.parent(), "tidegate-bench-*")
	if err != nil {
		return fmt.Errorf("make a folder to measure in: %w", err)
	}
	defer func() { failed = errors.Join(failed, os.RemoveAll(folder)) }()
	result, err := c.measure(ctx, folder)
	if err != nil {
		return err
	}
	return c.print(os.Stdout, result)
}

// parent is the folder on the disk in question: the data directory if there is one already.
func (c durableCommand) parent() string {
	if c.Dir != "" {
		return c.Dir
	}
	data := defaultSettings().Data
	if info, err := os.Stat(data); err == nil && info.IsDir() {
		return data
	}
	return ""
}

func (c durableCommand) measure(ctx context.Context, folder string) (result durableResult, err error) {
	if result.Disk, err = measureDisk(ctx, folder, c.Time); err != nil {
		return result, fmt.Errorf("measure the disk: %w", err)
	}
	for _, l := range loads {
		row, err := l.measure(ctx, folder, c)
		if err != nil {
			return result, fmt.Errorf("measure %d publishers: %w", l.publishers, err)
		}
		result.Rows = append(result.Rows, row)
	}
	if result.Online, err = c.measureOnline(ctx, folder); err != nil {
		return result, fmt.Errorf("measure with a receiver: %w", err)
	}
	return result, nil
}

func (c durableCommand) print(to io.Writer, r durableResult) error {
	if c.JSON {
		encoder := json.NewEncoder(to)
		encoder.SetIndent("", "  ")
		return encoder.Encode(r)
	}
	fmt.Fprintf(to, "disk: %.0f synced appends of 4 KB per second, half of them within %s, 99 %% within %s\n\n",
		r.Disk.PerSecond, micros(r.Disk.P50), micros(r.Disk.P99))
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(table, "publishers\twindow\tkept/s\tp50\tp99\tmessages/commit\twritten/message\tdrained/s\t\n")
	for _, row := range r.Rows {
		fmt.Fprintf(table, "%d\t%d\t%.0f\t%s\t%s\t%.1f\t%.0f B\t%.0f\t\n", row.Publishers, row.Window, row.PerSecond,
			micros(row.P50), micros(row.P99), row.PerCommit, row.BytesWritten, row.DrainedPerSecond)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(to, "\nto a receiver that is connected: %.0f/s, %.0f/s to a persistent session, which is %.2f of it\n",
		r.Online.Clean, r.Online.Persistent, r.Online.Persistent/r.Online.Clean)
	return nil
}

func micros(us float64) time.Duration {
	return (time.Duration(us) * time.Microsecond).Round(10 * time.Microsecond)
}
