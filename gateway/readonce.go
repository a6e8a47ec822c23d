package gateway

import (
	"context"
	"fmt"
	"time"
)

// ReadOnce reads all points of a device once, in engineering units, for a test. A device that speaks by itself is listened
// to until each point was heard of or ctx ends, so ctx should have a deadline. The error means that the wire is gone or
// ctx has ended.
func ReadOnce(ctx context.Context, driver Driver, device Device) ([]Reading, error) {
	streamer, streams := driver.(Streamer)
	if streams {
		return listenOnce(ctx, streamer, device)
	}
	asked := device.ReadPoints()
	raw, err := driver.Poll(ctx, device, asked)
	if err != nil {
		return nil, err
	}
	known := map[PointKey]Reading{}
	for i := range min(len(raw), len(asked)) {
		known[raw[i].Point] = asked[i].EngineeringReading(raw[i])
	}
	readings := make([]Reading, 0, len(device.Points))
	for _, p := range device.Points {
		readings = append(readings, device.known(p, known))
	}
	return readings, nil
}

// known is the reading of a point out of those that were read: its own, or what is computed from them.
func (d Device) known(p Point, read map[PointKey]Reading) Reading {
	key := PointKey{Device: d.ID, Point: p.ID}
	if p.Expression == "" {
		return read[key]
	}
	e, err := NewExpression(p, d.Points)
	if err != nil {
		return Reading{Point: key, Quality: Bad, Reason: err.Error(), Time: time.Now().UTC()}
	}
	inputs := make([]Reading, len(e.Inputs()))
	for i, input := range e.Inputs() {
		inputs[i] = read[PointKey{Device: d.ID, Point: input}]
	}
	return p.EngineeringReading(e.Reading(key, inputs))
}

func listenOnce(ctx context.Context, driver Streamer, device Device) ([]Reading, error) {
	heard := map[PointKey]Reading{}
	listening, cancel := context.WithCancel(ctx)
	defer cancel()
	begin := time.Now()
	asked := device.ReadPoints()
	err := driver.Stream(listening, []Device{device}, func(readings []Reading) {
		for _, r := range readings {
			heard[r.Point] = r
		}
		if len(heard) >= len(asked) {
			cancel()
		}
	})
	if err != nil {
		return nil, err
	}
	for _, p := range asked {
		key := PointKey{Device: device.ID, Point: p.ID}
		r, known := heard[key]
		if !known {
			waited := time.Since(begin).Round(time.Second)
			r = Reading{Point: key, Quality: Bad, Reason: fmt.Sprintf("nothing received for %s", waited), Time: time.Now()}
		}
		heard[key] = p.EngineeringReading(r)
	}
	readings := make([]Reading, 0, len(device.Points))
	for _, p := range device.Points {
		readings = append(readings, device.known(p, heard))
	}
	return readings, nil
}
