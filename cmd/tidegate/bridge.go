package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// bridgeCommand sees and handles the backlogs of the running gateway.
type bridgeCommand struct {
	List   bridgeListCommand   `cmd:"" help:"Show all bridges with what waits in them."`
	Show   bridgeShowCommand   `cmd:"" help:"Show the backlog of a bridge with its past, as JSON."`
	Test   bridgeTestCommand   `cmd:"" help:"Try the connection step by step, beside the one that runs."`
	Pause  bridgePauseCommand  `cmd:"" help:"Stop sending; the bridge goes on queueing."`
	Resume bridgeResumeCommand `cmd:"" help:"Send again."`
	Flush  bridgeFlushCommand  `cmd:"" help:"Try to connect and to send now."`
	Pace   bridgePaceCommand   `cmd:"" help:"Cap what a bridge sends, and give live data a share of it; what is left out is taken back."`
	Export bridgeExportCommand `cmd:"" help:"Write what waits as JSON lines."`
	Purge  bridgePurgeCommand  `cmd:"" help:"Throw away what waits."`
	Parked bridgeParkedCommand `cmd:"" help:"Show what the other broker refused, send it again, or throw it away."`

	Certificate bridgeCertificateCommand `cmd:"" help:"Request, test and replace the certificate that a bridge proves itself with."`
}

// bridgeRequest is what the sub-commands ask of the running gateway.
type bridgeRequest struct {
	ID, Name, Author string
	Pace             gateway.BridgePace
	// Draft is a bridge that is not saved, as JSON: secrets of its own type would not be sent.
	Draft json.RawMessage `json:",omitempty"`
}

// handleBridges lets the owner of the gateway handle its backlogs.
func (s *controlSocket) handleBridges(b *backlogs, tests *bridgeTests) {
	handle(s, "bridge-test", tests.fromSocket)
	s.handleParking(b)
	handle(s, "bridge-list", func(context.Context, bridgeRequest) ([]gateway.BridgeStatus, error) { return b.bridges(), nil })
	handle(s, "bridge-show", func(_ context.Context, in bridgeRequest) (gateway.BacklogCourse, error) {
		return b.Course(in.ID, time.Time{})
	})
	do := func(command string, what func(context.Context, bridgeRequest) error) {
		handle(s, command, func(ctx context.Context, in bridgeRequest) (struct{}, error) { return struct{}{}, what(ctx, in) })
	}
	do("bridge-pause", func(ctx context.Context, in bridgeRequest) error { return b.SetPaused(ctx, in.ID, true, in.Author) })
	do("bridge-resume", func(ctx context.Context, in bridgeRequest) error { return b.SetPaused(ctx, in.ID, false, in.Author) })
	do("bridge-flush", func(_ context.Context, in bridgeRequest) error { return b.Flush(in.ID) })
	do("bridge-pace", func(ctx context.Context, in bridgeRequest) error { return b.SetPace(ctx, in.ID, in.Pace, in.Author) })
	handle(s, "bridge-purge", func(ctx context.Context, in bridgeRequest) (gateway.Purged, error) {
		return b.Purge(ctx, in.ID, in.Name, in.Author)
	})
	s.handler.HandleFunc("POST /bridge-export", sendExport(b))
}

// bridgeGate is the running gateway, and the bridge that a command is about.
type bridgeGate struct {
	ID   string `arg:"" help:"The bridge."`
	Gate gate   `embed:""`
}

func callBridge[Out any](ctx context.Context, g gate, command string, in bridgeRequest) (Out, error) {
	in.Author = author("tidegate bridge")
	return callControl[bridgeRequest, Out](ctx, runtimeDirectory(g.Runtime), socketName(g.Demo), command, in)
}

func (g bridgeGate) do(ctx context.Context, command string) error {
	_, err := callBridge[struct{}](ctx, g.Gate, command, bridgeRequest{ID: g.ID})
	return err
}

type bridgeListCommand struct {
	JSON bool `help:"As JSON."`
	Gate gate `embed:""`
}

// Run prints one line for each bridge.
func (c bridgeListCommand) Run(ctx context.Context) error {
	statuses, err := callBridge[[]gateway.BridgeStatus](ctx, c.Gate, "bridge-list", bridgeRequest{})
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(statuses)
	}
	rows := [][]string{{"BRIDGE", "STATE", "WAITING", "FIRST", "BYTES", "OLDEST", "IN/S", "OUT/S", "DONE IN", "REASON"}}
	for i := range statuses {
		rows = append(rows, bridgeRow(&statuses[i]))
	}
	return printTable(rows)
}

func bridgeRow(s *gateway.BridgeStatus) []string {
	b := &s.Backlog
	oldest, drain := "-", "-"
	if b.Oldest != nil {
		oldest = time.Since(*b.Oldest).Round(time.Second).String()
	}
	if b.DrainSeconds != nil {
		drain = (time.Duration(*b.DrainSeconds) * time.Second).String()
	}
	return []string{
		s.ID, string(s.State), fmt.Sprint(b.Messages), fmt.Sprint(sentFirst(b)), fmt.Sprint(b.Bytes), oldest,
		fmt.Sprintf("%.1f", b.In.Messages), fmt.Sprintf("%.1f", b.Out.Messages), drain, s.Reason,
	}
}

// sentFirst is how much of a backlog does not wait for the rest.
func sentFirst(b *gateway.Backlog) int64 {
	if b.Live != nil {
		return *b.Live
	}
	return b.Urgent
}

type bridgeShowCommand struct {
	bridgeGate
}

// Run prints the backlog with its past.
func (c bridgeShowCommand) Run(ctx context.Context) error {
	course, err := callBridge[gateway.BacklogCourse](ctx, c.Gate, "bridge-show", bridgeRequest{ID: c.ID})
	if err != nil {
		return err
	}
	return printJSON(course)
}

type bridgePauseCommand struct {
	bridgeGate
}

// Run stops a bridge.
func (c bridgePauseCommand) Run(ctx context.Context) error { return c.do(ctx, "bridge-pause") }

type bridgeResumeCommand struct {
	bridgeGate
}

// Run lets it send again.
func (c bridgeResumeCommand) Run(ctx context.Context) error { return c.do(ctx, "bridge-resume") }

type bridgeFlushCommand struct {
	bridgeGate
}

// Run ends a pause between two attempts.
func (c bridgeFlushCommand) Run(ctx context.Context) error { return c.do(ctx, "bridge-flush") }

type bridgePaceCommand struct {
	bridgeGate

	Messages int `help:"Messages per second; 0 is no cap."`
	Bytes    int `help:"Bytes per second; 0 is no cap."`
	Live     int `help:"Per cent of what is sent that belong to what is new, while a backlog drains; 0 is none, everything in its order."`
}

// Run sets the cap.
func (c bridgePaceCommand) Run(ctx context.Context) error {
	pace := gateway.BridgePace{MessagesPerSecond: c.Messages, BytesPerSecond: c.Bytes, LiveShare: c.Live}
	_, err := callBridge[struct{}](ctx, c.Gate, "bridge-pace", bridgeRequest{ID: c.ID, Pace: pace})
	return err
}

type bridgePurgeCommand struct {
	bridgeGate

	Yes string `help:"Name or id of the bridge once more: what waits is lost." required:"" placeholder:"NAME"`
}

// Run throws the backlog away and says how much that was.
func (c bridgePurgeCommand) Run(ctx context.Context) error {
	purged, err := callBridge[gateway.Purged](ctx, c.Gate, "bridge-purge", bridgeRequest{ID: c.ID, Name: c.Yes})
	if err == nil {
		fmt.Printf("%d messages removed, %d left\n", purged.Removed, purged.Left)
	}
	return err
}

type bridgeExportCommand struct {
	bridgeGate

	Output string `help:"File to write, - for standard output." short:"o" default:"-" type:"path"`
}

// Run writes the export; a file that is there already is not overwritten.
func (c bridgeExportCommand) Run(ctx context.Context) (err error) {
	body := strings.NewReader(fmt.Sprintf("%q", c.ID))
	socket := filepath.Join(runtimeDirectory(c.Gate.Runtime), socketName(c.Gate.Demo))
	response, err := stream(ctx, socket, "bridge-export", body)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, response.Body.Close()) }()
	if c.Output == "-" {
		_, err = io.Copy(os.Stdout, response.Body)
		return err
	}
	file, err := os.OpenFile(c.Output, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("create the export: %w", err)
	}
	_, err = io.Copy(file, response.Body)
	return errors.Join(err, file.Close())
}
