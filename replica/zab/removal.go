package zab

import (
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/quorum"
	"github.com/leasehold/leasehold/replica/record"
)

// settleAdmission remembers, once and durably, that a list known to be committed names this
// directory: only such a one can be removed by a later list (Z15).
func (c *Core) settleAdmission() {
	if !c.hard.Admitted && c.boundHere() && !c.changing() {
		c.hard.Admitted = true
		c.save()
	}
}

// settled is what a pong says of the member lists here: how far all of them are durably known to
// be committed, or 0.
func (c *Core) settled() uint64 {
	if !c.lists.bound() || c.lists.newest().Index > max(c.saved.ListCommitted, c.log.snapshot.Index) {
		return 0
	}
	return c.log.durable.Index
}

// final reports whether a quorum of the list in force durably knows that it is committed. Before
// that whom it removed may be needed: an election that does not know it asks for both quorums.
func (c *Core) final() bool {
	if c.role != leads || !c.lead.serving || !c.lists.bound() || c.changing() {
		return false
	}
	l := c.lists.newest()
	v := quorum.Voters{New: l.Members}
	return v.Reached(func(m cell.Member) bool {
		return c.saysYes(m, c.settled() >= l.Index, func(p *peer) bool { return p.link.stream.settled >= l.Index })
	})
}

// outcast reports whether the directory that says m was a member, by a committed list or by
// birth, and is none by the list in force. Who has a later list in its log is not judged by ours.
func (c *Core) outcast(m *Hello) bool {
	l := c.lists.newest()
	if !c.lists.bound() || c.changing() || m.List > max(l.Index, c.commit) {
		return false
	}
	if !m.Admitted && (m.Standing != record.Voter || m.List != 0) {
		return false
	}
	x, ok := l.Members.Find(m.ID)
	return !ok || (x.Incarnation != 0 && x.Incarnation != m.Incarnation)
}

// dismiss tells whoever was removed that it is needed no more, and goes itself if it was.
func (c *Core) dismiss() {
	strange := func(p *peer) bool { return p.link.hello != nil && !p.link.refused && c.outcast(p.link.hello) }
	if self := c.named(); (self && !slices.ContainsFunc(c.peers, strange)) || !c.final() {
		return
	}
	for _, p := range c.peers {
		if strange(p) {
			c.logf("replica %d is told that it was removed", p.id)
			c.send(p, &Refused{Why: removedRemedy, Removed: true})
			p.link.refused = true
		}
	}
	if !c.named() {
		c.resign("a change of members has removed this replica")
		c.wasRemoved()
	}
}

const removedRemedy = "this directory was removed from the cell's members: another replica has taken its place; " +
	"to bring this one back start it with an empty directory and ask for it with cellctl member replace"

// wasRemoved ends this replica for good: it will not ask again.
func (c *Core) wasRemoved() {
	c.hard.Removed = true
	c.save()
	c.fatal(removedRemedy)
}
