package session

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
)

// A Delete takes the lock of its node with it, and whoever makes the node anew can lock it at
// once. So our own holds of it end, and their Margins pass, before the Delete is sent, whatever
// becomes of it (C1).

// endDeleted ends the holds of the node that x deletes. They are given back when x is answered
// and has not taken them along.
func (m *Machine) endDeleted(x *mutation) {
	for _, h := range m.locks.items {
		switch {
		case !x.deletes(h):
			continue
		case h.stage == held:
			m.end(h, fmt.Errorf("%w: this session deletes the node", cell.ErrLockLost))
			h.with, h.releaseAt = x, m.now.Add(lease.Duration(h.op.Margin))
		case h.stage != ended:
			continue
		}
		x.notBefore = max(x.notBefore, h.releaseAt)
	}
}

// deletes reports whether x deletes the node that h is of, by itself or by a part of a Txn.
func (x *mutation) deletes(h *hold) bool {
	switch o := x.op.(type) {
	case *call.Delete:
		return h.goesWith(o)
	case *call.Txn:
		for _, p := range o.Parts {
			if d, ok := p.(*call.Delete); ok && h.goesWith(d) {
				return true
			}
		}
	}
	return false
}

func (h *hold) goesWith(d *call.Delete) bool {
	return d.Name == h.op.Name && (d.Instance == 0 || d.Instance == h.sequencer.Instance)
}

// deleting: a Delete that was asked for after h may be ending it in the cell.
func (m *Machine) deleting(h *hold) bool {
	for _, x := range m.calls.sent {
		if x.number > h.number && x.deletes(h) {
			return true
		}
	}
	for _, x := range m.calls.waiting {
		if x.deletes(h) {
			return true
		}
	}
	return false
}

// deleteOver: x, if it is a Delete, is over; what it has not taken along is to be released.
func (m *Machine) deleteOver(x *mutation, done bool) {
	for i := 0; i < len(m.locks.items); i++ {
		h := m.locks.items[i]
		if h.with != x {
			continue
		}
		h.with = nil
		if done && h.stage == ended {
			m.remove(h)
			i--
		}
	}
}
