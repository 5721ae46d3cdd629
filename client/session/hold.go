package session

import (
	"errors"
	"fmt"
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
)

// locks are the session's acquires and holds, and grants that came before the answer to their
// acquire.
type locks struct {
	items []*hold
	early []call.HoldState
}

// stage is how far a hold has come.
type stage uint8

const (
	acquiring stage = iota // the Acquire is unanswered
	queued                 // it waits in the lock's queue
	granted                // it is held, and not handed over yet: the session is not Connected
	held                   // the caller has it
	ended                  // its context is over; it will be released
	releasing              // the Release is a call on its way
)

// hold is one acquire, from its input to the end of its release.
type hold struct {
	id        uint64 // the host's, of the Acquire
	op        call.Acquire
	stage     stage
	call      *mutation
	number    uint64 // the Acquire's call number, once answered
	zxid      uint64 // of the acquire: its name in the tree
	sequencer cell.Sequencer
	ephemeral bool
	until     lease.Instant // held: when its context ends
	releaseAt lease.Instant // ended: when the Margin is over
	cancelled bool          // nobody waits for it any more
	unlocks   []uint64
}

func (m *Machine) acquire(id uint64, op call.Acquire) {
	if m.refuseNew(id) {
		return
	}
	h := &hold{id: id, op: op}
	h.call = &mutation{op: &h.op, hold: h}
	m.locks.items = append(m.locks.items, h)
	m.calls.waiting = append(m.calls.waiting, h.call)
}

func (m *Machine) holdOf(id uint64) *hold {
	for _, h := range m.locks.items {
		if h.id == id {
			return h
		}
	}
	return nil
}

func (m *Machine) holdByZxid(zxid uint64) *hold {
	for _, h := range m.locks.items {
		if h.zxid == zxid && zxid != 0 {
			return h
		}
	}
	return nil
}

func (m *Machine) remove(h *hold) {
	m.locks.items = slices.DeleteFunc(m.locks.items, func(x *hold) bool { return x == h })
	for _, id := range h.unlocks {
		m.done(Done{ID: id})
	}
	h.unlocks = nil
}

// lockAnswered takes the answer to an Acquire or to a Release.
func (m *Machine) lockAnswered(x *mutation, r call.Result, err error) {
	h := x.hold
	if h.stage == releasing {
		m.remove(h) // released, or gone before: either way it is not ours any more
		return
	}
	if err != nil || r.Acquired == nil {
		m.refuseLock(h, r, err)
		return
	}
	a := *r.Acquired
	h.call, h.number, h.zxid = nil, x.number, a.Hold
	h.ephemeral = r.Stat.EphemeralOwner != 0
	if i := slices.IndexFunc(m.locks.early, func(e call.HoldState) bool { return e.Hold == a.Hold }); i >= 0 {
		a = m.locks.early[i]
		m.locks.early = slices.Delete(m.locks.early, i, i+1)
	}
	switch {
	case h.cancelled:
		m.release(h)
	case a.Held:
		m.grant(h, a.Sequencer)
	default:
		h.stage = queued
	}
}

func (m *Machine) refuseLock(h *hold, r call.Result, err error) {
	if err == nil {
		err = fmt.Errorf("%w: an acquire answered without a hold", cell.ErrProtocol)
	}
	if !h.cancelled {
		m.done(Done{ID: h.id, Err: err, Result: r})
	}
	m.remove(h)
}

// granted: a waiter of ours now holds its lock.
func (m *Machine) granted(g *call.Granted) {
	if !m.ours(g.Epoch, g.Stream) {
		return
	}
	h := m.holdByZxid(g.Hold)
	switch {
	case h == nil && len(m.locks.early) < maxEarly:
		m.locks.early = append(m.locks.early, call.HoldState{Hold: g.Hold, Held: true, Sequencer: g.Sequencer})
	case h != nil && h.stage == queued:
		m.grant(h, g.Sequencer)
	}
}

func (m *Machine) grant(h *hold, q cell.Sequencer) {
	h.sequencer, h.stage = q, granted
}

// handOver gives granted locks to their callers: only while Connected (C8).
func (m *Machine) handOver() {
	for _, h := range m.locks.items {
		if h.stage != granted || m.state != Connected {
			continue
		}
		h.stage, h.until = held, m.holdUntil(h)
		m.done(Done{ID: h.id, Sequencer: h.sequencer, Until: h.until})
	}
}

// holdUntil is the contract's formula: the local end of the session lease +
// lock-delay/(1+drift) − Margin, never after Expired.
func (m *Machine) holdUntil(h *hold) lease.Instant {
	delay := lease.Duration(h.op.Delay)
	if delay < 0 {
		delay = lease.Duration(m.terms.Lengths.LockDelay)
	}
	delay = min(delay, lease.Duration(m.terms.Lengths.LockDelayMax))
	if h.ephemeral { // only its owner locks an ephemeral, with lock-delay 0
		delay = 0
	}
	until := m.keep.end.Add(m.drift().Shorten(delay) - lease.Duration(h.op.Margin))
	return min(until, m.keep.graceEnd(m.cfg.Grace))
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

// releaseEnded gives back what has ended, once the Margin is over: before anything new (C4).
func (m *Machine) releaseEnded() {
	for _, h := range m.locks.items {
		if h.stage == ended && m.now >= h.releaseAt {
			m.release(h)
		}
	}
}

// release makes the call that gives h back, or takes it from the queue.
func (m *Machine) release(h *hold) {
	h.stage = releasing
	h.call = &mutation{op: &call.Release{Name: h.op.Name, Hold: h.zxid}, hold: h}
	at := slices.IndexFunc(m.calls.waiting, func(x *mutation) bool {
		_, other := x.op.(*call.Release)
		return !other
	})
	if at < 0 {
		at = len(m.calls.waiting)
	}
	m.calls.waiting = slices.Insert(m.calls.waiting, at, h.call)
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

// dropped: a waiter of ours has left the queue without being granted.
func (m *Machine) dropped(d *call.Dropped) {
	if !m.ours(d.Epoch, d.Stream) {
		return
	}
	if h := m.holdByZxid(d.Hold); h != nil && (h.stage == queued || h.stage == granted) {
		m.refuseLock(h, call.Result{}, orErr(call.ErrorOf(d.Code, d.Message, nil, 0), cell.ErrStaleHandle))
	}
}

func orErr(err, other error) error {
	if err == nil {
		return other
	}
	return err
}

// reconcile compares what we think we hold and wait for with what the tree says (Attached), so
// that neither a grant nor a loss is missed.
func (m *Machine) reconcile(states []call.HoldState) {
	m.locks.early = nil
	for _, h := range slices.Clone(m.locks.items) {
		i := slices.IndexFunc(states, func(s call.HoldState) bool { return s.Hold == h.zxid && h.zxid != 0 })
		switch {
		case h.zxid == 0 || h.stage == releasing:
		case i < 0:
			m.gone(h)
		case states[i].Held && h.stage == queued:
			m.grant(h, states[i].Sequencer)
		}
	}
	for _, s := range states {
		switch {
		case m.holdByZxid(s.Hold) != nil:
		case m.asked(s.Call):
			m.locks.early = append(m.locks.early, s)
		default:
			m.orphan(s)
		}
	}
}

// asked: an Acquire of that number is unanswered.
func (m *Machine) asked(number uint64) bool {
	return slices.ContainsFunc(m.calls.sent, func(x *mutation) bool { return x.number == number })
}

// gone: the tree knows nothing of a hold or waiter any more.
func (m *Machine) gone(h *hold) {
	switch h.stage {
	case queued, granted:
		m.refuseLock(h, call.Result{}, cell.ErrStaleHandle)
	case held:
		m.end(h, fmt.Errorf("%w: the cell has taken it", cell.ErrLockLost))
		m.say(true, "session %v: lost the lock of %s: the cell has taken it", m.id, h.op.Name)
		m.remove(h)
	default:
		m.remove(h)
	}
}

// orphan releases what the tree says is ours and nobody here knows of.
func (m *Machine) orphan(s call.HoldState) {
	h := &hold{op: call.Acquire{Name: s.Name}, zxid: s.Hold, cancelled: true}
	m.locks.items = append(m.locks.items, h)
	m.release(h)
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

func (k *locks) wakeAt(m *Machine) lease.Instant {
	at := lease.Never
	for _, h := range k.items {
		switch {
		case h.stage == held:
			at = min(at, h.until)
		case h.stage == ended && h.releaseAt > m.now:
			at = min(at, h.releaseAt)
		}
	}
	return at
}
