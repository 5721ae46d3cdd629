package clock

import (
	"golang.org/x/sys/unix"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
)

// Kind names the shared clock's source, for `cellctl status` and the log.
const Kind = "CLOCK_BOOTTIME"

func readBoot() lease.Instant {
	var t unix.Timespec
	err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &t)
	cell.Assert(err == nil, "CLOCK_BOOTTIME cannot be read: %v", err)
	return lease.Instant(t.Nano())
}
