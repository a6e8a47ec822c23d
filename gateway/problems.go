package gateway

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// PointProblems finds what Validate refuses about the points of one device: the first problem of each point, in their
// order, with fields like device.points[3].address. Validate stops at the first of all; a table of points shows all of
// them. Nothing but points is looked at. check adds what only a driver can judge of a point that is right otherwise; its
// fields are those of the point.
func (c *Config) PointProblems(deviceID string, check func(Point) error) []*Error {
	device, known := c.Device(deviceID)
	if !known {
		return nil
	}
	problems := make([]*Error, len(device.Points))
	note := func(i int, err error) {
		if e, is := errors.AsType[*Error](err); is && problems[i] == nil {
			problems[i] = e
		}
	}
	for i, err := range idProblems("device.points", device.Points, func(p Point) string { return p.ID }) {
		note(i, err)
	}
	for i, point := range device.Points {
		note(i, c.validatePointOf("device", device, i))
		if problems[i] == nil && point.Expression == "" {
			note(i, InField(fmt.Sprintf("device.points[%d]", i), check(point)))
		}
	}
	for i, err := range c.topicProblemsOf(device) {
		note(i, err)
	}
	return slices.DeleteFunc(problems, func(e *Error) bool { return e == nil })
}

// topicProblemsOf has the device behind all others, so that a shared topic is its problem and not theirs.
func (c *Config) topicProblemsOf(device Device) map[int]error {
	alone := Config{Name: c.Name}
	for _, other := range c.Devices {
		if other.ID != device.ID {
			alone.Devices = append(alone.Devices, other)
		}
	}
	last := len(alone.Devices)
	alone.Devices = append(alone.Devices, device)
	problems := map[int]error{}
	for at, err := range alone.topicProblems() {
		if e, is := errors.AsType[*Error](err); is && at[0] == last {
			rest := strings.TrimPrefix(e.Field, fmt.Sprintf("devices[%d].", last))
			problems[at[1]] = InField("device", &Error{Code: e.Code, Field: rest, Message: e.Message, cause: e.cause})
		}
	}
	return problems
}
