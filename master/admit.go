package master

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/master/session"
	"github.com/leasehold/leasehold/replica/tree"
)

// busy asks the client to send the same again after a while: nothing has happened.
func busy() error { return &cell.OverloadedError{RetryAfter: cell.Span(retryAfter)} }

// soon is busy for what only has to wait for its turn.
func soon() error { return &cell.OverloadedError{RetryAfter: cell.Span(lease.Millisecond)} }

// call takes a session's mutation: answered from the record, remembered, or put in its lane.
func (m *Master) call(s *stream, l *session.Live, c *call.Call) {
	view, ok := m.tree.Session(l.ID)
	cell.Assert(ok && !view.Ended, "session %v is live here and not in the tree", l.ID)
	l.Acked = max(l.Acked, c.Acked)
	l.Calls.Heard(c.Number)
	switch l.Calls.Judge(c.Number, l.Acked, view.LastCall) {
	case session.Flying:
		m.costs(s, l, 1, 0)
	case session.Old:
		m.costs(s, l, 1, 0)
		m.answerOld(l, c)
	case session.Gap:
		m.costs(s, l, 1, 0)
		m.turnAway(l, c, soon()) // in its turn: the one before it says when
	case session.Unheard:
		l.Calls.SendAgain(c.Number)
		m.turnAway(l, c, soon())
	case session.Fresh:
		err := m.full(l, c)
		if _, closes := c.Op.(*call.CloseSession); err == nil && !closes {
			err = m.paced(s, l, 1, contentsOf(c.Op))
		}
		if err != nil {
			l.Calls.SendAgain(c.Number)
			m.turnAway(l, c, err)
			return
		}
		m.admit(l, view.Principal, c)
	}
}

// answerOld answers a number that the tree has passed. Without a record its client has broken
// the order of its calls: it can never be applied any more.
func (m *Master) answerOld(l *session.Live, c *call.Call) {
	if r, ok := m.tree.Recorded(l.ID, c.Number); ok {
		m.out.Recorded++
		m.reply(l.ID, c.Number, true, m.asItStands(l, r), c.Op, m.at.Now)
		return
	}
	m.turnAway(l, c, fmt.Errorf("%w: call %d was passed over", cell.ErrProtocol, c.Number))
}

// asItStands is the recorded answer of an acquire with the hold as it is now: of a grant, or of
// the end of its node, since then the client may have heard nothing (C8).
func (m *Master) asItStands(l *session.Live, r call.Result) call.Result {
	if r.Acquired == nil {
		return r
	}
	if state, ok := m.tree.HoldOf(l.ID, r.Acquired.Hold); ok {
		r.Acquired = &state
		return r
	}
	gone := call.Fail(fmt.Errorf("%w: the acquire of %s has ended meanwhile", cell.ErrStaleHandle, r.Acquired.Name))
	gone.Zxid = m.tree.Mark().Zxid // not the record's: it tells of what has happened since
	return gone
}

// full says why a call cannot be taken now.
func (m *Master) full(l *session.Live, c *call.Call) error {
	switch {
	case m.inFlight >= maxInFlight || m.bytes >= maxInFlightBytes,
		l.Calls.InFlight() >= m.tree.Limits().Unacked,
		c.Number-c.Acked > uint64(m.tree.Limits().Unacked):
		return busy()
	}
	return nil
}

func (m *Master) turnAway(l *session.Live, c *call.Call, err error) {
	m.reply(l.ID, c.Number, false, call.Fail(err), c.Op, m.at.Now)
}

func (m *Master) admit(l *session.Live, principal string, c *call.Call) {
	l.Calls.Take(c.Number)
	if _, ok := c.Op.(*call.CloseSession); ok {
		l.Closing = true // the client has closed its cache: it acks whatever it owes
		m.dir.Emptied(l.ID, &m.fx)
	}
	acked := min(l.Acked, c.Number-1)
	w := m.newWrite(tree.Txn{Time: m.at.Wall, Session: l.ID, Call: c.Number, Acked: acked,
		Principal: principal, Op: c.Op})
	w.size = contentsOf(c.Op)
	m.bytes += w.size
	ln, ok := m.lanes[l.ID]
	if !ok {
		ln = &lane{}
		m.lanes[l.ID] = ln
	}
	ln.waiting = append(ln.waiting, w)
	m.run(l.ID)
}
