package serial

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tidegate/tidegate/drivers/line"
)

const (
	// wakeUp is the break that wakes the sensors up, and afterWakeUp the pause behind it. SDI-12 1.4, 7.
	wakeUp      = 15 * time.Millisecond
	afterWakeUp = 9 * time.Millisecond
	// sensorAddresses are the addresses of sensors, one character each, in the order of the numbers of units.
	sensorAddresses = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	// mostData is how many times data are asked for: D0 to D9.
	mostData = 10
)

// measure has one sensor measure: it says how many seconds that takes and how many values there will be, may say before that
// it is ready (the service request), and then gives them, some at a time.
func (d *Asker) measure(ctx context.Context, unit int) (string, error) {
	if unit < 0 || unit >= len(sensorAddresses) {
		return "", &unclear{fmt.Sprintf("a sensor has an address of 0 to %d: %s", len(sensorAddresses)-1, sensorAddresses), false}
	}
	address := sensorAddresses[unit : unit+1]
	if err := d.wake(ctx); err != nil {
		return "", err
	}
	answer, err := d.question(ctx, address, address+"M!")
	if err != nil {
		return "", err
	}
	seconds, timeErr := strconv.Atoi(answer[:min(3, len(answer))])
	count, countErr := strconv.Atoi(answer[min(3, len(answer)):])
	if timeErr != nil || countErr != nil || len(answer) != 4 || count == 0 {
		return "", &unclear{"what the sensor says about its measurement makes no sense: " + shown(answer), true}
	}
	if err := d.awaitService(ctx, address, seconds); err != nil {
		return "", err
	}
	return d.data(ctx, address, count)
}

func (d *Asker) wake(ctx context.Context) error {
	port, is := line.AdjustableOf(d.line)
	if !is {
		return &unclear{"a sensor is woken up by a break, so it needs a serial port of this machine", false}
	}
	if err := port.Break(wakeUp); err != nil {
		return err
	}
	timer := time.NewTimer(afterWakeUp)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// question sends a command and gives the answer without the address that it has to begin with. Adapters with one wire give
// back what was sent.
func (d *Asker) question(ctx context.Context, address, command string) (string, error) {
	if err := d.send(command); err != nil {
		return "", err
	}
	answer, err := d.hearLine(ctx, d.timeout)
	if err != nil {
		return "", err
	}
	answer = strings.TrimPrefix(answer, command)
	rest, ours := strings.CutPrefix(answer, address)
	if !ours {
		return "", &unclear{fmt.Sprintf("sensor %s was asked, but the answer is %s", address, shown(answer)), true}
	}
	return rest, nil
}

// awaitService waits as long as the sensor says, or until it says that it is ready.
func (d *Asker) awaitService(ctx context.Context, address string, seconds int) error {
	if seconds == 0 {
		return nil
	}
	said, err := d.hearLine(ctx, time.Duration(seconds)*time.Second)
	if wrong, is := errors.AsType[*unclear](err); is && !wrong.damaged {
		return d.wake(ctx) // no service request: it is ready now, and sleeps again
	}
	if err == nil && said != address {
		return &unclear{"a service request was awaited, but the sensor says " + shown(said), true}
	}
	return err
}

// data fetches so many values: each has a sign before it, and that is all that parts them.
func (d *Asker) data(ctx context.Context, address string, count int) (string, error) {
	values := ""
	for n := range mostData {
		part, err := d.question(ctx, address, fmt.Sprintf("%sD%d!", address, n))
		if err != nil {
			return "", err
		}
		values += part
		if strings.Count(values, "+")+strings.Count(values, "-") >= count {
			return values, nil
		}
		if part == "" {
			break
		}
	}
	return "", &unclear{fmt.Sprintf("the sensor announced %d values and gave %s", count, shown(values)), true}
}
