package zab

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/record"
)

// following is one attempt to follow one leader over one link. Each epoch goes through offer
// (asked to accept) → accepted (acked) → naming (its history is here) → named (acked): the
// first one after asking, later ones as the sitting master rolls over (Z13).
type following struct {
	leader   cell.ReplicaID
	former   cell.ReplicaID // who named the leader its heir
	ask      uint64
	deadline lease.Instant // for the first word of the leader
	askAgain lease.Instant
	heard    lease.Instant

	offer, accepted cell.Epoch
	naming, named   cell.Epoch
	begins          record.Mark // the history that naming begins with
	base            base
	attempt         uint64 // of the snapshot on its way
	installing      bool
	serving         bool   // UpToDate has come
	told            uint64 // acked, or ours before the stream began
	progress        uint64 // said to be durable, beyond told
	reported        uint64 // the newest index that a report was sent about
	anew            bool   // its snapshot is to end this replica's quarantine
	ping            *Ping
}

// base is where a follower's stream stands on.
type base uint8

const (
	baseNone     base = iota
	baseSnapshot      // announced, not durable yet
	baseLog           // the stream goes on from a common mark
)

func (c *Core) follow(p *peer) {
	c.ask++
	c.role, c.moved = follows, true
	deadline := c.now.Add(c.patience() + c.retryAfter())
	c.foll = &following{leader: p.id, ask: c.ask, deadline: deadline, heard: c.now}
}

func (c *Core) followOn() {
	f := c.foll
	if f.offer == 0 && f.accepted == 0 && c.now >= f.askAgain {
		c.askLeader()
	}
	c.acceptOffer()
	if c.role != follows {
		return
	}
	c.nameLeader()
	c.answerPing()
	c.tellDurable()
	c.watchLeader()
}

func (c *Core) askLeader() {
	f := c.foll
	f.askAgain, f.anew = c.now.Add(c.pingEvery()), c.hard.Quarantined
	c.send(c.peer(f.leader), &FollowerInfo{
		Ask: f.ask, Accepted: c.saved.AcceptedEpoch, From: c.saved.AcceptedFrom,
		Current: c.saved.CurrentEpoch, Last: c.log.durable, Snapshot: c.log.snapshot,
		Epochs: c.log.newest(), Anew: c.hard.Quarantined,
	})
}

// watchLeader gives a silent leader up. While our own disk keeps everything waiting, patience
// would be lost on ourselves.
func (c *Core) watchLeader() {
	f := c.foll
	switch {
	case f.accepted == 0 && c.now >= f.deadline && c.disk.idle():
		c.peer(f.leader).avoid = c.now.Add(c.retryAfter())
		c.enterLooking(fmt.Sprintf("replica %d does not lead", f.leader))
	case f.accepted != 0 && c.now >= f.heard.Add(c.silence()):
		c.enterLooking(fmt.Sprintf("leader %d is silent", f.leader))
	}
}

// heardLeader takes what only the leader followed may say.
func (c *Core) heardLeader(p *peer, m Message) {
	f := c.foll
	f.heard = c.now
	if m, ok := m.(*NewEpoch); ok {
		c.heardNewEpoch(p, m)
		return
	}
	if f.accepted == 0 {
		return // of an older asking
	}
	switch m := m.(type) {
	case *Ping:
		c.heardPing(m)
	case *Diff:
		c.heardDiff(p, m)
	case *Snap:
		c.heardSnap(p, m)
	case *Entries:
		c.heardEntries(p, m)
	case *NewLeader:
		c.heardNewLeader(p, m)
	case *UpToDate:
		c.heardUpToDate(p, m)
	case *Commit:
		if f.serving && m.Epoch == f.accepted {
			c.learnCommit(m.Index)
		}
	}
}

func (c *Core) heardNewEpoch(p *peer, m *NewEpoch) {
	f := c.foll
	if m.Ask != f.ask {
		return
	}
	if m.Epoch <= f.accepted || m.Epoch <= f.offer || f.base == baseSnapshot || c.farAhead(m.Epoch) {
		c.drop(p, "a new epoch out of place")
		return
	}
	f.offer = m.Epoch
}

// acceptOffer answers a new epoch: never one below what was accepted, the same one again only to
// the same leader, and no one else's while a promise lasts (Z4, L9). A promise that lasts is
// waited for.
func (c *Core) acceptOffer() {
	f := c.foll
	if f.offer == 0 {
		return
	}
	h := &c.hard
	if f.offer < h.AcceptedEpoch || (f.offer == h.AcceptedEpoch && h.AcceptedFrom != f.leader) {
		c.enterLooking(fmt.Sprintf("leader %d offers epoch %d, %d is accepted already", f.leader, f.offer, h.AcceptedEpoch))
		return
	}
	if !c.agreed() {
		return // the leader's word that it has promised is on its way
	}
	if c.promise.binds(f.leader, c.now) {
		f.heard, f.deadline = c.now, c.now.Add(c.patience())
		return
	}
	if f.offer > h.AcceptedEpoch {
		h.AcceptedEpoch, h.AcceptedFrom = f.offer, f.leader
		c.save()
	}
	if c.saved.AcceptedEpoch != f.offer {
		f.heard = c.now // our own disk is what we wait for
		return
	}
	c.send(c.peer(f.leader), &AckEpoch{Epoch: f.offer, Current: c.saved.CurrentEpoch, Last: c.log.durable})
	f.accepted, f.offer = f.offer, 0
}

func (c *Core) heardNewLeader(p *peer, m *NewLeader) {
	f := c.foll
	if m.Epoch != f.accepted || m.Epoch <= f.named || f.base != baseLog || f.naming != 0 || m.Last != c.log.last {
		c.drop(p, fmt.Sprintf("new leader of epoch %d at %v out of place, history ends at %v", m.Epoch, m.Last, c.log.last))
		return
	}
	f.naming, f.begins = m.Epoch, m.Last
}

// nameLeader keeps the one order that is safe (Z1): the history durable, then currentEpoch
// durable, then the ack. Begun goes with it (Z11).
func (c *Core) nameLeader() {
	f := c.foll
	if f.naming == 0 || c.log.durable.Index < f.begins.Index {
		return
	}
	if c.hard.CurrentEpoch < f.naming {
		c.hard.CurrentEpoch = f.naming
		c.hard.Begun = c.hard.Begun || c.log.durable.Index > 0
		c.save()
	}
	if c.saved.CurrentEpoch != f.naming {
		return
	}
	cell.Assert(c.log.durable.Index >= f.begins.Index, "current epoch before its history")
	c.send(c.peer(f.leader), &AckNewLeader{Epoch: f.naming, Last: f.begins})
	f.named, f.naming = f.naming, 0
	f.told = max(f.told, f.begins.Index)
}

func (c *Core) heardUpToDate(p *peer, m *UpToDate) {
	f := c.foll
	if m.Epoch != f.named {
		c.drop(p, "up to date out of place")
		return
	}
	c.learnCommit(m.Commit)
	if !f.serving {
		f.serving = true
		c.searchIsOver()
		c.event(Following{f.leader, m.Epoch})
	}
}

// ackable is how far this replica's history may be acked: durable, with Begun durable after it,
// and with the vote that it gives durable too (Z11).
func (c *Core) ackable() uint64 {
	if c.log.durable.Index > 0 && !c.hard.Begun {
		c.hard.Begun = true
		c.save()
	}
	if !c.saved.Begun || c.saved.Standing != c.hard.Standing || c.standing() != c.hard.Standing {
		return 0
	}
	return c.log.durable.Index
}

// tellDurable acks what is durable of the epochs that are named here (Z6). The rest, all of it
// before the first NewLeader is acked, moves the window and counts as nothing: a record of an
// epoch that currentEpoch does not show yet would be outranked by a history without it.
func (c *Core) tellDurable() {
	f := c.foll
	if f.base != baseLog {
		return
	}
	named := uint64(0)
	if f.named != 0 {
		named = c.log.endOf(f.named)
		if n := min(c.ackable(), named); n > f.told {
			f.told = n
			c.send(c.peer(f.leader), c.reporting(&Ack{Epoch: f.named, Index: n}))
		}
		c.tellReports()
	}
	if d := c.log.durable.Index; d > named && d > max(f.told, f.progress) {
		f.progress = d
		c.send(c.peer(f.leader), &Progress{Epoch: f.accepted, Index: d})
	}
}
