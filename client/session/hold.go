package session

import (
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
	granted                // it is held, and not handed over yet
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
	with      *mutation     // ended: the Delete of our own that it ended for, while that is unanswered
	cancelled bool          // nobody waits for it any more
	unlocks   []uint64
}

func (m *Machine) acquire(in Acquire) {
	if m.refuseNew(in.ID) {
		return
	}
	h := &hold{id: in.ID, op: in.Op}
	h.call = &mutation{op: &h.op, hold: h, handle: in.Handle}
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
	if i := m.locks.earlier(a.Hold); i >= 0 {
		if !a.Held || m.locks.early[i].Loss.Taken() {
			a = m.locks.early[i]
		}
		m.locks.early = slices.Delete(m.locks.early, i, i+1)
	}
	switch {
	case h.cancelled:
		m.release(h)
	case a.Loss.Taken():
		m.lose(h, a.Loss)
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
	case h == nil:
		m.locks.learn(call.HoldState{Hold: g.Hold, Held: true, Sequencer: g.Sequencer})
	case h != nil && h.stage == queued:
		m.grant(h, g.Sequencer)
	}
}

// learn keeps the newest word on an acquire whose answer is still to come.
func (k *locks) learn(s call.HoldState) {
	if i := k.earlier(s.Hold); i >= 0 {
		k.early[i] = s
	} else if len(k.early) < maxEarly {
		k.early = append(k.early, s)
	}
}

func (k *locks) earlier(zxid uint64) int {
	return slices.IndexFunc(k.early, func(e call.HoldState) bool { return e.Hold == zxid })
}

func (m *Machine) grant(h *hold, q cell.Sequencer) {
	h.sequencer, h.stage = q, granted
}

// handOver gives granted locks to their callers: only while Connected (C8), not while a Delete of our own may
// be ending the hold, and not when less than its Margin is left, for it would be over with what it still needs
// to end: the next lease leaves more (C1).
func (m *Machine) handOver() {
	for _, h := range m.locks.items {
		if h.stage != granted || m.state != Connected || m.deleting(h) {
			continue
		}
		if err := m.fits(h); err != nil {
			m.done(Done{ID: h.id, Err: err})
			h.cancelled = true
			m.release(h)
		} else if until := m.holdUntil(h); until > m.now {
			h.stage, h.until = held, until
			m.done(Done{ID: h.id, Sequencer: h.sequencer, Until: until})
		}
	}
}

// releasing: something is on its way back to the cell.
func (k *locks) releasing() bool {
	return slices.ContainsFunc(k.items, func(h *hold) bool { return h.stage == releasing })
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
