package session

import (
	"errors"
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// releaseEnded gives back what has ended, once the Margin is over: before anything new (C4).
func (m *Machine) releaseEnded() {
	for _, h := range m.locks.items {
		if h.stage == ended && h.with == nil && m.now >= h.releaseAt {
			m.release(h)
		}
	}
}

// release makes the call that gives h back, or takes it from the queue.
func (m *Machine) release(h *hold) {
	h.stage = releasing
	h.call = &mutation{op: &call.Release{Name: h.op.Name, Hold: h.zxid}, hold: h}
	m.calls.insert(h.call)
}

// unlock is the caller's; the hold's context has ended. It may go at once, Margin or not.
func (m *Machine) unlock(id, hold uint64) {
	h := m.holdOf(hold)
	switch {
	case h == nil && m.state == Expired:
		m.done(Done{ID: id, Err: m.err})
	case h == nil:
		m.done(Done{ID: id})
	default:
		h.unlocks = append(h.unlocks, id)
		if h.stage == held || h.stage == ended {
			m.release(h)
		}
	}
}

// cancelUnlock: nobody waits for the release any more; it goes on.
func (h *hold) cancelUnlock(id uint64) bool {
	i := slices.Index(h.unlocks, id)
	if i >= 0 {
		h.unlocks = slices.Delete(h.unlocks, i, i+1)
	}
	return i >= 0
}

// cancelAcquire ends the waiting for a lock, or for its release. What the cell has, or may
// have, is given back.
func (m *Machine) cancelAcquire(id uint64) bool {
	for _, h := range m.locks.items {
		if h.cancelUnlock(id) {
			m.done(Done{ID: id, Cancelled: true})
			return true
		}
	}
	h := m.holdOf(id)
	if h == nil || h.cancelled || h.stage > granted {
		return false
	}
	h.cancelled = true
	m.done(Done{ID: id, Cancelled: true})
	switch {
	case h.stage != acquiring:
		m.release(h)
	case h.call.number == 0:
		m.calls.waiting = slices.DeleteFunc(m.calls.waiting, func(x *mutation) bool { return x == h.call })
		m.remove(h)
	}
	return true
}

// endHolds ends every hold with the session.
func (m *Machine) endHolds(why error) {
	for _, h := range m.locks.items {
		if h.stage == held {
			m.end(h, why)
		}
	}
}

// failLocks tells every waiter at once, and forgets all: the cell frees what the session had.
func (m *Machine) failLocks(why error) {
	for _, h := range m.locks.items {
		if h.stage <= granted && !h.cancelled {
			m.done(Done{ID: h.id, Err: why})
		}
		h.cancelled = true
		for _, id := range h.unlocks {
			if errors.Is(why, cell.ErrClosed) {
				m.done(Done{ID: id})
			} else {
				m.done(Done{ID: id, Err: why})
			}
		}
		h.unlocks = nil
	}
	m.locks = locks{}
	m.calls.waiting = slices.DeleteFunc(m.calls.waiting, func(x *mutation) bool { return x.hold != nil })
}
