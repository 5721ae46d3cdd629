package master

import (
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/tree"
)

// load says how long session leases should be: longer where the KeepAlives of many sessions, or
// Steps that come late, say that there is too much to do.
type load struct {
	tardy   int           // Steps that came late since
	since   lease.Instant // …then
	doubled int           // how often the length is doubled because of them
	calm    lease.Instant // until when that stays
}

// late notes a Step that came late.
func (w *load) late(now lease.Instant) {
	if now > w.since.Add(tardyWithin) {
		w.since, w.tardy = now, 0
	}
	if w.tardy++; w.tardy < tardyMost {
		return
	}
	w.tardy, w.calm = 0, now.Add(calmAfter)
	w.doubled = min(w.doubled+1, 10)
}

// wanted is the length for so many sessions, between least and most: least, doubled as often as needed.
func (w *load) wanted(now lease.Instant, sessions int, least, most lease.Duration) lease.Duration {
	if now >= w.calm {
		w.doubled = 0
	}
	length := least << w.doubled
	for length < lease.Duration(sessions)*perSession && length < most {
		length *= 2
	}
	return min(length, most)
}

func (w *load) wake() lease.Instant {
	if w.doubled == 0 {
		return lease.Never
	}
	return w.calm
}

// lowering is what is granted now, less than what may still be running, and when that is no longer
// so: then it is logged (L3, L6).
type lowering struct {
	session, cache lease.Duration
	at             lease.Instant // 0: there is nothing to be lowered
}

// adapt sets how long the leases are that are granted from now on: what the load asks for, within what
// is logged. More is asked for first; less is logged when all that is longer has ended.
func (m *Master) adapt() {
	if !m.Ready() {
		return
	}
	g := m.tree.Granted()
	running, cacheRuns := lease.Duration(g.SessionLease), lease.Duration(g.CacheLease)
	length := m.load.wanted(m.at.Now, m.sessions.Len(), lease.Duration(m.lengths.SessionLease),
		lease.Duration(m.lengths.SessionLeaseMax))
	if length > running && m.allowing == 0 && m.holds() {
		m.allow(length, cacheRuns)
	}
	length, cache := min(length, running), lease.Duration(m.lengths.CacheLease)
	if m.allowing != 0 { // a new master may count with no more than that
		length = min(length, m.allowing)
	}
	m.sessions.SetLength(length)
	m.dir.SetLength(cache)
	switch l := &m.lowering; {
	case length == running && cache == cacheRuns:
		*l = lowering{}
	case l.at == 0 || l.session != length || l.cache != cache:
		*l = lowering{length, cache, m.at.Now.Add(max(running, cacheRuns))}
	case m.at.Now >= l.at && m.allowing == 0 && m.holds():
		m.allow(length, cache)
	}
}

func (m *Master) allow(session, cache lease.Duration) {
	m.allowing = session
	m.own(&tree.Allow{SessionLease: session, CacheLease: cache})
}

// lengthsWake is when adapt has something to do.
func (m *Master) lengthsWake() lease.Instant {
	at := m.load.wake()
	if m.lowering.at != 0 && m.allowing == 0 {
		at = min(at, m.lowering.at)
	}
	return at
}

// settled takes up that the cell's settings have changed: every client is told.
func (m *Master) settled() {
	m.lengths = m.tree.Lengths()
	for _, id := range m.streamIDs() {
		s := m.streams[id]
		if l, ok := m.sessions.Get(s.session); ok && l.Stream == s.id {
			m.send(s.id, &call.Settings{Epoch: m.epoch, Stream: l.Number, Settings: m.tree.Settings()})
		}
	}
}

// settings are everybody's to see, but for quotas of nodes that the principal may not.
func (m *Master) settings(principal string) *call.SettingsReply {
	quotas := slices.DeleteFunc(m.tree.Quotas(), func(q cell.Quota) bool {
		return m.tree.Permit(principal, &call.Locks{Prefix: q.Name, One: true}) != nil
	})
	return &call.SettingsReply{Settings: m.tree.Settings(), Granted: m.tree.Granted(), Quotas: quotas}
}
