package master

import (
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/tree"
)

// endOverdue proposes what is due by our clock: ends of sessions and of lock-delays, so many at
// a time (L8), and nothing without a valid lease (L5).
func (m *Master) endOverdue() {
	if !m.holds() {
		return
	}
	for range expiryRounds {
		ids := m.expired()
		if len(ids) == 0 {
			break
		}
		m.own(&tree.EndSessions{Sessions: ids, Why: "its lease ran out"})
	}
	m.endKilled()
	m.breakOverdue()
	due := m.delays.Due(m.at.Now, delayBatch)
	if len(due) == 0 {
		return
	}
	op := &tree.EndDelays{}
	for _, k := range due {
		op.Locks = append(op.Locks, tree.DelayKey(k))
	}
	m.own(op)
}

// expired takes out sessions for one EndSessions: so many, and no more than hold so many locks,
// for all of those end when it is applied (L8). One session may hold more than that by itself.
func (m *Master) expired() (ids []cell.SessionID) {
	for holds := 0; len(ids) < expiryBatch && holds < expiryHolds; {
		next := m.sessions.Expired(m.at.Now, 1)
		if len(next) == 0 {
			break
		}
		ids = append(ids, next[0])
		holds += m.tree.HoldCount(next[0])
	}
	slices.Sort(ids)
	return ids
}

// reaper works off what ended sessions leave behind, in bounded transactions (C11).
type reaper struct {
	queue  []cell.SessionID            // to be looked at
	later  lease.Queue[cell.SessionID] // to be looked at again
	flying map[cell.SessionID]bool     // their Reap is on its way
}

func (r *reaper) add(id cell.SessionID) { r.queue = append(r.queue, id) }

// landed takes up that a session's Reap has been applied or refused: its record is gone, or some
// of its ephemerals, or nothing.
func (r *reaper) landed(now lease.Instant, id cell.SessionID, gone, some bool) {
	if !r.flying[id] {
		return
	}
	delete(r.flying, id)
	switch {
	case gone:
	case some:
		r.queue = append(r.queue, id)
	default:
		r.later.Set(id, now.Add(reapAgain))
	}
}

// next is a session to look at now, as long as not too many are on their way.
func (r *reaper) next(now lease.Instant) (cell.SessionID, bool) {
	if len(r.flying) >= reapsFlying {
		return 0, false
	}
	if id, ok := r.later.Due(now); ok {
		return id, true
	}
	if len(r.queue) == 0 {
		return 0, false
	}
	id := r.queue[0]
	r.queue = r.queue[1:]
	return id, true
}

func (r *reaper) wake() lease.Instant {
	if len(r.flying) >= reapsFlying {
		return lease.Never
	}
	if len(r.queue) > 0 {
		return 0
	}
	return r.later.Next()
}

// reap proposes the next pieces. The piece that ends a session's record waits until the session
// is nobody's cacher any more, by ack or lapse, and nobody's holder (C11).
func (m *Master) reap() {
	if !m.holds() {
		return
	}
	for {
		id, ok := m.reaps.next(m.at.Now)
		if !ok {
			return
		}
		if v, ok := m.tree.Session(id); !ok || !v.Ended {
			continue
		}
		names := m.tree.Ephemerals(id, reapBatch+1)
		op := &tree.Reap{Session: id, Names: m.free(names[:min(len(names), reapBatch)])}
		if last := len(names) <= reapBatch; last {
			if at, ok := m.counted(id); ok && len(op.Names) == 0 {
				m.reaps.later.Set(id, at)
				continue
			} else if ok {
				op.Keep = true
			}
		}
		if m.reaps.flying == nil {
			m.reaps.flying = map[cell.SessionID]bool{}
		}
		m.reaps.flying[id] = true
		m.own(op)
	}
}

// free are those of the names whose lock keeps nobody from deleting them (C1).
func (m *Master) free(names []cell.Name) []cell.Name {
	return slices.DeleteFunc(names, func(n cell.Name) bool {
		l, _ := m.tree.Lock(n, 0)
		return l.Mode != cell.Free
	})
}

// counted reports whether an ended session still counts as cacher or as holder, and when to look
// again.
func (m *Master) counted(id cell.SessionID) (lease.Instant, bool) {
	switch {
	case !m.dir.Left(m.at.Now, id):
		return m.dir.Until(m.at.Now, id), true
	case m.tree.HoldCount(id) > 0:
		return m.at.Now.Add(lease.Second), true // what ends its holds looks sooner
	}
	return 0, false
}
