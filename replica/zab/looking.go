package zab

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/record"
)

// looking is the search for a leader. It is a hint: nothing correct rests on it (Z3).
type looking struct {
	ready   bool          // the old role is drained: what is reported is durable (Z2, Z10)
	next    lease.Instant // when to say our status again
	choice  cell.ReplicaID
	settled lease.Instant  // when choice will have stood long enough
	abstain lease.Instant  // until then another is preferred among equals: we resigned
	told    lease.Instant  // when who is away is told next
	heir    cell.ReplicaID // whom the master before has named, to be tried once
	named   cell.ReplicaID // the same, where that master was this replica
	former  cell.ReplicaID // that master
	rests   lease.Instant  // until then nobody is followed: the last attempt came to nothing
}

// enterLooking ends whatever role was. Nothing of it is used again: what is on disk counts, and
// is not reported before the disk has answered for everything (Z7, Z10).
func (c *Core) enterLooking(why string) {
	rests := c.now
	if (c.role == leads && !c.lead.serving) || (c.role == follows && c.foll.named == 0) {
		rests = c.now.Add(c.finalize()/2 + c.rng.upTo(c.finalize()))
	}
	c.write()
	c.role, c.lead, c.foll, c.moved = looks, nil, nil, true
	c.commit = min(c.commit, c.log.last.Index)
	for _, p := range c.peers {
		p.link.stream, p.differs = stream{}, false
	}
	c.look = looking{abstain: c.look.abstain, settled: lease.Never, told: c.now.Add(awayEvery / 4), rests: rests}
	c.event(Looking{why})
}

func (c *Core) lookOn() {
	l := &c.look
	if !c.disk.idle() {
		return
	}
	cell.Assert(c.log.durable == c.log.last, "drained, but %v is not %v", c.log.durable, c.log.last)
	if !l.ready || c.now >= l.next {
		l.ready, l.next = true, c.now.Add(c.pingEvery())
		c.sayStatusToAll()
	}
	if c.saved.Standing == record.Unborn || c.saved.Standing != c.hard.Standing {
		return
	}
	if c.now < l.rests {
		return
	}
	if p := c.sitting(); p != nil {
		c.follow(p)
		return
	}
	if p := c.claimant(); p != nil {
		c.follow(p)
		return
	}
	if !c.voting() {
		return
	}
	if !c.agreed() {
		c.tellAway()
		return
	}
	if c.inherit() {
		return
	}
	best := c.elect()
	if best != l.choice {
		l.choice, l.settled = best, c.now.Add(c.finalize())
	}
	switch {
	case best == 0:
		l.settled = lease.Never
		c.tellAway()
	case c.now < l.settled && !c.everybody():
	case best == c.id:
		c.campaign()
	default:
		c.follow(c.peer(best))
	}
}

// inherit follows whom the master before has named its heir, or campaigns as that one. It is tried
// once; who is ahead of the heir leaves it, as always (Z3).
func (c *Core) inherit() bool {
	heir, former := c.look.heir, c.look.former
	c.look.heir = 0
	switch p := c.peer(heir); {
	case heir == 0:
		return false
	case heir == c.id:
		c.campaign()
		return true
	case p == nil || !p.link.open || c.now < p.avoid || !c.hasVote(p):
		return false
	default:
		c.follow(p)
		c.foll.former = former
		return true
	}
}

// everybody reports whether no voter is missing: nobody better can come.
func (c *Core) everybody() bool {
	return len(c.voters().Missing(func(m cell.Member) bool { return c.says(m, true, c.elects, c.electing) })) == 0
}

// sitting is a leader that has its quorum; of several the one in the highest epoch.
func (c *Core) sitting() *peer {
	var best *peer
	for _, p := range c.peers {
		s := p.link.status
		if s == nil || !p.link.open || s.Role != RoleLeading || c.now < p.avoid ||
			c.now >= p.link.heard.Add(c.fresh()) || s.Epoch < c.saved.CurrentEpoch {
			continue
		}
		if best == nil || s.Epoch > best.link.status.Epoch {
			best = p
		}
	}
	return best
}

// claimant asks to lead by a later list than ours: we may be its quorum, though it is not ours, and
// though we have no vote that we know of. It counts its votes itself; whom it follows is for us
// only a hint (Z3).
func (c *Core) claimant() *peer {
	for _, p := range c.peers {
		s, h := p.link.status, p.link.hello
		if s == nil || h == nil || !c.electing(p) || c.now < p.avoid || s.Leader != p.id ||
			h.List <= c.lists.newest().Index ||
			c.voting() && ahead(c.saved.CurrentEpoch, c.log.durable, s.Current, s.Last) {
			continue
		}
		return p
	}
	return nil
}

// elect is the best among a quorum of those who look for a leader too; 0 without a quorum.
func (c *Core) elect() cell.ReplicaID {
	if !c.discoveredBy(c.electing) {
		return 0
	}
	best, rank := c.id, c.status()
	for _, p := range c.peers {
		if !c.hasVote(p) || !c.electing(p) || c.now < p.avoid {
			continue
		}
		if f := p.link.status.Leader; f != 0 && f != p.id {
			continue // it has asked another to lead
		}
		if outranks(p.link.status, p.id, rank, best) {
			best, rank = p.id, p.link.status
		}
	}
	return best
}

// searchIsOver forgets what the others said while they looked for a leader too: it would pass for
// what they say in the next search, and each would take itself for the only choice.
func (c *Core) searchIsOver() {
	for _, p := range c.peers {
		if s := p.link.status; s != nil && s.Role <= RoleJoining {
			p.link.status = nil
		}
	}
}

func (c *Core) electing(p *peer) bool {
	s := p.link.status
	return s != nil && p.link.open && s.Role <= RoleJoining && c.now < p.link.heard.Add(c.fresh())
}

// outranks is the one total order: (currentEpoch, last zxid, not resigned, id).
func outranks(a *Status, ida cell.ReplicaID, b *Status, idb cell.ReplicaID) bool {
	if ahead(a.Current, a.Last, b.Current, b.Last) || ahead(b.Current, b.Last, a.Current, a.Last) {
		return ahead(a.Current, a.Last, b.Current, b.Last)
	}
	if a.Abstain != b.Abstain {
		return b.Abstain
	}
	return ida > idb
}

// ahead reports whether history a (its currentEpoch, its durable end) ranks above history b.
func ahead(ea cell.Epoch, a record.Mark, eb cell.Epoch, b record.Mark) bool {
	if ea != eb {
		return ea > eb
	}
	return a.Zxid > b.Zxid
}

// status is this replica's own.
func (c *Core) status() *Status {
	s := &Status{Role: RoleLooking, Abstain: c.now < c.look.abstain, Current: c.saved.CurrentEpoch, Last: c.log.durable}
	switch {
	case c.role == leads && c.lead.serving:
		s.Role, s.Leader, s.Epoch = RoleLeading, c.id, c.lead.open
	case c.role == leads:
		s.Role, s.Leader = RoleJoining, c.id
	case c.role == follows && c.foll.named != 0:
		s.Role, s.Leader, s.Epoch = RoleFollowing, c.foll.leader, c.foll.named
	case c.role == follows:
		s.Role, s.Leader = RoleJoining, c.foll.leader
	}
	return s
}

func (c *Core) sayStatusToAll() {
	s := c.status()
	for _, p := range c.peers {
		if p.link.open {
			c.send(p, s)
		}
	}
}

// sayStatus tells one peer, unless the old role is not drained yet.
func (c *Core) sayStatus(p *peer) {
	if p.link.open && (c.role != looks || c.look.ready) {
		c.send(p, c.status())
	}
}

func (c *Core) heardStatus(p *peer, s *Status) {
	news := p.link.status == nil || p.link.status.Role != s.Role
	p.link.status, p.link.heard = s, c.now
	switch {
	case c.role == looks:
		if news && c.look.ready && s.Role == RoleLooking {
			c.sayStatus(p)
		}
		return
	case s.Role == RoleLooking:
		c.sayStatus(p)
	}
	if c.role == leads && s.Role == RoleLooking {
		p.link.stream = stream{} // it has left us, if it was here
	}
	if c.role == follows && c.foll.leader == p.id {
		c.leaderSays(s)
	}
}

// leaderSays leaves a leader that does not lead, or never will. An heir that still follows the master
// before is waited for: that one's word is on its way to it, or their link breaks. What was asked before
// it began has been forgotten, and is asked anew.
func (c *Core) leaderSays(s *Status) {
	f := c.foll
	switch {
	case s.Role == RoleLooking && f.accepted != 0:
		c.enterLooking(fmt.Sprintf("leader %d looks for a leader itself", f.leader))
	case f.accepted != 0 || f.offer != 0:
	case s.Leader != 0 && s.Leader == f.former:
	case s.Leader != 0 && s.Leader != f.leader:
		c.enterLooking(fmt.Sprintf("replica %d follows %d", f.leader, s.Leader))
	case s.Role != RoleLeading && c.voting() && ahead(c.saved.CurrentEpoch, c.log.durable, s.Current, s.Last):
		c.enterLooking(fmt.Sprintf("replica %d is behind this one", f.leader))
	case s.Leader == f.leader:
		f.askAgain = c.now
	}
}

// tellAway says, now and then, without whom there is no quorum.
func (c *Core) tellAway() {
	if c.now < c.look.told {
		return
	}
	c.look.told = c.now.Add(awayEvery)
	away := c.voters().Missing(func(m cell.Member) bool { return c.says(m, true, c.elects, c.electing) })
	c.logf("no quorum: waiting for replicas %v", away)
}
