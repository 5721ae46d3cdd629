package master

import (
	"strconv"

	"github.com/leasehold/leasehold/cache/directory"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/master/session"
)

// openRound plans w and opens its round; false when w waits in Admitted, or has been refused.
// What the tree refuses now is refused at once, a read, but not while an earlier call of the
// session is on its way to change the answer (C7).
func (m *Master) openRound(w *write, ln *lane) bool {
	names, refusal := m.tree.Plan(w.txn)
	if refusal == nil && m.at.Full && m.grows(w.txn.Op) {
		refusal = m.unfit()
	}
	if refusal != nil {
		if ln != nil && ln.proposed > 0 {
			return false
		}
		if ln != nil && !m.holds() { // no read is answered now (L4): asked again in the next Step
			m.moved = append(m.moved, w.txn.Session)
			return false
		}
		m.decide(w, *refusal)
		return false
	}
	w.txn.Names = names
	w.at = Invalidating
	if len(names) == 0 {
		w.cleared = true
		return true
	}
	w.round, w.opened = true, m.at.Now
	m.rounds[directory.RoundID(w.id)] = w
	told := len(m.fx.Invalidate)
	if m.tree.OfACLs(names) {
		m.dir.OpenEverything(m.at.Now, directory.RoundID(w.id), &m.fx)
	} else {
		m.dir.Open(m.at.Now, directory.RoundID(w.id), names, &m.fx)
	}
	w.told = len(m.fx.Invalidate) - told
	m.spread()
	return true
}

// spread hands out what the directory has decided: invalidations, rounds that are over, and the
// names of those whose silence was waited for (C10).
func (m *Master) spread() {
	for _, inv := range m.fx.Invalidate {
		m.tell(inv.Session, func(l *session.Live) call.Message {
			l.Unacked++
			return &call.Invalidate{Epoch: m.epoch, Stream: l.Number, Seq: inv.Seq, Names: inv.Names,
				Everything: inv.Everything}
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
		case !ok || w.at != Invalidating: // over, or proposed at once
		case w.txn.Session != 0:
			m.run(w.txn.Session)
		default:
			m.step(w, nil)
		}
	}
	m.ready = nil
}
