package session

import (
	"fmt"
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
)

// leaving is what an ended session still owes the cell: the word that its cache is empty, said at
// once, and that what it held is over, said when the last Margin is. The session itself is Expired
// for everybody here. When the words cannot be said, the cell waits for the end of the lease.
type leaving struct {
	link  *link
	holds lease.Instant // when the Margins of what it held are over
	until lease.Instant // when the link is closed, if the cell has not done it
	said  bool
}

// ended reports whether nothing is left to be done but to leave.
func (m *Machine) ended() bool {
	return m.state == Expired || (m.state == Closed && m.calls.closing == nil)
}

// leave begins to leave over l, the link on which the cell has said that the session has ended.
func (m *Machine) leave(l *link) {
	if l == nil || m.id == 0 {
		return
	}
	m.leaving = &leaving{link: l, holds: m.marginsOver(), until: lease.Never}
	if m.leaving.holds > m.now {
		m.send(l, &call.Quit{Session: m.id, Key: m.cfg.Key})
	}
}

// marginsOver is when the Margins of all holds whose contexts end now, or have ended, are over.
func (m *Machine) marginsOver() lease.Instant {
	at := m.now
	for _, h := range m.locks.items {
		switch h.stage {
		case held:
			at = max(at, m.now.Add(lease.Duration(h.op.Margin)))
		case ended:
			at = max(at, h.releaseAt)
		}
	}
	return at
}

// goOnLeaving says the last word when its time has come, and then waits for the cell to hang up.
func (m *Machine) goOnLeaving() {
	e := m.leaving
	switch {
	case e == nil:
	case !slices.Contains(m.finder.links, e.link):
		m.leaving = nil
	case !e.said && m.now >= e.holds:
		e.said, e.until = true, m.now.Add(answerPatience)
		m.send(e.link, &call.Quit{Session: m.id, Key: m.cfg.Key, Holds: true})
	case m.now >= e.until:
		m.leaving = nil
		m.dropLinks()
	}
}

func (e *leaving) wakeAt() lease.Instant {
	if e.said {
		return e.until
	}
	return e.holds
}

// taken: the cell has taken a hold of ours. Its context ends now; it is given back when its Margin
// is over (C1).
func (m *Machine) taken(k *call.Taken) {
	if !m.ours(k.Epoch, k.Stream) {
		return
	}
	if h := m.holdByZxid(k.Hold); h != nil {
		m.lose(h, k.Loss)
	}
}

// lose ends a hold that the cell has taken, or that was taken before it was handed over.
func (m *Machine) lose(h *hold, loss call.Loss) {
	switch h.stage {
	case acquiring, queued, granted:
		if !h.cancelled {
			m.done(Done{ID: h.id, Err: lost(loss)})
			h.cancelled = true
		}
		m.release(h)
	case held:
		m.end(h, lost(loss))
		h.releaseAt = m.now.Add(lease.Duration(h.op.Margin))
		m.say(true, "session %v: lost the lock of %s: %v", m.id, h.op.Name, loss)
	}
}

func lost(l call.Loss) error { return fmt.Errorf("%w: %v", cell.ErrLockLost, l) }
