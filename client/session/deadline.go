package session

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
)

// holdUntil is the contract's formula: the local end of the session lease +
// lock-delay/(1+drift) − Margin, never after Expired.
func (m *Machine) holdUntil(h *hold) lease.Instant {
	until := m.keep.end.Add(m.drift().Shorten(h.delay()) - lease.Duration(h.op.Margin))
	return min(until, m.keep.graceEnd(m.cfg.Grace))
}

// fits says why not even a lease that was just granted would leave a hold its Margin.
func (m *Machine) fits(h *hold) error {
	most := m.drift().Shorten(lease.Duration(m.keep.length) + h.delay())
	if lease.Duration(h.op.Margin) < most {
		return nil
	}
	return fmt.Errorf("%w: a Margin of %v must be below %v, session lease and lock-delay: the hold would end "+
		"before it begins", cell.ErrUsage, lease.Duration(h.op.Margin), most)
}

func (h *hold) delay() lease.Duration {
	if h.ephemeral { // only its owner locks an ephemeral, with lock-delay 0
		return 0
	}
	return lease.Duration(h.op.Delay)
}

// nameDelay puts the cell's default lock-delay, as we know it, in the place of "the default": what
// we count on is then what the cell counts with, whatever the default becomes.
func (m *Machine) nameDelay(x *mutation) {
	if op, ok := x.op.(*call.Acquire); ok && op.Delay < 0 {
		op.Delay = int64(m.terms.Lengths.LockDelay)
	}
}

// moveHolds gives every living hold the deadline that the session's new lease allows.
func (m *Machine) moveHolds() {
	for _, h := range m.locks.items {
		if h.stage != held {
			continue
		}
		if until := m.holdUntil(h); until > h.until {
			h.until = until
			m.out.Moves = append(m.out.Moves, HoldMove{h.id, until})
		}
	}
}

// lapseHolds ends the holds whose time has come by our clock.
func (m *Machine) lapseHolds() {
	for _, h := range m.locks.items {
		if h.stage == held && m.now >= h.until {
			m.lapse(h)
		}
	}
}

func (m *Machine) lapse(h *hold) {
	m.end(h, fmt.Errorf("%w: the lease ran out", cell.ErrLockLost))
	h.releaseAt = m.now.Add(lease.Duration(h.op.Margin))
	m.say(true, "session %v: lost the lock of %s: the lease ran out", m.id, h.op.Name)
}

func (m *Machine) lapsed(id uint64) {
	if h := m.holdOf(id); h != nil && h.stage == held {
		m.lapse(h)
	}
}

func (m *Machine) end(h *hold, why error) {
	h.stage = ended
	m.out.Ends = append(m.out.Ends, HoldEnd{h.id, why})
}
