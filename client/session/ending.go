package session

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

func (m *Machine) enter(s State) {
	m.state = s
	m.out.States = append(m.out.States, s)
}

func (m *Machine) connected() {
	if m.state == Connected {
		return
	}
	if m.state == Jeopardy {
		m.say(false, "session %v: out of jeopardy, with epoch %d", m.id, m.terms.Epoch)
	}
	m.enter(Connected)
}

// jeopardy: the lease has run out by our clock; the cell may or may not have ended the session.
func (m *Machine) jeopardy() {
	m.enter(Jeopardy)
	m.onCache(CacheOp{Kind: CacheSetAside})
	m.keep.caching = false
	m.say(true, "session %v: in jeopardy; for %v it looks for a master", m.id, m.cfg.Grace)
}

// expire ends the session for good: whoever waits is told at once, and alike (C4, C8). The cell has
// said so on l; nil when it is our own clock that ends it.
func (m *Machine) expire(why error, l *link) {
	if m.ended() {
		return
	}
	m.leave(l)
	if m.state == Closed {
		m.finish()
		return
	}
	m.err = why
	m.onCache(CacheOp{Kind: CacheDrop})
	m.say(true, "session %v: %v", m.id, why)
	m.endHolds(fmt.Errorf("%w: %w", cell.ErrLockLost, why))
	m.enter(Expired)
	m.failAll(why)
	m.dropLinks()
}

// close is the user's: the session is Closed for him at once; the cell is told as soon as it
// can be, behind the calls that are on their way.
func (m *Machine) close(id uint64) {
	if m.state == Closed && m.calls.closing != nil {
		m.calls.closing.also = append(m.calls.closing.also, id)
		return
	}
	if m.state == Closed || m.state == Expired {
		m.done(Done{ID: id})
		return
	}
	m.err = cell.ErrClosed
	m.onCache(CacheOp{Kind: CacheDrop})
	m.endHolds(fmt.Errorf("%w: session closed", cell.ErrLockLost))
	created := m.id != 0
	m.enter(Closed)
	m.failUnsent(cell.ErrClosed)
	if !created {
		m.done(Done{ID: id})
		m.dropLinks()
		return
	}
	m.calls.closing = &mutation{id: id, op: &call.CloseSession{}}
	m.calls.waiting = append(m.calls.waiting, m.calls.closing)
}

// closed: the cell has ended the session as asked.
func (m *Machine) closed(d Done) {
	c := m.calls.closing
	m.calls.closing = nil
	for _, id := range append([]uint64{c.id}, c.also...) {
		d.ID = id
		m.done(d)
	}
	m.finish()
}

// finish ends a session that is closed already: what is still on its way is of unknown outcome.
func (m *Machine) finish() {
	if c := m.calls.closing; c != nil {
		m.closed(Done{})
		return
	}
	m.failAll(m.err)
	m.dropLinks()
}

func (m *Machine) abandon() {
	switch m.state {
	case Expired:
		return
	case Closed:
	default:
		m.err = cell.ErrClosed
		m.onCache(CacheOp{Kind: CacheDrop})
		m.endHolds(fmt.Errorf("%w: session closed", cell.ErrLockLost))
		m.enter(Closed)
	}
	if c := m.calls.closing; c != nil {
		m.closed(Done{Err: cell.ErrClosed, Outcome: Unknown})
		return
	}
	m.finish()
}

// failUnsent fails what was never sent, and every query, watch and acquire.
func (m *Machine) failUnsent(why error) {
	m.failLocks(why)
	for _, c := range m.calls.waiting {
		m.failCall(c, why)
	}
	m.calls.waiting = nil
	m.failAsks(why)
	m.failWatches(why)
}

// failAll fails everything that waits.
func (m *Machine) failAll(why error) {
	m.failUnsent(why)
	for _, c := range m.calls.sent {
		m.failCall(c, why)
	}
	m.calls.sent = nil
}
