package replica

import (
	"fmt"

	"github.com/leasehold/leasehold/lease"
)

// A lasting trouble is one line when it begins, one when it ends, and one a minute between,
// saying what is missing. What passes sooner than it is told is none.
const (
	troubleAfter = lease.Second
	troubleEvery = 60 * lease.Second
)

// trouble is the time without a leader, as the log is told of it.
type trouble struct {
	since lease.Instant // 0: there is a leader
	next  lease.Instant // when the next line is due
	told  bool
}

// complain tells the log of a lasting trouble; it asks to be called again when that is due.
func (r *Replica) complain(now lease.Instant, eff *Effects) {
	t := &r.trouble
	if leader := r.core.Leader(); leader != 0 {
		if t.told {
			eff.Lines = append(eff.Lines, Line{"info", fmt.Sprintf("served again: replica %d leads epoch %d, after %v",
				leader, r.core.Epoch(), now.Sub(t.since))})
		}
		*t = trouble{}
		return
	}
	if t.since == 0 {
		t.since, t.next = now, now.Add(troubleAfter)
	}
	if now >= t.next {
		t.told, t.next = true, now.Add(troubleEvery)
		eff.Lines = append(eff.Lines, Line{"warn", r.why()})
	}
	eff.WakeAt = min(eff.WakeAt, t.next)
}
