package master

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/master/lock"
	"github.com/leasehold/leasehold/master/session"
	"github.com/leasehold/leasehold/replica/tree"
)

// applied takes up what a transaction did, in the order in which its session's outbox must have
// it: events, grants, and then the reply that shows the change (C9).
func (m *Master) applied(a *tree.Applied) {
	m.seen = a.Mark
	w := m.landed(a)
	m.tellEvents(a)
	m.tellWaiters(a)
	m.taken(a)
	for _, d := range a.Delays {
		m.delays.Start(m.at.Now, lock.Key(d.Key), d.Length)
	}
	for i := range a.Changes {
		m.perishing.changed(m.at.Now, m.tree, &a.Changes[i].Event)
	}
	m.consequences(a)
	if a.Settings {
		m.settled()
	}
	if w != nil && w.txn.Session != 0 {
		m.answered(w, a.Result)
	}
	m.logEnded(a)
	for _, id := range a.Ended {
		m.ended(id, a)
	}
	if w != nil && w.txn.Session != 0 {
		m.moved = append(m.moved, w.txn.Session)
	}
}

// runMoved moves on the lanes in which something has landed, when the events of everything that is
// applied have left: what is refused then is refused from this tree (C9).
func (m *Master) runMoved() {
	moved := m.moved
	m.moved = nil
	for _, id := range moved {
		m.run(id)
	}
}

// landed finds the write that a is the outcome of and closes its round. A transaction that is
// not ours to answer has none.
func (m *Master) landed(a *tree.Applied) *write {
	if len(m.proposed) == 0 {
		return nil
	}
	w := m.proposed[0]
	if w.txn.Session != a.Txn.Session || w.txn.Call != a.Txn.Call || w.txn.Time != a.Txn.Time {
		return nil
	}
	m.proposed = m.proposed[1:]
	m.finish(w)
	if ln, ok := m.lanes[w.txn.Session]; ok && w.txn.Session != 0 {
		ln.proposed--
		cell.Assert(ln.proposed >= 0, "session %v has %d writes in the log", w.txn.Session, ln.proposed)
	}
	return w
}

func (m *Master) answered(w *write, r call.Result) {
	if l, ok := m.sessions.Get(w.txn.Session); ok {
		l.Calls.Answered(w.txn.Call)
	}
	m.reply(w.txn.Session, w.txn.Call, true, r, w.txn.Op, w.asked)
}

// tellWaiters pushes grants, and the news that an acquire has left the queue (C8).
func (m *Master) tellWaiters(a *tree.Applied) {
	for _, g := range a.Grants {
		m.tell(g.Session, func(l *session.Live) call.Message {
			return &call.Granted{Epoch: m.epoch, Stream: l.Number, Hold: g.State.Hold, Sequencer: g.State.Sequencer}
		})
	}
	for _, d := range a.Drops {
		m.tell(d.Session, func(l *session.Live) call.Message {
			return &call.Dropped{Epoch: m.epoch, Stream: l.Number, Hold: d.Hold, Code: d.Code,
				Message: string(d.Name) + ": " + d.Code.Err().Error()}
		})
	}
}

// consequences are what the master's own transactions lead to.
func (m *Master) consequences(a *tree.Applied) {
	switch op := a.Txn.Op.(type) {
	case *tree.OpenSession:
		m.opened(op, a.Opened, a.Result)
	case *tree.MarkCaching:
		m.marked(op.Sessions)
	case *tree.EndSessions:
		m.out.Expired += len(a.Ended)
		m.spare(op.Sessions, a.Ended)
		for _, id := range op.Sessions {
			m.letGo(id)
		}
	case *tree.Quit:
		m.letGo(op.Session)
	case *tree.Allow:
		m.allowing, m.lowering = 0, lowering{}
	case *tree.HeardAgain:
		m.heardAgain(op.Sessions, true)
	case *tree.Reap:
		m.reaps.landed(m.at.Now, op.Session, a.Gone == op.Session, len(a.Changes) > 0)
	case *tree.Perish:
		m.perished(op.Nodes)
	case *tree.Age:
		m.perishing.age.logged(op)
	}
}

// ownRefused takes back what a transaction of the master's own was for, when the gate refused it.
func (m *Master) ownRefused(w *write, r call.Result) {
	switch op := w.txn.Op.(type) {
	case *tree.OpenSession:
		m.opened(op, 0, r)
		return
	case *tree.MarkCaching:
		m.unmark(op.Sessions)
	case *tree.EndSessions:
		m.spare(op.Sessions, nil)
	case *tree.Allow:
		m.allowing = 0
	case *tree.HeardAgain:
		m.heardAgain(op.Sessions, false)
	case *tree.BreakOverdue:
		for _, k := range op.Holds {
			m.overdue.Set(k, m.at.Now.Add(reapAgain))
		}
	case *tree.Reap:
		m.reaps.landed(m.at.Now, op.Session, false, false)
	case *tree.Perish:
		m.perished(op.Nodes)
	case *tree.Age:
		m.perishing.age.refused()
	}
	m.line(Warn, "a transaction of the master's own is refused", Field{"why", r.Message})
}

// ended takes a session that has ended in the tree off the master's books: what it had not
// proposed is refused, it is told, and its ephemerals are to follow (C11).
func (m *Master) ended(id cell.SessionID, a *tree.Applied) {
	if ln, ok := m.lanes[id]; ok {
		waiting := ln.waiting
		ln.waiting = nil
		for _, w := range waiting {
			m.decide(w, call.Fail(cell.ErrSessionExpired))
		}
		if ln.proposed == 0 {
			delete(m.lanes, id)
		}
	}
	v, _ := m.tree.Session(id)
	why := v.Why
	if l, ok := m.sessions.Get(id); ok {
		m.endBehind(l)
	}
	m.tell(id, func(*session.Live) call.Message { return &call.Ended{Session: id, Why: why} })
	m.watches.Drop(id)
	if m.tree.HoldCount(id) > 0 {
		m.sessions.Killed(m.at.Now, id)
	} else {
		m.sessions.Remove(id)
	}
	m.reaps.add(id)
}

// logEnded says who has expired or was killed, in one line for a whole transaction.
func (m *Master) logEnded(a *tree.Applied) {
	if _, closed := a.Txn.Op.(*call.CloseSession); closed || len(a.Ended) == 0 {
		return
	}
	first, _ := m.tree.Session(a.Ended[0])
	var names strings.Builder
	for i, id := range a.Ended {
		if i == namedInLine {
			names.WriteString(" …")
			break
		}
		v, _ := m.tree.Session(id)
		fmt.Fprintf(&names, " %v (%s)", id, v.Identity)
	}
	m.line(Info, "sessions have ended", Field{"count", strconv.Itoa(len(a.Ended))}, Field{"why", first.Why},
		Field{"sessions", strings.TrimSpace(names.String())})
}

// spare takes sessions back whose proposed end came to nothing, as far as they are alive.
func (m *Master) spare(asked, ended []cell.SessionID) {
	gone := map[cell.SessionID]bool{}
	for _, id := range ended {
		gone[id] = true
	}
	for _, id := range asked {
		if l, ok := m.sessions.Get(id); ok && !gone[id] {
			m.sessions.Spare(m.at.Now, l, m.cacheDue(l))
		}
	}
}

// cacheDue is when a session's parked KeepAlive must be answered for its cache's sake.
func (m *Master) cacheDue(l *session.Live) lease.Instant {
	if !l.Caching || l.Closing {
		return lease.Never
	}
	return m.dir.Due(m.at.Now, l.ID)
}
