package modbus

import (
	"time"

	"golang.org/x/sys/unix"
)

// timerLate is how late the timers of the runtime wake a goroutine at the most when the machine is idle: it waits for
// events in whole milliseconds. That is an eighth of a short request at 115200 baud.
const timerLate = time.Millisecond

// sleepUntil waits for a time that is some characters away. The last bit is slept in the kernel, which is exact to less than
// a tenth of a millisecond but holds a thread.
func sleepUntil(at time.Time) {
	if most := time.Until(at) - timerLate*11/10; most > 0 {
		time.Sleep(most) //nolint:forbidigo // until then the wire belongs to nobody
	}
	for left := time.Until(at); left > 0; left = time.Until(at) {
		short := unix.NsecToTimespec(int64(left))
		_ = unix.Nanosleep(&short, nil) // when a signal ends it early, the rest is slept in the next round
	}
}
