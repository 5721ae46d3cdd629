package zab

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/record"
)

// promise is a voter's word: until then it accepts no epoch of another replica than to, its own
// candidacy included (L9).
type promise struct {
	to    cell.ReplicaID
	until lease.Instant
}

// binds reports whether the promise keeps this voter from accepting an epoch of candidate.
func (p *promise) binds(candidate cell.ReplicaID, now lease.Instant) bool {
	return p.to != candidate && p.to != 0 && now < p.until
}

// heardPing remembers the newest ping of the leader followed; answerPing answers it.
func (c *Core) heardPing(m *Ping) {
	f := c.foll
	if f.accepted == 0 || (m.Epoch != f.accepted && m.Epoch != f.offer) {
		return
	}
	f.ping = m
}

// answerPing grants what the newest ping asks for. A length longer than any before is on disk
// first (L3): a restarted voter must know how long to wait. Who has no vote answers without a
// promise: the leader sees that it lives.
func (c *Core) answerPing() {
	f := c.foll
	if f.ping == nil {
		return
	}
	m := f.ping
	grants := c.saved.Standing == record.Voter && !c.hard.Quarantined &&
		c.saved.AcceptedFrom == f.leader && c.hard.AcceptedFrom == f.leader && c.saved.AcceptedEpoch >= f.accepted
	if grants && m.Length > c.saved.LongestPromise {
		if m.Length > c.hard.LongestPromise {
			c.hard.LongestPromise = m.Length
			c.save()
		}
		return
	}
	f.ping = nil
	if grants {
		cell.Assert(!c.promise.binds(f.leader, c.now), "a promise to %d inside one to %d", f.leader, c.promise.to)
		until := lease.Grant{At: c.now, Length: m.Length}.Until()
		if c.promise.to == f.leader {
			until = max(until, c.promise.until) // a longer one before it still counts
		}
		c.promise = promise{f.leader, until}
	}
	c.send(c.peer(f.leader), &Pong{Epoch: m.Epoch, Number: m.Number, Promised: grants, Free: c.free, Settled: c.settled()})
}

// heardRelease ends the promise to a master that has given its mastership up for good. Pings it
// sent before came before it on the same link, and it sends none after.
func (c *Core) heardRelease(p *peer, m *Release) {
	if c.promise.to == p.id && c.hard.AcceptedFrom == p.id && m.Epoch >= c.hard.CurrentEpoch {
		c.promise = promise{}
	}
	if c.role == follows && c.foll.leader == p.id && c.foll.accepted != 0 {
		c.foll.ping = nil
		c.enterLooking("the master handed over")
		p.link.status = nil // it leads no more, whatever it said last
		c.look.heir, c.look.former = m.Heir, p.id
	}
}
