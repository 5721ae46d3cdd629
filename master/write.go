package master

import (
	"github.com/leasehold/leasehold/cache/directory"
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/tree"
)

// Station is where a write is on its journey.
type Station uint8

// The stations, in their order.
const (
	Admitted     Station = iota + 1 // waits for its session's turn
	Invalidating                    // its round is open, and somebody is waited for
	Proposed                        // on its way through the log
	Decided                         // applied, or refused before it was proposed
)

// String names the station, for traces.
func (s Station) String() string {
	return [...]string{"?", "admitted", "invalidating", "proposed", "decided"}[s]
}

// write is one mutation, a session's or the master's own, from the gate to its answer.
type write struct {
	id      uint64 // of its round too
	at      Station
	txn     tree.Txn
	payload []byte   // from the gate until it is proposed,
	decoded tree.Txn // and what it says
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

func (m *Master) newWrite(t tree.Txn) *write {
	m.lastWrite++
	m.inFlight++
	return &write{id: m.lastWrite, at: Admitted, txn: t, asked: m.at.Now}
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
		if first.at == Decided {
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
		cell.Assert(w.at == Admitted, "a write that is %v waits behind another", w.at)
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

// step is the one dispatcher of stations before the log. It reports whether w has left for the
// log, or is over.
func (m *Master) step(w *write, ln *lane) (gone bool) {
	if w.at == Admitted && !m.openRound(w, ln) {
		return w.at == Decided
	}
	if w.at == Invalidating {
		if !w.cleared {
			return false
		}
		m.propose(w, ln)
	}
	return true
}

// propose hands w to the log. The bytes are decoded first with the code that Apply uses (B5).
func (m *Master) propose(w *write, ln *lane) {
	w.payload = tree.Encode(w.txn)
	decoded, err := tree.Decode(w.payload)
	if err != nil {
		m.decide(w, call.Fail(err))
		return
	}
	w.at, w.decoded = Proposed, decoded
	if ln != nil {
		ln.proposed++
	}
	if !m.linger(w) {
		m.hurry()
		m.submit(w)
	}
}

// submit puts w in the log's order, behind all that was before.
func (m *Master) submit(w *write) {
	m.proposed = append(m.proposed, w)
	m.out.Proposals = append(m.out.Proposals, Proposal{Kind: w.txn.Kind(), Payload: w.payload, Txn: w.decoded})
	w.payload, w.decoded = nil, tree.Txn{} // the log's and the tree's now
}

// decide ends a write that was never proposed.
func (m *Master) decide(w *write, r call.Result) {
	cell.Assert(w.at < Proposed, "a write that is %v is refused at the gate", w.at)
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
	w.at = Decided
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
		r.Lock = m.lockOf(op, r.Refused)
	}
	m.out.Requests = append(m.out.Requests, Request{Op: opName(op), Code: r.Code, Took: m.at.Now.Sub(asked)})
	if !proposed {
		m.refusedDeed(id, number, op, r)
	}
	l, ok := m.sessions.Get(id)
	if !ok || l.Stream == 0 || !l.Calls.Owed(number) {
		return // it learns of it when it sends the call again
	}
	answer := &call.CallReply{Epoch: m.epoch, Number: number, Proposed: proposed, Result: r}
	if !m.repliedBehind(l, answer) {
		m.send(l.Stream, answer)
	}
}
