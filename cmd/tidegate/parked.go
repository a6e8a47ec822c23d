package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
)

// The bounds of one look at what is parked.
const (
	parkedPage      = 100
	parkedPageBytes = 1 << 20
)

var _ gateway.Parking = (*backlogs)(nil)

// Parked reads what is on disk.
func (b *backlogs) Parked(ctx context.Context, id string, from uint64) ([]gateway.ParkedMessage, error) {
	if _, err := b.configured(id); err != nil {
		return nil, err
	}
	rows, err := b.queue.Parked(ctx, bridgeSession(id), from, parkedPage, parkedPageBytes)
	if err != nil {
		return nil, err
	}
	list := make([]gateway.ParkedMessage, len(rows))
	for i, row := range rows {
		list[i] = parkedMessage(row)
	}
	return list, nil
}

func parkedMessage(row mqtt.Parked) gateway.ParkedMessage {
	p := gateway.ParkedMessage{Position: row.Position, At: row.At, Reason: row.Reason, QoS: int(row.QoS), Bytes: row.Size}
	m := row.Message
	switch {
	case m == nil:
		return p
	case utf8.Valid(m.Payload):
		p.Payload = new(string(m.Payload))
	default:
		p.PayloadBase64 = m.Payload
	}
	p.Topic = m.Topic
	return p
}

// ExportParked opens what is parked for reading.
func (b *backlogs) ExportParked(ctx context.Context, id string) (gateway.Export, error) {
	if _, err := b.configured(id); err != nil {
		return nil, err
	}
	return &parkedExport{ctx: ctx, backlogs: b, bridge: id, at: time.Now()}, nil
}

// parkedExport reads what is parked page by page.
type parkedExport struct {
	ctx      context.Context //nolint:containedctx // of the one call that it is for
	backlogs *backlogs
	bridge   string
	at       time.Time
}

// Name has bridge and time.
func (e *parkedExport) Name() string {
	return fmt.Sprintf("parked-%s-%s.jsonl", e.bridge, e.at.Format("20060102-150405"))
}

// Close has nothing to do.
func (*parkedExport) Close() error { return nil }

// Write writes a line for each message.
func (e *parkedExport) Write(w io.Writer) error {
	lines := json.NewEncoder(w)
	lines.SetEscapeHTML(false)
	for from := uint64(0); ; {
		list, err := e.backlogs.Parked(e.ctx, e.bridge, from)
		if err != nil || len(list) == 0 {
			return err
		}
		for i := range list {
			if err := lines.Encode(list[i]); err != nil {
				return err
			}
			from = list[i].Position + 1
		}
	}
}

// SendParked queues again what was refused.
func (b *backlogs) SendParked(ctx context.Context, id string, order gateway.ParkedOrder, author string) (gateway.ParkedDone, error) {
	return b.handleParked(ctx, id, order, author, "parked messages are sent again", b.broker.SendParked)
}

// DiscardParked throws away what was refused.
func (b *backlogs) DiscardParked(ctx context.Context, id string, order gateway.ParkedOrder, author string) (gateway.ParkedDone, error) {
	return b.handleParked(ctx, id, order, author, "parked messages were thrown away by a person", b.broker.DiscardParked)
}

func (b *backlogs) handleParked(
	ctx context.Context, id string, order gateway.ParkedOrder, author, what string,
	handle func(context.Context, string, []uint64) (int64, error),
) (gateway.ParkedDone, error) {
	if _, err := b.configured(id); err != nil {
		return gateway.ParkedDone{}, err
	}
	n, err := handle(ctx, bridgeSession(id), order.Positions)
	b.logger.Info(what, "bridge", id, "user", author, "messages", n)
	return gateway.ParkedDone{Messages: n}, err
}

// parkedRequest is what the sub-command asks of the running gateway.
type parkedRequest struct {
	ID, Author string
	From       uint64
	Order      gateway.ParkedOrder
}

// handleParking lets the owner of the gateway handle what is parked.
func (s *controlSocket) handleParking(b *backlogs) {
	handle(s, "bridge-parked", func(ctx context.Context, in parkedRequest) ([]gateway.ParkedMessage, error) {
		return b.Parked(ctx, in.ID, in.From)
	})
	handle(s, "bridge-send-parked", func(ctx context.Context, in parkedRequest) (gateway.ParkedDone, error) {
		return b.SendParked(ctx, in.ID, in.Order, in.Author)
	})
	handle(s, "bridge-discard-parked", func(ctx context.Context, in parkedRequest) (gateway.ParkedDone, error) {
		return b.DiscardParked(ctx, in.ID, in.Order, in.Author)
	})
}

func callParking[Out any](ctx context.Context, g gate, command string, in parkedRequest) (Out, error) {
	in.Author = author("tidegate bridge")
	return callControl[parkedRequest, Out](ctx, runtimeDirectory(g.Runtime), socketName(g.Demo), command, in)
}

type bridgeParkedCommand struct {
	bridgeGate

	Send     bool     `help:"Queue them again, behind what waits." xor:"what"`
	Discard  bool     `help:"Throw them away." xor:"what"`
	Position []uint64 `help:"Only the messages at these positions." sep:","`
	JSON     bool     `help:"As JSON."`
}

// Run lists what is parked, or orders what becomes of it.
func (c bridgeParkedCommand) Run(ctx context.Context) error {
	order := gateway.ParkedOrder{Positions: c.Position}
	switch {
	case c.Send:
		return c.order(ctx, "bridge-send-parked", order, "sent again")
	case c.Discard:
		return c.order(ctx, "bridge-discard-parked", order, "thrown away")
	}
	list, err := c.list(ctx)
	switch {
	case err != nil:
		return err
	case c.JSON:
		return printJSON(list)
	}
	rows := [][]string{{"POSITION", "SINCE", "TOPIC", "QOS", "BYTES", "REASON"}}
	for i := range list {
		rows = append(rows, parkedRow(&list[i]))
	}
	return printTable(rows)
}

func (c bridgeParkedCommand) order(ctx context.Context, command string, order gateway.ParkedOrder, what string) error {
	done, err := callParking[gateway.ParkedDone](ctx, c.Gate, command, parkedRequest{ID: c.ID, Order: order})
	if err == nil {
		fmt.Printf("%d messages %s\n", done.Messages, what)
	}
	return err
}

// list asks page by page.
func (c bridgeParkedCommand) list(ctx context.Context) ([]gateway.ParkedMessage, error) {
	all := []gateway.ParkedMessage{}
	for from := uint64(0); ; from = all[len(all)-1].Position + 1 {
		page, err := callParking[[]gateway.ParkedMessage](ctx, c.Gate, "bridge-parked", parkedRequest{ID: c.ID, From: from})
		if err != nil || len(page) == 0 {
			return all, err
		}
		all = append(all, page...)
	}
}

func parkedRow(p *gateway.ParkedMessage) []string {
	return []string{
		fmt.Sprint(p.Position), p.At.Local().Format(time.DateTime), p.Topic, fmt.Sprint(p.QoS), fmt.Sprint(p.Bytes),
		strings.Join(strings.Fields(p.Reason), " "),
	}
}
