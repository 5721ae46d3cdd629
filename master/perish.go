package master

import (
	"slices"
	"strings"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/tree"
)

// perishing works off the nodes that go by themselves, in bounded transactions (C11): containers
// a little after their last child, the others when they have not been changed for their
// time-to-live. Both are counted by a clock that stands still while nobody could have changed
// them (L7), and anew in each mastership: late, never early.
type perishing struct {
	queue   lease.Queue[cell.Name] // by that clock
	excused lease.Duration         // by which that clock is behind ours
	walked  cell.Name              // how far the names that a new master found are queued
	found   bool                   // all of them are
	flying  map[cell.Name]bool     // their Perish is on its way
	overdue map[cell.Name]bool     // their time has come, and they have children
	young   []cell.Name            // changed in the Step that read its clock at youngAt
	youngAt lease.Instant
}

func newPerishing() perishing {
	return perishing{flying: map[cell.Name]bool{}, overdue: map[cell.Name]bool{}}
}

func (p *perishing) clock(now lease.Instant) lease.Instant { return now.Add(-p.excused) }

// excuse lets a length of time count for nothing.
func (p *perishing) excuse(d lease.Duration) { p.excused += d }

// consider counts the time of a node from now, as the tree has it; or forgets it.
func (p *perishing) consider(now lease.Instant, t *tree.Tree, name cell.Name) {
	delete(p.overdue, name)
	switch is, ok := t.Perishable(name); {
	case !ok:
		p.queue.Remove(name)
	case is.TTL > 0:
		p.queue.Set(name, p.clock(now).Add(is.TTL))
	default:
		p.queue.Set(name, p.clock(now).Add(lingers))
	}
}

// grown counts the times of what changed in an earlier Step from this one's clock: that Step had
// read its own before the change, and may have rested in between.
func (p *perishing) grown(now lease.Instant, t *tree.Tree) {
	if now <= p.youngAt {
		return
	}
	for _, name := range p.young {
		if is, ok := t.Perishable(name); ok && is.TTL > 0 && !p.flying[name] && !p.overdue[name] {
			p.queue.Set(name, p.clock(now).Add(is.TTL))
		}
	}
	p.young = p.young[:0]
}

// changed takes up a change of a node that may go by itself.
func (p *perishing) changed(now lease.Instant, t *tree.Tree, c *call.Event) {
	switch {
	case !c.Stat.Container && c.Stat.TTL == 0:
	case c.Stat.Container || renews(c.Kind):
		p.consider(now, t, c.Name)
		p.young, p.youngAt = append(p.young, c.Name), now
	case p.overdue[c.Name] && c.Stat.Children == 0: // a change of its children gives it no new time
		delete(p.overdue, c.Name)
		p.queue.Set(c.Name, p.clock(now))
	}
}

// renews: a change of contents or ACL begins a time-to-live anew; the lock's holders do not.
func renews(k call.EventKind) bool {
	return k == call.EventCreated || k == call.EventModified || k == call.EventACL || k == call.EventDeleted
}

// findPerishing queues some of the names that a new master found (L8).
func (m *Master) findPerishing() {
	p := &m.perishing
	if p.found {
		return
	}
	names := m.tree.Perishables(p.walked, perishPiece)
	for _, n := range names {
		if _, queued := p.queue.At(n); !queued {
			p.consider(m.at.Now, m.tree, n)
		}
		p.walked = n
	}
	p.found = len(names) < perishPiece
}

// perish proposes what is due, so many at a time.
func (m *Master) perish() {
	if !m.holds() {
		return
	}
	p := &m.perishing
	p.grown(m.at.Now, m.tree)
	m.findPerishing()
	for range perishRounds {
		op := &tree.Perish{}
		for looked := 0; looked < perishBatch && len(p.flying)+len(op.Nodes) < perishFlying; looked++ {
			name, ok := p.queue.Due(p.clock(m.at.Now))
			if !ok {
				break
			}
			if is, ok := m.readyToPerish(name); ok {
				op.Nodes = append(op.Nodes, is)
			}
		}
		if len(op.Nodes) == 0 {
			return
		}
		slices.SortFunc(op.Nodes, func(a, b tree.Perished) int { return strings.Compare(string(a.Name), string(b.Name)) })
		for _, n := range op.Nodes {
			p.flying[n.Name] = true
		}
		m.own(op)
	}
}

// readyToPerish says that a node whose time has come can go. One with children waits for their end, one
// whose lock is in use is looked at again.
func (m *Master) readyToPerish(name cell.Name) (tree.Perished, bool) {
	p := &m.perishing
	is, ok := m.tree.Perishable(name)
	switch {
	case !ok:
	case is.Children > 0:
		p.overdue[name] = true
	case !is.Ready, p.flying[name]: // what flies is meant for an earlier time: it may pass this one over
		p.queue.Set(name, p.clock(m.at.Now).Add(perishAgain))
	default:
		return is.Perished, true
	}
	return tree.Perished{}, false
}

// perished takes up that a Perish has been applied or refused: what it passed over is looked at
// again, unless a change has given it new time.
func (m *Master) perished(nodes []tree.Perished) {
	p := &m.perishing
	for _, n := range nodes {
		delete(p.flying, n.Name)
		if is, ok := m.tree.Perishable(n.Name); ok && is.Perished == n {
			p.queue.Set(n.Name, p.clock(m.at.Now).Add(perishAgain))
		}
	}
}

func (p *perishing) wake(now lease.Instant) lease.Instant {
	next := p.queue.Next()
	switch {
	case !p.found:
		return now
	case len(p.young) > 0:
		return p.youngAt + 1
	case len(p.flying) >= perishFlying || next == lease.Never:
		return lease.Never
	}
	return next.Add(p.excused)
}
