package master

import (
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
)

// lingering are acquires of locks that others have. All that becomes of them in the log is a place in a
// queue, and what could let them in is a transaction too: they wait a moment for company, and leave in
// front of whatever is proposed next. So a contended lock passes on with one append and one sync, that of
// the release, and the release never finds the disks busy with the acquire of who had the lock before.
type lingering struct {
	all []*write
	by  lease.Instant // when they leave at the latest
}

const (
	lingersFor = 2 * lease.Millisecond
	mostLinger = 64
)

// linger keeps w for company, if it is an acquire that would queue.
func (m *Master) linger(w *write) bool {
	if !m.queues(w) || len(m.lingering.all) == mostLinger {
		return false
	}
	if len(m.lingering.all) == 0 {
		m.lingering.by = m.at.Now.Add(lingersFor)
	}
	m.lingering.all = append(m.lingering.all, w)
	return true
}

func (m *Master) queues(w *write) bool {
	o, ok := w.txn.Op.(*call.Acquire)
	return ok && m.tree.Queues(o)
}

// hurry proposes what lingers: something else is about to be.
func (m *Master) hurry() {
	all := m.lingering.all
	m.lingering.all = nil
	for _, w := range all {
		m.submit(w)
	}
}

// tire ends the lingering when its time is over, and when a lock has come free meanwhile.
func (m *Master) tire() {
	if len(m.lingering.all) == 0 {
		return
	}
	late := m.at.Now >= m.lingering.by
	for _, w := range m.lingering.all {
		late = late || !m.queues(w)
	}
	if late {
		m.hurry()
	}
}

// wake is when they leave; Never when there are none.
func (l *lingering) wake() lease.Instant {
	if len(l.all) == 0 {
		return lease.Never
	}
	return l.by
}
