package master

import (
	"fmt"
	"strconv"

	"github.com/leasehold/leasehold/cache/directory"
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/master/session"
	"github.com/leasehold/leasehold/replica/tree"
)

// Stage is where a write is on its journey.
type Stage uint8

// The stages, in their order.
const (
	Admitted     Stage = iota + 1 // waits for its session's turn
	Invalidating                  // its round is open, and somebody is waited for
	Proposed                      // on its way through the log
	Decided                       // applied, or refused before it was proposed
)

// String names the stage, for traces.
func (s Stage) String() string {
	return [...]string{"?", "admitted", "invalidating", "proposed", "decided"}[s]
}

// write is one mutation, a session's or the master's own, from the gate to its answer.
type write struct {
	id      uint64 // of its round too
	stage   Stage
	txn     tree.Txn
	asked   lease.Instant
	size    int
	round   bool // its round is open
	cleared bool // nobody is waited for any more
	told    int  // cachers that were sent an invalidation
	opened  lease.Instant
}

// lane is what one session has on its way: writes that wait for their turn, of which the first
// may be in its round, and how many are proposed and not applied (C7).
type lane struct {
	waiting  []*write
	proposed int
}

func busy() error { return &cell.OverloadedError{RetryAfter: cell.Span(retryAfter)} }

func soon() error { return &cell.OverloadedError{RetryAfter: cell.Span(lease.Millisecond)} }

// call takes a session's mutation: answered from the record, remembered, or put in its lane.
func (m *Master) call(l *session.Live, c *call.Call) {
	view, ok := m.tree.Session(l.ID)
	cell.Assert(ok && !view.Ended, "session %v is live here and not in the tree", l.ID)
	l.Acked = max(l.Acked, c.Acked)
	switch l.Calls.Judge(c.Number, c.Acked, view.LastCall) {
	case session.Flying:
	case session.Old:
		m.answerOld(l, c)
	case session.Gap:
		m.turnAway(l, c, busy())
	case session.Unheard:
		l.Calls.SendAgain(c.Number)
		m.turnAway(l, c, soon())
	case session.Fresh:
		if err := m.full(l, c); err != nil {
			l.Calls.SendAgain(c.Number)
			m.turnAway(l, c, err)
			return
		}
		m.admit(l, c)
	}
}

// answerOld answers a number that the tree has passed. Without a record its client has broken
// the order of its calls: it can never be applied any more.
func (m *Master) answerOld(l *session.Live, c *call.Call) {
	if r, ok := m.tree.Recorded(l.ID, c.Number); ok {
		m.reply(l.ID, c.Number, true, r, c.Op, m.at.Now)
		return
	}
	m.turnAway(l, c, fmt.Errorf("%w: call %d was passed over", cell.ErrProtocol, c.Number))
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

func (m *Master) admit(l *session.Live, c *call.Call) {
	l.Calls.Take(c.Number)
	if _, ok := c.Op.(*call.CloseSession); ok {
		l.Closing = true // the client has closed its cache: it acks whatever it owes
		m.dir.Emptied(l.ID, &m.fx)
		m.spread()
	}
	acked := min(l.Acked, c.Number-1)
	w := m.newWrite(tree.Txn{Time: m.at.Wall, Session: l.ID, Call: c.Number, Acked: acked, Op: c.Op})
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

func (m *Master) newWrite(t tree.Txn) *write {
	m.lastWrite++
	m.inFlight++
	return &write{id: m.lastWrite, stage: Admitted, txn: t, asked: m.at.Now}
}

// own starts a transaction of the master's own. It waits in a round like any other (C11).
func (m *Master) own(op tree.Op) {
	m.step(m.newWrite(tree.Txn{Time: m.at.Wall, Op: op}), nil)
}

// run moves a session's lane on as far as it goes: the first of its writes until it is proposed
// or refused, then the next.
func (m *Master) run(id cell.SessionID) {
	ln, ok := m.lanes[id]
	if !ok {
		return
	}
	for len(ln.waiting) > 0 && m.step(ln.waiting[0], ln) {
		first := ln.waiting[0]
		ln.waiting = ln.waiting[1:]
		if first.stage == Decided {
			m.turnBack(ln)
		}
	}
	if _, live := m.sessions.Get(id); !live && len(ln.waiting) == 0 && ln.proposed == 0 {
		delete(m.lanes, id)
	}
}

// turnBack sends back what waits behind a call that was refused: its client must hear of that
// first, or the refused call, sent again after a lost answer, would come after them (C7).
func (m *Master) turnBack(ln *lane) {
	for i, w := range ln.waiting {
		cell.Assert(w.stage == Admitted, "a write that is %v waits behind another", w.stage)
		m.finish(w)
		if l, ok := m.sessions.Get(w.txn.Session); ok {
			l.Calls.Answered(w.txn.Call)
			if i == 0 {
				l.Calls.SendAgain(w.txn.Call)
			}
		}
		m.reply(w.txn.Session, w.txn.Call, false, call.Fail(soon()), w.txn.Op, w.asked)
	}
	ln.waiting = nil
}

// step is the one dispatcher of stages before the log. It reports whether w has left for the
// log, or is over.
func (m *Master) step(w *write, ln *lane) (gone bool) {
	if w.stage == Admitted && !m.openRound(w, ln) {
		return w.stage == Decided
	}
	if w.stage == Invalidating {
		if !w.cleared {
			return false
		}
		m.propose(w, ln)
	}
	return true
}

// openRound plans w and opens its round; false when w waits in Admitted, or has been refused.
// What the tree refuses now is refused at once, a read, but not while an earlier call of the
// session is on its way to change the answer (C7).
func (m *Master) openRound(w *write, ln *lane) bool {
	names, refusal := m.tree.Plan(w.txn)
	if refusal != nil {
		if ln != nil && ln.proposed > 0 {
			return false
		}
		m.decide(w, *refusal)
		return false
	}
	w.txn.Names = names
	w.stage = Invalidating
	if len(names) == 0 {
		w.cleared = true
		return true
	}
	w.round, w.opened = true, m.at.Now
	m.rounds[directory.RoundID(w.id)] = w
	told := len(m.fx.Invalidate)
	m.dir.Open(m.at.Now, directory.RoundID(w.id), names, &m.fx)
	w.told = len(m.fx.Invalidate) - told
	m.spread()
	return true
}

// spread hands out what the directory has decided: invalidations, rounds that are over, and the
// names of those whose silence was waited for (C10).
func (m *Master) spread() {
	for _, inv := range m.fx.Invalidate {
		m.tell(inv.Session, func(l *session.Live) call.Message {
			return &call.Invalidate{Epoch: m.epoch, Stream: l.Number, Seq: inv.Seq, Names: inv.Names}
		})
	}
	for _, id := range m.fx.Done {
		w := m.rounds[id]
		w.cleared = true
		m.ready = append(m.ready, id)
		m.out.Rounds = append(m.out.Rounds, Round{Cachers: w.told, Took: m.at.Now.Sub(w.opened)})
	}
	for _, l := range m.fx.Lapses[:min(len(m.fx.Lapses), namedInLine)] {
		m.logLapse(l)
	}
	if more := len(m.fx.Lapses) - namedInLine; more > 0 {
		m.line(Warn, "and others, for the same write", Field{"count", strconv.Itoa(more)})
	}
	m.out.Lapses += len(m.fx.Lapses)
	for _, l := range m.fx.Lapses { // it has a new incarnation to hear of
		if s, ok := m.sessions.Get(l.Session); ok {
			m.sessions.Reconsider(s, m.cacheDue(s))
		}
	}
	m.fx.Reset()
}

// goOn moves every write on whose round is over.
func (m *Master) goOn() {
	for len(m.ready) > 0 {
		id := m.ready[0]
		m.ready = m.ready[1:]
		w, ok := m.rounds[id]
		switch {
		case !ok || w.stage != Invalidating: // over, or proposed at once
		case w.txn.Session != 0:
			m.run(w.txn.Session)
		default:
			m.step(w, nil)
		}
	}
	m.ready = nil
}

// propose hands w to the log. The bytes are decoded first with the code that Apply uses (B5).
func (m *Master) propose(w *write, ln *lane) {
	payload := tree.Encode(w.txn)
	if _, err := tree.Decode(payload); err != nil {
		m.decide(w, call.Fail(err))
		return
	}
	w.stage = Proposed
	m.proposed = append(m.proposed, w)
	if ln != nil {
		ln.proposed++
	}
	m.out.Proposals = append(m.out.Proposals, Proposal{Kind: w.txn.Kind(), Payload: payload, Txn: w.txn})
}

// decide ends a write that was never proposed.
func (m *Master) decide(w *write, r call.Result) {
	cell.Assert(w.stage < Proposed, "a write that is %v is refused at the gate", w.stage)
	m.finish(w)
	if w.txn.Session == 0 {
		m.ownRefused(w, r)
		return
	}
	if l, ok := m.sessions.Get(w.txn.Session); ok {
		l.Calls.Refused(w.txn.Call)
	}
	m.reply(w.txn.Session, w.txn.Call, false, r, w.txn.Op, w.asked)
}

// finish closes w's round and takes it off the books.
func (m *Master) finish(w *write) {
	w.stage = Decided
	m.inFlight--
	m.bytes -= w.size
	if w.round {
		m.dir.Close(m.at.Now, directory.RoundID(w.id))
		delete(m.rounds, directory.RoundID(w.id))
		w.round = false
	}
}

// reply answers a call on the session's newest stream. Who holds a lock is filled in here, it is
// in no record.
func (m *Master) reply(id cell.SessionID, number uint64, proposed bool, r call.Result, op tree.Op,
	asked lease.Instant) {
	if r.Code == cell.CodeOf(cell.ErrLocked) {
		r.Lock = m.lockOf(op)
	}
	m.out.Requests = append(m.out.Requests, Request{Op: opName(op), Code: r.Code, Took: m.at.Now.Sub(asked)})
	m.tell(id, func(*session.Live) call.Message {
		return &call.CallReply{Epoch: m.epoch, Number: number, Proposed: proposed, Result: r}
	})
}
