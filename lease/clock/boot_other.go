//go:build !linux

package clock

import (
	"time"

	"github.com/leasehold/leasehold/lease"
)

// Kind names the shared clock's source, for `cellctl status` and the log.
const Kind = "monotonic (may stand still while the machine sleeps)"

var started = time.Now()

func readBoot() lease.Instant { return lease.Instant(time.Since(started)) + 1 }
