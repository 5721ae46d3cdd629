package master

import (
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/master/session"
	"github.com/leasehold/leasehold/replica/tree"
)

// What a watch tells is decided when it leaves: a node that its principal may not read is not there for
// it. Where that changes the watch begins anew, with a resync: what has come into sight is in its
// current state, and what has gone is not.

// tellEvents gives a transaction's changes to the watches they concern. One whose first state
// is under way keeps those of what it has walked for later.
func (m *Master) tellEvents(a *tree.Applied) {
	for i := range a.Changes {
		c := &a.Changes[i]
		m.matched = m.watches.Match(c.Name, c.Kind, m.matched[:0])
		var one []call.Event // the same for all
		for _, w := range m.matched {
			if w.Phase == session.Behind {
				continue // it comes to it
			}
			shown, lost := m.shows(w, c)
			switch {
			case lost:
				m.resync(w)
			case shown && w.Phase == session.Synced:
				if one == nil {
					one = []call.Event{c.Event}
				}
				m.sendEvents(w, one[:1:1])
			case shown:
				m.keep(w, c.Event)
			}
		}
	}
	clear(m.matched)
	m.tellACLs(a.ACLs)
}

// shows reports whether w tells of a change, and whether the change has brought its node into sight or
// out of it.
func (m *Master) shows(w *session.Watch, c *tree.Change) (shown, lost bool) {
	if !w.Matches(c.Name, c.Kind) {
		return false, false
	}
	now, before := m.tree.Sees(w.Principal, c)
	return now, now != before
}

// tellACLs begins the watches anew of those whom an ACL lists now and did not, or the other way round.
func (m *Master) tellACLs(changes []tree.ACLChange) {
	for i := range changes {
		for _, w := range m.watches.Of(changes[i].Concerns) {
			if w.Phase != session.Behind {
				m.resync(w)
			}
		}
	}
}
