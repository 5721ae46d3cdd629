package master

import (
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/master/session"
	"github.com/leasehold/leasehold/replica/tree"
)

// spoke takes a sign of life (L7). The first of a silent session is logged before it is granted
// anything (L6).
func (m *Master) spoke(l *session.Live) {
	m.sessions.Alive(m.at.Now, l)
	if m.sessions.Spoke(l) {
		m.heard = append(m.heard, l.ID)
	}
}

// logSilence proposes who is heard again, and who has fallen silent, so many at a time (L8).
func (m *Master) logSilence() {
	for len(m.heard) > 0 {
		n := min(len(m.heard), markBatch)
		batch := slices.Clone(m.heard[:n])
		m.heard = m.heard[n:]
		slices.Sort(batch)
		m.own(&tree.HeardAgain{Sessions: batch})
	}
	m.heard = nil
	if !m.holds() {
		return
	}
	silent := m.sessions.Silent(m.at.Now, markBatch)
	if len(silent) == 0 {
		return
	}
	op := &tree.MarkSilent{}
	for _, s := range silent {
		op.Sessions = append(op.Sessions, tree.SilentSession(s))
	}
	m.own(op)
}

// heardAgain lets sessions be granted something again, when that is logged.
func (m *Master) heardAgain(ids []cell.SessionID, logged bool) {
	for _, id := range ids {
		if l, ok := m.sessions.Get(id); ok {
			m.sessions.Heard(m.at.Now, l, logged)
			m.sessions.Reconsider(l, m.cacheDue(l))
		}
	}
}

// takeOverSession gives a session a full lease, or, when it was silent, the rest of it (L6).
func (m *Master) takeOverSession(now lease.Instant, v *tree.SessionView) *session.Live {
	if v.Rest > 0 {
		return m.sessions.AddSilent(now, v.ID, v.Rest)
	}
	return m.sessions.Add(now, v.ID)
}
