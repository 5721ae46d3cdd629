package zab

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/record"
)

// leading is one attempt to lead, and the mastership that may come of it. Opening an epoch goes
// through the stages; a roll-over goes through the last four again, inside the mastership (Z13).
type leading struct {
	stage    stage
	epoch    cell.Epoch    // being opened, or open
	open     cell.Epoch    // what proposals bear; 0 before the first
	tail     record.Mark   // where the history before epoch ends: what NewLeader says
	deadline lease.Instant // for opening the first epoch
	backed   bool          // a quorum has once acked NewLeader: what is committed may be applied
	serving  bool          // Leading has been said: a mastership runs

	mastership lease.Mastership
	pings      [maxPings]sentPing
	nextPing   lease.Instant
	since      lease.Instant // when Leading was said
	until      lease.Instant // what backing found last
	stood      lease.Instant // and the latest that it ever found
	leaving    string        // why the mastership is being handed over
	leaveBy    lease.Instant // …and when that is done, heir or not
	changed    bool          // something that backing rests on has changed since
	agreed     uint64        // highest index at which the state here is known to be a quorum's (Z14)

	told      *Commit   // the newest, shared
	held      []Propose // waiting for an epoch, or for a change of members, in order
	heldBytes int
}

type stage uint8

const (
	gathering     stage = iota // until a quorum has told what it accepted
	promising                  // until our own promise to another has ended
	accepting                  // until the epoch is durable here
	discovering                // until a quorum has accepted it
	synchronizing              // until a quorum has acked NewLeader, and all of before is delivered
	broadcasting
)

func (s stage) String() string {
	return [...]string{"gathering", "promising", "accepting", "discovering", "synchronizing", "broadcasting"}[s]
}

func (c *Core) campaign() {
	c.role, c.moved = leads, true
	c.lead = &leading{tail: c.log.last, deadline: c.now.Add(c.patience()), changed: true}
	c.sayStatusToAll()
}

func (c *Core) leadOn() {
	l := c.lead
	if c.lead.leaving == "" && c.stepsDown() {
		return
	}
	if l.stage == gathering {
		c.gather()
	}
	if c.role == leads && l.stage == promising {
		c.chooseEpoch()
	}
	if c.role == leads && l.stage == accepting && c.saved.AcceptedEpoch == l.epoch {
		l.stage = discovering
	}
	if c.role != leads {
		return
	}
	c.pumpAll()
	if l.stage == discovering {
		c.discover()
	}
	if l.stage == synchronizing {
		c.synchronize()
	}
	c.advance()
	c.rollIfNeeded()
	c.pingAll()
	c.dismiss()
}

// gather waits for a quorum's accepted epochs, and gives way to whoever is ahead (Z3).
func (c *Core) gather() {
	l := c.lead
	for _, p := range c.peers {
		in := p.link.stream.info
		if in != nil && c.hasVote(p) && ahead(in.Current, in.Last, c.saved.CurrentEpoch, c.log.durable) {
			c.enterLooking(fmt.Sprintf("replica %d is ahead of this one", p.id))
			return
		}
		if c.rival(p) {
			c.enterLooking(fmt.Sprintf("replica %d asks to lead too, and is ahead of this one", p.id))
			return
		}
	}
	if c.discoveredBy(func(p *peer) bool { return p.link.stream.info != nil }) {
		l.stage = promising
	}
}

// rival reports whether p is gathering too and would not follow us: two who wait for each other
// would wait until both give up.
func (c *Core) rival(p *peer) bool {
	s := p.link.status
	return s != nil && p.link.open && s.Role == RoleJoining && s.Leader == p.id && c.now >= p.avoid && c.hasVote(p) &&
		ahead(s.Current, s.Last, c.saved.CurrentEpoch, c.log.durable)
}

// chooseEpoch takes an epoch above every one accepted that was heard of, our own included, once
// our own promise to another has ended (Z4, L9).
func (c *Core) chooseEpoch() {
	l := c.lead
	if c.promise.binds(c.id, c.now) {
		l.deadline = c.now.Add(c.patience())
		return
	}
	if !c.agreed() {
		c.enterLooking("not all are of one mind about this birth")
		return
	}
	l.epoch = max(l.epoch, c.hard.AcceptedEpoch+1)
	for _, p := range c.peers {
		if in := p.link.stream.info; in != nil {
			l.epoch = max(l.epoch, in.Accepted+1)
		}
	}
	if l.epoch > maxEpoch {
		c.fatal("the epochs of this cell are used up: restore it into a new cell")
		return
	}
	l.stage = accepting
	c.hard.AcceptedEpoch, c.hard.AcceptedFrom = l.epoch, c.id
	c.save()
}

// discover waits until a quorum has accepted the epoch; from then on it is ours.
func (c *Core) discover() {
	l := c.lead
	if c.discoveredBy(func(p *peer) bool { return p.link.stream.accepted == l.epoch }) {
		l.stage = synchronizing
		l.tail = c.log.last
		c.pumpAll()
	}
}

// synchronize names the epoch here too, in the one safe order (Z1), and waits for a quorum of
// acks of NewLeader: that commits all of the history before the epoch.
func (c *Core) synchronize() {
	l := c.lead
	if c.log.durable.Index >= l.tail.Index && c.hard.CurrentEpoch < l.epoch {
		c.hard.CurrentEpoch = l.epoch
		c.hard.Begun = c.hard.Begun || c.log.durable.Index > 0
		c.save()
	}
	mine := c.saved.CurrentEpoch == l.epoch
	if !c.quorumOf(mine, func(p *peer) bool { return p.link.stream.named == l.epoch }) {
		return
	}
	l.backed = true
	if l.tail.Index <= c.log.durable.Index {
		c.commitTo(l.tail.Index)
	}
}

// begin opens the epoch once everything before it is delivered (Z8).
func (c *Core) begin() {
	l := c.lead
	if l.stage != synchronizing || c.delivered.Index < l.tail.Index || c.saved.CurrentEpoch != l.epoch ||
		!c.quorumOf(true, func(p *peer) bool { return p.link.stream.named == l.epoch }) {
		return
	}
	cell.Assert(l.backed && c.log.last == l.tail, "an epoch begins at %v with %v in the log", l.tail, c.log.last)
	l.stage, l.open = broadcasting, l.epoch
	if l.serving {
		c.event(Rolled{l.epoch})
	} else {
		l.serving, l.since = true, c.now
		c.searchIsOver()
		c.event(Leading{l.epoch})
		c.sayStatusToAll()
	}
	c.letGo()
	c.pumpAll()
}

// advance commits what a quorum has durable (Z6): own disk included, learners never.
func (c *Core) advance() {
	l := c.lead
	own := c.ackable()
	if !l.backed {
		return
	}
	before := c.commit
	c.commitTo(c.voters().Index(func(m cell.Member) uint64 { return c.ackedBy(m, own) }))
	if c.commit > before {
		c.letGo()
		c.pumpAll()
	}
}

func (c *Core) ackedBy(m cell.Member, own uint64) uint64 {
	if m.ID == c.id {
		if c.meant(m) {
			return own
		}
		return 0
	}
	if p := c.peer(m.ID); p != nil && c.counts(p, m) {
		return p.link.stream.acked
	}
	return 0
}

// propose adds a transaction, or holds it while an epoch is being opened or a change of members
// is on its way.
func (c *Core) propose(in Propose) {
	if c.role != leads || !c.lead.serving {
		return
	}
	l := c.lead
	if len(l.held) > 0 || !c.takes(in) {
		l.held = append(l.held, in)
		l.heldBytes += len(in.Payload)
		if l.heldBytes > maxHeld {
			c.resign("too many proposals are waiting")
		}
		return
	}
	c.add(in)
}

// takes reports whether a proposal may go into the log now.
func (c *Core) takes(in Propose) bool {
	return c.lead.stage == broadcasting && (in.Kind != record.Members || !c.changing())
}

func (c *Core) add(in Propose) {
	l := c.lead
	z := cell.MakeZxid(l.open, 1)
	if c.log.last.Zxid.Epoch() == l.open {
		z = c.log.last.Zxid.Next()
	}
	r := record.Make(c.log.last.Index+1, z, in.Kind, in.Payload)
	c.log.add(r)
	c.learnLists(&r)
	if z.Counter() >= c.rollAt {
		c.roll(l.open + 1)
	}
}

// letGo adds what was held, in order, as far as it may go.
func (c *Core) letGo() {
	l := c.lead
	for len(l.held) > 0 && c.takes(l.held[0]) {
		in := l.held[0]
		l.held[0] = Propose{}
		l.held, l.heldBytes = l.held[1:], l.heldBytes-len(in.Payload)
		c.add(in)
	}
}

// roll begins the next epoch inside the mastership (Z13).
func (c *Core) roll(to cell.Epoch) {
	l := c.lead
	l.stage, l.epoch, l.tail = promising, to, c.log.last
}

// rollIfNeeded opens a later epoch when a follower has accepted one that is above ours, or ours
// from another: it could never join otherwise.
func (c *Core) rollIfNeeded() {
	l := c.lead
	for _, p := range c.peers {
		in := p.link.stream.info
		if in == nil || l.stage < accepting || p.link.stream.accepted != 0 || c.mayAccept(in) {
			continue
		}
		if l.stage == broadcasting {
			c.logf("opening epoch %d for replica %d, which has accepted %d", in.Accepted+1, p.id, in.Accepted)
			c.roll(in.Accepted + 1)
			c.moved = true
			return
		}
		if !l.serving && c.inForce(p, c.elects) {
			c.enterLooking(fmt.Sprintf("replica %d has accepted epoch %d already", p.id, in.Accepted))
			return
		}
	}
}

// mayAccept reports whether who asked with in can accept the epoch that is being opened, or open.
func (c *Core) mayAccept(in *FollowerInfo) bool {
	return in.Accepted < c.lead.epoch || (in.Accepted == c.lead.epoch && in.From == c.id)
}
