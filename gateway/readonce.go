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
	readings, err := driver.Poll(ctx, device, device.Points)
	if err != nil {
		return nil, err
	}
	for i := range min(len(readings), len(device.Points)) {
		readings[i] = device.Points[i].EngineeringReading(readings[i])
	}
	return readings, nil
}

func listenOnce(ctx context.Context, driver Streamer, device Device) ([]Reading, error) {
	heard := map[PointKey]Reading{}
	listening, cancel := context.WithCancel(ctx)
	defer cancel()
	begin := time.Now()
	err := driver.Stream(listening, []Device{device}, func(readings []Reading) {
		for _, r := range readings {
			heard[r.Point] = r
		}
		if len(heard) >= len(device.Points) {
			cancel()
		}
	})
	if err != nil {
		return nil, err
	}
	readings := make([]Reading, len(device.Points))
	for i, p := range device.Points {
		key := PointKey{Device: device.ID, Point: p.ID}
		r, known := heard[key]
		if !known {
			waited := time.Since(begin).Round(time.Second)
			r = Reading{Point: key, Quality: Bad, Reason: fmt.Sprintf("nothing received for %s", waited), Time: time.Now()}
		}
		readings[i] = p.EngineeringReading(r)
	}
	return readings, nil
}
