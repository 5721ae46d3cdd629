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
// a little after their last child, anew in each mastership, the others when they have not been changed
// for their time-to-live, which is counted by the cell's age.
type perishing struct {
	age     age
	mortal  lease.Queue[cell.Name] // nodes with a time-to-live, by the cell's age
	empty   lease.Queue[cell.Name] // containers, by our clock
	walked  cell.Name              // how far the names that a new master found are queued
	found   bool                   // all of them are
	flying  map[cell.Name]bool     // their Perish is on its way
	overdue map[cell.Name]bool     // their time has come, and they have children
	young   []cell.Name            // changed in the Step that read its clock at youngAt
	youngAt lease.Instant
}

func newPerishing(now lease.Instant, was tree.Age) perishing {
	return perishing{age: newAge(now, was), flying: map[cell.Name]bool{}, overdue: map[cell.Name]bool{}}
}

// consider counts the time of a node, as the tree has it, from now or, of one that a new master found,
// from the age that it kept; or forgets it.
func (p *perishing) consider(now lease.Instant, t *tree.Tree, name cell.Name, found bool) {
	delete(p.overdue, name)
	is, ok := t.Perishable(name)
	switch {
	case !ok:
		p.mortal.Remove(name)
		p.empty.Remove(name)
	case is.TTL == 0:
		p.mortal.Remove(name)
		p.empty.Set(name, now.Add(lingers))
	case found:
		p.outlive(name, min(is.Aged, p.age.now)+is.TTL)
	default:
		p.outlive(name, p.age.now+is.TTL)
	}
}

// outlive lets a node with a time-to-live stay until the cell has that age.
func (p *perishing) outlive(name cell.Name, d lease.Duration) {
	p.empty.Remove(name)
	p.mortal.Set(name, lease.Instant(d))
}

// grown counts the times of what changed in an earlier Step from this one's clock: that Step had
// read its own before the change, and may have rested in between.
func (p *perishing) grown(now lease.Instant, t *tree.Tree) {
	if now <= p.youngAt {
		return
	}
	for _, name := range p.young {
		if is, ok := t.Perishable(name); ok && is.TTL > 0 && !p.flying[name] && !p.overdue[name] {
			p.outlive(name, p.age.now+is.TTL)
		}
	}
	p.young = p.young[:0]
}

// changed takes up a change of a node that may go by itself.
func (p *perishing) changed(now lease.Instant, t *tree.Tree, c *call.Event) {
	switch {
	case !c.Stat.Container && c.Stat.TTL == 0:
	case c.Stat.Container || renews(c.Kind):
		p.consider(now, t, c.Name, false)
		p.young, p.youngAt = append(p.young, c.Name), now
	case p.overdue[c.Name] && c.Stat.Children == 0: // a change of its children gives it no new time
		delete(p.overdue, c.Name)
		p.outlive(c.Name, p.age.now)
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
		_, mortal := p.mortal.At(n)
		if _, empty := p.empty.At(n); !mortal && !empty && !p.overdue[n] {
			p.consider(m.at.Now, m.tree, n, true)
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
	m.logAge()
	p.grown(m.at.Now, m.tree)
	m.findPerishing()
	for range perishRounds {
		op := &tree.Perish{}
		for looked := 0; looked < perishBatch && len(p.flying)+len(op.Nodes) < perishFlying; looked++ {
			name, ok := p.due(m.at.Now)
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

// logAge proposes the cell's age while it matters to any node.
func (m *Master) logAge() {
	if m.perishing.mortal.Len() == 0 {
		return
	}
	if op, due := m.perishing.age.log(); due {
		m.own(op)
	}
}

// due takes out a node whose time has come.
func (p *perishing) due(now lease.Instant) (cell.Name, bool) {
	if name, ok := p.empty.Due(now); ok {
		return name, true
	}
	return p.mortal.Due(lease.Instant(p.age.now))
}

// again lets a node be looked at again after a while.
func (p *perishing) again(now lease.Instant, is tree.Perishable) {
	if is.TTL > 0 {
		p.outlive(is.Name, p.age.now+perishAgain)
	} else {
		p.empty.Set(is.Name, now.Add(perishAgain))
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
		p.again(m.at.Now, is)
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
			p.again(m.at.Now, is)
		}
	}
}

func (p *perishing) wake(now lease.Instant) lease.Instant {
	switch {
	case !p.found:
		return now
	case len(p.young) > 0:
		return p.youngAt + 1
	case len(p.flying) >= perishFlying:
		return lease.Never
	case p.mortal.Len() == 0:
		return p.empty.Next()
	}
	return min(p.empty.Next(), p.age.wake(lease.Duration(p.mortal.Next())))
}
