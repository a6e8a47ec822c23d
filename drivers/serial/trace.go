package serial

import (
	"bytes"
	"encoding/hex"

	"github.com/tidegate/tidegate/drivers/line"
	"github.com/tidegate/tidegate/gateway"
)

// Frames cuts the records of a wire into lines. What has no end yet is left out, unless the wire was closed or it is longer
// than a line can be.
func Frames(records []line.Record) []gateway.Frame {
	var frames []gateway.Frame
	var pending []byte
	var last line.Record
	add := func(number uint64, r line.Record, data []byte) {
		if len(data) > 0 {
			frames = append(frames, gateway.Frame{Number: number, Time: r.Time, Sent: r.Kind == line.Sent, Bytes: hex.EncodeToString(data)})
		}
	}
	for _, r := range records {
		switch r.Kind {
		case line.Received, line.Unasked:
		case line.Sent:
			add(r.Position+uint64(len(r.Data)), r, r.Data)
			continue
		case line.Opened, line.Closed:
			add(last.Position+uint64(len(last.Data)), last, pending)
			pending = nil
			continue
		default:
			continue
		}
		last = r
		for rest := r.Data; len(rest) > 0; {
			end := bytes.IndexByte(rest, '\n') + 1
			if end == 0 && len(pending)+len(rest) <= MaxLine {
				pending = append(pending, rest...)
				break
			}
			if end == 0 {
				end = len(rest)
			}
			read := len(r.Data) - len(rest) + end
			add(r.Position+uint64(read), r, append(pending, rest[:end]...))
			pending, rest = nil, rest[end:]
		}
	}
	return frames
}
