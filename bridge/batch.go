package bridge

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
)

// mostBatchBytes ends a batch: what many clouds take in one message, with room for its topic and properties.
const mostBatchBytes = 64 << 10

// batch is several messages on their way as one, which has the packet identifier of the first one. They are settled
// together.
type batch struct {
	*outgoing

	more    []*outgoing
	message mqtt.Message
	payload bytes.Buffer
	format  gateway.BatchFormat
	hops    int
	due     time.Time
}

// Settle settles all of them alike.
func (b *batch) Settle(err error) {
	b.outgoing.Settle(err)
	if isForNow(err) {
		return // all of them come again
	}
	for _, o := range b.more {
		o.Settle(err)
	}
}

// add puts a message at the end.
func (b *batch) add(m *mqtt.Message) {
	b.hops = max(b.hops, hopsOf(m))
	if b.format == gateway.BatchLines {
		b.payload.Write(m.Payload)
		b.payload.WriteByte('\n')
		return
	}
	between := byte(',')
	if b.payload.Len() == 0 {
		between = '['
	}
	b.payload.WriteByte(between)
	b.payload.Write(element(m.Payload))
}

// element is a payload as an element of a JSON array: itself when it is JSON, else a text.
func element(payload []byte) []byte {
	if json.Valid(payload) {
		return payload
	}
	text, err := json.Marshal(string(payload))
	if err != nil {
		return []byte("null") // a text can always be written
	}
	return text
}

// finish makes the message of all.
func (b *batch) finish(version int) *mqtt.Message {
	contentType := "application/x-ndjson"
	if b.format != gateway.BatchLines {
		b.payload.WriteByte(']')
		contentType = "application/json"
	}
	b.message.Payload = b.payload.Bytes()
	b.message.Properties, b.message.Expires = mqtt.Properties{}, time.Time{}
	if version == 5 {
		b.message.Properties.ContentType = contentType
		b.message.Properties.User = []mqtt.UserProperty{{Name: hopsProperty, Value: strconv.Itoa(b.hops)}}
		if b.historical {
			markHistorical(&b.message)
		}
	}
	return &b.message
}

// batchKey is what the messages of a batch have in common.
type batchKey struct {
	topic      string
	historical bool
}

// batches are those that are not on their way yet; they belong to forward.
type batches struct {
	upstream *upstream
	open     map[batchKey]*batch
	order    []batchKey // oldest first
}

func newBatches(u *upstream) *batches { return &batches{upstream: u, open: map[batchKey]*batch{}} }

// add takes a message; a full batch leaves at once.
func (s *batches) add(ctx context.Context, route *gateway.Route, out *outgoing, m *mqtt.Message) error {
	key := batchKey{m.Topic, out.historical}
	b := s.open[key]
	if b != nil && (b.payload.Len()+len(m.Payload) > mostBatchBytes || b.qos != out.qos || b.message.Retain != m.Retain) {
		if err := s.send(ctx, key); err != nil {
			return err
		}
		b = nil
	}
	if b == nil {
		b = &batch{outgoing: out, message: *m, format: route.Batch.Format, due: time.Now().Add(time.Duration(route.Batch.Delay))}
		s.open[key] = b
		s.order = append(s.order, key)
	} else {
		b.more = append(b.more, out)
	}
	b.add(m)
	if len(b.more)+1 >= route.Batch.Messages || s.upstream.careful {
		return s.send(ctx, key)
	}
	return nil
}

// send lets a batch leave, if there is one.
func (s *batches) send(ctx context.Context, key batchKey) error {
	b := s.open[key]
	if b == nil {
		return nil
	}
	delete(s.open, key)
	i := slices.Index(s.order, key)
	s.order = slices.Delete(s.order, i, i+1)
	return s.upstream.transmit(ctx, b, b.finish(s.upstream.client.Announced().Version))
}

// receive waits for the next delivery, and lets batches leave whose time has come.
func (s *batches) receive(ctx context.Context, link mqtt.Link) (mqtt.Delivery, error) {
	for {
		for len(s.order) > 0 && !time.Now().Before(s.open[s.earliest()].due) {
			if err := s.send(ctx, s.earliest()); err != nil {
				return nil, err
			}
		}
		d, err := s.receiveUntilDue(ctx, link)
		if err == nil || ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded) {
			return d, err
		}
	}
}

func (s *batches) receiveUntilDue(ctx context.Context, link mqtt.Link) (mqtt.Delivery, error) {
	if len(s.order) > 0 {
		limited, cancel := context.WithDeadline(ctx, s.open[s.earliest()].due)
		defer cancel()
		ctx = limited
	}
	return link.Receive(ctx)
}

// earliest is the batch that is due first.
func (s *batches) earliest() batchKey {
	key := s.order[0]
	for _, other := range s.order[1:] {
		if s.open[other].due.Before(s.open[key].due) {
			key = other
		}
	}
	return key
}
