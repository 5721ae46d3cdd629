package zab

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/quorum"
	"github.com/leasehold/leasehold/replica/record"
)

// lists are the member lists that the log has set, by index, the base first (Z15). A replica
// obeys the newest, and the one before it too while the newest is not known to be committed.
type lists struct {
	all     []List
	file    bool   // the base is the file's: no record or snapshot has set one
	settled uint64 // lists up to this index are known committed
}

// init takes what a disk held: the first of logged is the base if it is the snapshot's; without
// one the file's is.
func (l *lists) init(file cell.Members, logged []List, snapshot uint64) {
	l.all, l.file = []List{{Members: file}}, len(logged) == 0 || logged[0].Index > snapshot
	if !l.file {
		l.all, logged = logged[:1:1], logged[1:]
	}
	for _, x := range logged {
		l.set(x.Index, x.Members)
	}
}

func (l *lists) newest() *List { return &l.all[len(l.all)-1] }

// durable is the index of the newest list at or below last.
func (l *lists) durable(last uint64) uint64 {
	for i := len(l.all) - 1; i > 0; i-- {
		if l.all[i].Index <= last {
			return l.all[i].Index
		}
	}
	return l.all[0].Index
}

// set adds the list of the record at index. No leader proposes one before it knows that the one
// before is committed, so whoever has this one knows it too.
func (l *lists) set(index uint64, m cell.Members) {
	l.settle(l.newest().Index)
	l.all = append(l.all, List{index, m})
}

// settle forgets the lists that a committed one has replaced.
func (l *lists) settle(commit uint64) {
	l.settled = max(l.settled, commit)
	for len(l.all) > 1 && l.all[1].Index <= l.settled {
		l.all, l.file = l.all[1:], false
	}
}

// truncate goes back to the list in force at after.
func (l *lists) truncate(after uint64) {
	for len(l.all) > 1 && l.newest().Index > after {
		l.all = l.all[:len(l.all)-1]
	}
}

// truncateLists goes back to the list in force at after. That a later one was in the log proves it
// committed, and the proof goes with the record.
func (c *Core) truncateLists(after uint64) {
	c.lists.truncate(after)
	if n := c.lists.newest().Index; !c.changing() && n > c.hard.ListCommitted {
		c.hard.ListCommitted = n
		c.save()
	}
}

// bound reports whether the list in force binds ids to incarnations: it is not the file's.
func (l *lists) bound() bool { return len(l.all) > 1 || !l.file }

// voters are the lists whose quorums decide now.
func (c *Core) voters() quorum.Voters {
	n := len(c.lists.all)
	v := quorum.Voters{New: c.lists.all[n-1].Members}
	if n > 1 && c.changing() {
		v.Old = c.lists.all[n-2].Members
	}
	return v
}

// learnLists takes the member list out of a record that was added to the log.
func (c *Core) learnLists(r *record.Record) {
	if r.Kind == record.Normal {
		return
	}
	if r.Kind != record.Members {
		c.fatal("record " + r.Mark().String() + " is of a kind this version does not know: run the version that wrote it")
		return
	}
	m, err := c.membersOf(r.Payload)
	if err != nil || len(m) == 0 || badList(m) {
		c.fatal("record " + r.Mark().String() + " sets a member list that cannot be read: run the version that wrote it")
		return
	}
	c.lists.set(r.Index, m)
	c.rebacked()
	c.syncPeers()
}

// badList reports whether votes cannot be counted by a list: it is too long, or names an id twice.
func badList(m cell.Members) bool {
	for i := range m {
		if m[i].ID == 0 || (i > 0 && m[i-1].ID >= m[i].ID) {
			return true
		}
	}
	return len(m) > cell.MaxMembers
}

// Lists tells one state of the member lists from another: where the newest stands in the log, and
// whether it is known to be committed.
func (c *Core) Lists() (newest uint64, settled bool) { return c.lists.newest().Index, !c.changing() }

// Links are the replicas to keep links with, by id: the members of the lists in force, or, until
// there is one, those of the file.
func (c *Core) Links() cell.Members {
	v := c.voters()
	list := v.Old
	for _, m := range v.New {
		list = list.With(m)
	}
	return list
}

// changing reports whether a change of members is on its way: another must wait (Z15).
func (c *Core) changing() bool { return c.lists.newest().Index > c.lists.settled }

// counts reports whether the peer, as it was last heard, is the voter that m names: bound to it,
// or, where m binds nobody yet, a voter by birth in the directory that was heard at birth.
func (c *Core) counts(p *peer, m cell.Member) bool {
	if p.quarantined || p.differs {
		return false
	}
	if p.standing != record.Voter || p.incarnation == 0 {
		return false
	}
	if m.Incarnation != 0 {
		return m.Incarnation == p.incarnation
	}
	return c.seenAs(p.id) == p.incarnation
}

// meant reports whether m names this very replica, with a vote.
func (c *Core) meant(m cell.Member) bool {
	return m.ID == c.id && c.saved.Standing == record.Voter && !c.hard.Quarantined &&
		(m.Incarnation == 0 || m.Incarnation == c.saved.Incarnation)
}

// voting reports whether this replica has a vote in a list in force: one that a change removes
// is needed until the change is known to be committed.
func (c *Core) voting() bool {
	v := c.voters()
	in := func(list cell.Members) bool {
		m, ok := list.Find(c.id)
		return ok && c.meant(m)
	}
	return in(v.New) || in(v.Old)
}

// hasVote reports whether p is a voter of a list in force.
func (c *Core) hasVote(p *peer) bool { return c.inForce(p, c.counts) }

func (c *Core) inForce(p *peer, as func(*peer, cell.Member) bool) bool {
	v := c.voters()
	in := func(list cell.Members) bool {
		m, ok := list.Find(p.id)
		return ok && as(p, m)
	}
	return in(v.New) || in(v.Old)
}

// elects reports whether p's word counts as m's while an epoch is being discovered: a voter's, or that
// of the newcomer which m binds and whose log lacks the list yet. Without it a member that dies
// between the logging of a list and its arrival could leave the list without a quorum, and the
// newcomer without anybody to bring it. It lacks the list, so it has acked nothing that counted by
// it: who leads needs none of its history, but its word to accept no other epoch, and that is on
// its disk. In all that follows it counts when the list is on its disk too (Z15).
func (c *Core) elects(p *peer, m cell.Member) bool {
	return c.counts(p, m) || (p.standing == record.Learner && !p.quarantined && m.Incarnation != 0 &&
		m.Incarnation == p.incarnation)
}

// discoveredBy asks those whose word counts while an epoch is being discovered.
func (c *Core) discoveredBy(yes func(*peer) bool) bool {
	return c.voters().Reached(func(m cell.Member) bool { return c.says(m, true, c.elects, yes) })
}

// quorumOf asks the voters: me answers for this replica, yes for each other that counts.
func (c *Core) quorumOf(me bool, yes func(*peer) bool) bool {
	return c.voters().Reached(func(m cell.Member) bool { return c.saysYes(m, me, yes) })
}

func (c *Core) saysYes(m cell.Member, me bool, yes func(*peer) bool) bool {
	return c.says(m, me, c.counts, yes)
}

func (c *Core) says(m cell.Member, me bool, as func(*peer, cell.Member) bool, yes func(*peer) bool) bool {
	if m.ID == c.id {
		return me && c.meant(m)
	}
	p := c.peer(m.ID)
	return p != nil && as(p, m) && yes(p)
}

// commitTo moves the commit index up. That the newest list is committed is saved: after a
// restart nobody would know, and the list it replaced may have no quorum any more.
func (c *Core) commitTo(index uint64) {
	if index <= c.commit {
		return
	}
	if index > c.log.last.Index {
		cell.Assert(false, "commit %d above the log's end %v", index, c.log.last)
	}
	c.commit = index
	if c.changing() {
		c.rebacked()
	}
	c.lists.settle(index)
	if n := c.lists.newest().Index; n <= index && n > c.hard.ListCommitted {
		c.hard.ListCommitted = n
		c.save()
	}
}
