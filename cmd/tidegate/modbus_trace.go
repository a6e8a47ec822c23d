package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// frameRequest is what the sub-command asks of the running gateway.
type frameRequest struct {
	Connection string
	Query      gateway.FrameQuery
}

// handleFrames lets the owner of the gateway look at its wires.
func (s *controlSocket) handleFrames(config func() gateway.Config, tracing gateway.Tracing) {
	find := func(in frameRequest) (gateway.Connection, error) {
		current := config()
		connection, exists := current.Connection(in.Connection)
		if !exists {
			return connection, gateway.Errorf(gateway.NotFound, "there is no connection %q: tidegate status names them", in.Connection)
		}
		return connection, nil
	}
	handle(s, "frames", func(_ context.Context, in frameRequest) (gateway.FramePage, error) {
		connection, err := find(in)
		if err != nil {
			return gateway.FramePage{}, err
		}
		return tracing.Frames(connection, in.Query)
	})
	handle(s, "frame-file", func(_ context.Context, in frameRequest) ([]byte, error) {
		connection, err := find(in)
		if err != nil {
			return nil, err
		}
		return tracing.FrameFile(connection)
	})
}

type modbusTraceCommand struct {
	Connection string `arg:"" help:"The connection of the running gateway."`
	Follow     bool   `help:"Go on with the frames that come; Ctrl-C ends it."`
	PCAPNG     string `help:"Write all frames that are kept into a file for Wireshark instead." name:"pcapng" type:"path" placeholder:"FILE"`
	Unit       int    `help:"Only this unit." default:"-1"`
	Function   int    `help:"Only this function." default:"-1"`
	Problems   bool   `help:"Only what is not as it should be, exceptions too."`
	JSON       bool   `help:"Print one JSON object for each frame." name:"json"`
	Gate       gate   `embed:""`
}

// followPause is how often the gateway is asked for new frames.
const followPause = 300 * time.Millisecond

// Run prints the frames that are kept, the oldest first.
func (c modbusTraceCommand) Run(ctx context.Context) error {
	in := frameRequest{Connection: c.Connection, Query: gateway.FrameQuery{Unit: c.Unit, Function: c.Function, Problems: c.Problems}}
	if c.PCAPNG != "" {
		data, err := askFrames[[]byte](ctx, c.Gate, "frame-file", in)
		if err != nil {
			return err
		}
		return os.WriteFile(c.PCAPNG, data, 0o600)
	}
	for {
		page, err := askFrames[gateway.FramePage](ctx, c.Gate, "frames", in)
		if err != nil && in.Query.After > 0 && ctx.Err() != nil {
			return nil // Ctrl-C while it was asked
		}
		if err != nil {
			return err
		}
		if err := c.print(page, in.Query.After > 0); err != nil {
			return err
		}
		in.Query.After = page.Next
		if !c.Follow || !rest(ctx, followPause) {
			return nil
		}
	}
}

// rest is false when ctx ended.
func rest(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func askFrames[Out any](ctx context.Context, g gate, command string, in frameRequest) (Out, error) {
	return callControl[frameRequest, Out](ctx, runtimeDirectory(g.Runtime), socketName(g.Demo), command, in)
}

func (c modbusTraceCommand) print(page gateway.FramePage, again bool) error {
	switch {
	case page.Missed:
		fmt.Fprintln(os.Stderr, "some frames came too fast and are missing here")
	case !again && page.Overwritten > 0:
		fmt.Fprintf(os.Stderr, "%d older frames are no longer kept\n", page.Overwritten)
	}
	for _, f := range page.Frames {
		if c.JSON {
			if err := printJSONLine(f); err != nil {
				return err
			}
			continue
		}
		if _, err := fmt.Println(frameLine(f)); err != nil {
			return err
		}
	}
	return nil
}

// frameLine is a frame for people: when, where to, what it is, and its bytes.
func frameLine(f gateway.Frame) string {
	parts := []string{f.Time.Local().Format("15:04:05.000"), "<"}
	if f.Sent {
		parts[1] = ">"
	}
	if m := f.Modbus; m != nil {
		parts = append(parts, modbusText(m))
	} else if text, err := hex.DecodeString(f.Bytes); err == nil && f.Bytes != "" {
		parts = append(parts, strconv.Quote(string(text)))
	}
	if f.Milliseconds > 0 {
		parts = append(parts, fmt.Sprintf("(%.1f ms)", f.Milliseconds))
	}
	if f.Problem != "" {
		parts = append(parts, fmt.Sprintf("!%s: %s", f.Problem, f.Detail))
	}
	if f.Bytes != "" {
		parts = append(parts, "["+spaced(f.Bytes)+"]")
	}
	return strings.Join(parts, " ")
}

func modbusText(m *gateway.ModbusFrame) string {
	text := fmt.Sprintf("unit %d %s", m.Unit, m.Name)
	if m.Address != "" {
		text += " " + m.Address
	}
	if m.Quantity > 1 {
		text += fmt.Sprintf(" x %d", m.Quantity)
	}
	if len(m.Values) > 0 {
		text += " = " + strings.Trim(fmt.Sprint(m.Values), "[]")
	}
	if m.Exception != 0 {
		text += " refused: " + m.ExceptionText
	}
	return text
}

// spaced parts the bytes of a hexadecimal text.
func spaced(digits string) string {
	var text strings.Builder
	for i := 0; i+1 < len(digits); i += 2 {
		if i > 0 {
			text.WriteByte(' ')
		}
		text.WriteString(digits[i : i+2])
	}
	return text.String()
}
