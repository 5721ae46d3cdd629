package clock

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
)

// Kind names the shared clock's source, for `cellctl status` and the log.
const Kind = "CLOCK_BOOTTIME"

func readBoot() lease.Instant {
	var t unix.Timespec
	// It never blocks, so Go's scheduler need not hear of it: that would cost more than the call.
	_, _, errno := unix.RawSyscall(unix.SYS_CLOCK_GETTIME, unix.CLOCK_BOOTTIME, uintptr(unsafe.Pointer(&t)), 0)
	cell.Assert(errno == 0, "CLOCK_BOOTTIME cannot be read: %v", errno)
	return lease.Instant(t.Nano())
}
