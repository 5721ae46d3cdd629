package session

import (
	"fmt"
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// dropped: a waiter of ours has left the queue without being granted, or a hold went with its node.
func (m *Machine) dropped(d *call.Dropped) {
	if !m.ours(d.Epoch, d.Stream) {
		return
	}
	switch h := m.holdByZxid(d.Hold); {
	case h == nil:
	case h.stage == queued || h.stage == granted:
		m.refuseLock(h, call.Result{}, orErr(call.ErrorOf(d.Code, d.Message, nil, 0), cell.ErrStaleHandle))
	default:
		m.gone(h)
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
		case states[i].Loss.Taken():
			m.lose(h, states[i].Loss)
		case states[i].Held && h.stage == queued:
			m.grant(h, states[i].Sequencer)
		}
	}
	for _, s := range states {
		switch {
		case m.holdByZxid(s.Hold) != nil:
		case m.asked(s.Call):
			m.locks.learn(s)
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
