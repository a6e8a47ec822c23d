package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/storage/queue"
)

// backlogExport reads a backlog page by page.
type backlogExport struct {
	ctx    context.Context //nolint:containedctx // of the one call that it is for
	queue  *queue.Queue
	bridge string
	at     time.Time
}

// The bounds of a page.
const (
	exportMessages = 500
	exportBytes    = 1 << 20
)

// Name has bridge and time.
func (e *backlogExport) Name() string {
	return fmt.Sprintf("backlog-%s-%s.jsonl", e.bridge, e.at.Format("20060102-150405"))
}

// Close has nothing to do.
func (*backlogExport) Close() error { return nil }

// Write writes a line for each message.
func (e *backlogExport) Write(w io.Writer) error {
	buffered := bufio.NewWriter(w)
	lines := json.NewEncoder(buffered)
	lines.SetEscapeHTML(false)
	for _, lane := range []mqtt.Lane{mqtt.PriorityLane, mqtt.NormalLane} {
		if err := e.writeLane(lines, lane); err != nil {
			return fmt.Errorf("export the backlog of bridge %s: %w", e.bridge, err)
		}
	}
	return buffered.Flush()
}

func (e *backlogExport) writeLane(lines *json.Encoder, lane mqtt.Lane) error {
	for from := uint64(0); ; {
		rows, err := e.queue.Peek(e.ctx, bridgeSession(e.bridge), lane, from, exportMessages, exportBytes)
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, row := range rows {
			if err := lines.Encode(exported(row)); err != nil {
				return err
			}
			from = row.Position + 1
		}
	}
}

func exported(row *mqtt.Queued) gateway.ExportedMessage {
	line := gateway.ExportedMessage{
		Position: row.Position, QoS: int(row.QoS), Retain: row.Retain, InFlight: row.State != mqtt.DeliveryNew,
		Damaged: row.Message == nil, Urgent: row.Lane == mqtt.PriorityLane,
	}
	m := row.Message
	if m == nil {
		return line
	}
	line.Topic = m.Topic
	if utf8.Valid(m.Payload) {
		line.Payload = new(string(m.Payload))
	} else {
		line.PayloadBase64 = m.Payload
	}
	if !m.Expires.IsZero() {
		line.Expires = &m.Expires
	}
	p := gateway.ExportedProperties{
		ContentType: m.Properties.ContentType, ResponseTopic: m.Properties.ResponseTopic, CorrelationData: m.Properties.CorrelationData,
	}
	if f := m.Properties.PayloadFormat; f != nil {
		p.PayloadFormat = new(int(*f))
	}
	if p.PayloadFormat != nil || p.ContentType != "" || p.ResponseTopic != "" || p.CorrelationData != nil {
		line.Properties = &p
	}
	for _, u := range m.Properties.User {
		line.User = append(line.User, gateway.ExportedUserString(u))
	}
	return line
}

// sendExport answers with an export; the name of the bridge is the body.
func sendExport(b *backlogs) http.HandlerFunc {
	return func(w http.ResponseWriter, request *http.Request) {
		var id string
		if err := json.NewDecoder(io.LimitReader(request.Body, 1<<16)).Decode(&id); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		export, err := b.Export(request.Context(), id)
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
			return
		}
		if err := errors.Join(export.Write(w), export.Close()); err != nil {
			b.logger.Error("export failed", "bridge", id, "error", err)
			panic(http.ErrAbortHandler) // as in sendBackup
		}
	}
}
