package web

import (
	"bufio"
	"context"
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

const (
	// maxExportPoints and maxExportSpan bound an export; a year and a day is more than the history keeps.
	maxExportPoints = 8
	maxExportSpan   = 367 * 24 * time.Hour
	// csvTime is RFC 3339 with milliseconds: with the distance from UTC, no two times of a day are written alike.
	csvTime = "2006-01-02T15:04:05.000Z07:00"
)

type exportIn struct {
	Points  []string  `query:"points"  required:"true" minItems:"1" maxItems:"8" doc:"device/point, up to 8, with commas between them"`
	From    time.Time `query:"from"    required:"true" doc:"The beginning, as in RFC 3339"`
	To      time.Time `query:"to"      required:"true" doc:"The end, at most 367 days later"`
	Decimal string    `query:"decimal" default:"point" enum:"point,comma" doc:"comma: 1,5 with semicolons between the columns"`
}

// readingsFile is the history of points as CSV; it is read from the disk while it is sent.
type readingsFile struct {
	walk  func(gateway.PastQuery, func(gateway.PastSource, gateway.Bucket) error) error
	zone  *time.Location
	name  string
	units map[gateway.PointKey]string
	asked []gateway.PastQuery
	comma bool
}

func (s *Server) exportHistory(ctx context.Context, in *exportIn) (*readingsFile, error) {
	config := s.Control.Config()
	f := &readingsFile{
		walk: func(q gateway.PastQuery, each func(gateway.PastSource, gateway.Bucket) error) error {
			return s.History.Walk(ctx, q, each)
		},
		zone: config.Location(), comma: in.Decimal == "comma", units: map[gateway.PointKey]string{},
		name: config.Name + "-" + in.From.UTC().Format("20060102-1504") + "-" + in.To.UTC().Format("20060102-1504") + ".csv",
	}
	if !in.From.Before(in.To) || in.To.Sub(in.From) > maxExportSpan {
		return nil, gateway.FieldErrorf("to", "the end must be after the beginning, and at most 367 days later")
	}
	for _, text := range in.Points {
		device, point, both := strings.Cut(text, "/")
		if !both || device == "" || point == "" || len(f.asked) == maxExportPoints {
			return nil, gateway.FieldErrorf("points", "%q is not a point: write device/point, at most %d of them", text, maxExportPoints)
		}
		f.asked = append(f.asked, gateway.PastQuery{Point: gateway.PointKey{Device: device, Point: point}, From: in.From, To: in.To})
	}
	for _, device := range config.Devices {
		for _, point := range device.Points {
			f.units[gateway.PointKey{Device: device.ID, Point: point.ID}] = point.Unit
		}
	}
	// What cannot be read at all is said before the file begins.
	_, err := s.History.Past(ctx, gateway.PastQuery{Point: f.asked[0].Point, From: in.From, To: in.To, Limit: 2})
	return f, err
}

// Name is what the file is called.
func (f *readingsFile) Name() string { return f.name }

// Close has nothing to do.
func (f *readingsFile) Close() error { return nil }

// Write writes one point after the other, each with a line per reading or minute.
func (f *readingsFile) Write(w io.Writer) error {
	pieces := bufio.NewWriterSize(w, 32<<10)
	table := csv.NewWriter(pieces)
	if f.comma {
		table.Comma = ';'
	}
	err := table.Write([]string{"time_utc", "time_site", "device", "point", "unit", "source", "value", "minimum", "maximum", "readings", "quality"})
	for _, asked := range f.asked {
		if err == nil {
			err = f.walk(asked, func(source gateway.PastSource, bucket gateway.Bucket) error {
				return table.Write(f.line(asked.Point, source, bucket))
			})
		}
	}
	if table.Flush(); err == nil {
		err = table.Error()
	}
	if err == nil {
		err = pieces.Flush()
	}
	return err
}

func (f *readingsFile) line(key gateway.PointKey, source gateway.PastSource, b gateway.Bucket) []string {
	kind := "reading"
	if source != gateway.PastRaw {
		kind = "minute"
	}
	value := f.number(b.Mean)
	if b.Text != "" {
		value = harmless(b.Text)
	}
	return []string{
		b.Time.UTC().Format(csvTime), b.Time.In(f.zone).Format(csvTime), key.Device, key.Point, f.units[key], kind,
		value, f.number(b.Min), f.number(b.Max), strconv.FormatInt(b.Count, 10), qualityOf(b),
	}
}

func (f *readingsFile) number(value *float64) string {
	if value == nil {
		return ""
	}
	text := strconv.FormatFloat(*value, 'g', -1, 64)
	if f.comma {
		text = strings.Replace(text, ".", ",", 1)
	}
	return text
}

// qualityOf says what a line without a value means: bad, or that nothing was recorded from then on.
func qualityOf(b gateway.Bucket) string {
	switch {
	case b.Count == 0 && b.Bad:
		return "bad"
	case b.Count == 0:
		return "not recorded"
	case b.Uncertain:
		return "uncertain"
	}
	return "good"
}

// harmless keeps a spreadsheet from taking the text of a device for a formula.
func harmless(text string) string {
	if strings.ContainsAny(text[:1], "=+-@\t\r") {
		return "'" + text
	}
	return text
}
