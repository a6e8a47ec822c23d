package main

import (
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tidegate/tidegate/gateway"
)

// systemClock is the machine's time and what the kernel knows about it.
func systemClock() gateway.Clock {
	clock := gateway.Clock{Now: time.Now, SinceBoot: sinceBoot, Synchronised: synchronised}
	// Without an identifier every start counts as another boot.
	if id, err := os.ReadFile("/proc/sys/kernel/random/boot_id"); err == nil {
		clock.BootID = strings.TrimSpace(string(id))
	}
	return clock
}

func sinceBoot() time.Duration {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &now); err != nil {
		panic(err) // every kernel since 2.6.39 has it
	}
	return time.Duration(now.Nano())
}

// maxClockError in microseconds is where the kernel gives up believing its clock; setting it by hand jumps there too.
const maxClockError = 16_000_000

// synchronised asks the kernel, as timedatectl does.
func synchronised() bool {
	var state unix.Timex
	_, err := unix.Adjtimex(&state)
	return err == nil && state.Maxerror < maxClockError
}
