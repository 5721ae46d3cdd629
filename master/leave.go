package master

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/tree"
)

// Leave is called before the mastership is handed over: who caches nothing at this moment is logged so,
// and is not waited for by the next master, however silent it is (C5). From here on it is given
// nothing to cache, should the hand-over come to nothing, before it is marked anew.
func (m *Master) Leave(at Moment, out *Out) {
	m.at, m.out = at, out
	m.hurry()
	for idle := m.idle(); len(idle) > 0; {
		n := min(len(idle), markBatch)
		m.own(&tree.UnmarkCaching{Sessions: idle[:n]})
		idle = idle[n:]
	}
	m.out = nil
}

// idle takes the mark from the sessions that cache nothing, ended ones too. Of one whose mark has been
// applied, and has not been told here, nothing is said: that word lets it cache.
func (m *Master) idle() (ids []cell.SessionID) {
	for _, id := range m.tree.Sessions() {
		v, _ := m.tree.Session(id)
		l, live := m.sessions.Get(id)
		if !v.Caching || live && !l.Caching || !m.dir.Empty(m.at.Now, id) {
			continue
		}
		if live {
			l.Caching = false
		}
		ids = append(ids, id)
	}
	return ids
}
