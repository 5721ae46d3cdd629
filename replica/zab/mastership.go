package zab

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
)

// sentPing remembers when a ping left, and for how long it asked (L1).
type sentPing struct {
	number uint64
	at     lease.Instant
	length lease.Duration
}

// pingAll asks every follower for its promise, as often as the lease needs it.
func (c *Core) pingAll() {
	l := c.lead
	if c.role != leads || l.stage < discovering && !l.serving || c.now < l.nextPing {
		return
	}
	l.nextPing = c.now.Add(c.pingEvery())
	c.pinged++
	c.rebacked()
	l.pings[c.pinged%maxPings] = sentPing{c.pinged, c.now, c.d}
	for _, p := range c.peers {
		s := &p.link.stream
		if s.accepted == 0 {
			continue
		}
		if c.now >= s.heard.Add(2*c.patience()) {
			c.drop(p, "it has fallen silent")
			continue
		}
		c.send(p, &Ping{Epoch: s.asked, Number: c.pinged, Length: c.d})
	}
}

// heardPong counts a promise from when its ping was sent.
func (c *Core) heardPong(p *peer, m *Pong) {
	if c.role != leads || p.link.stream.accepted == 0 {
		return
	}
	ping := c.lead.pings[m.Number%maxPings]
	if ping.number != m.Number || m.Number == 0 {
		return
	}
	p.link.stream.heard, p.link.free, p.link.stream.settled = c.now, m.Free, m.Settled
	if m.Promised {
		c.rebacked()
		c.lead.mastership.Answered(p.key(), lease.Claim{Sent: ping.at, Length: ping.length})
	}
}

// Lease is until when this replica's mastership holds, by its own clock: 0 when it has none. The
// reader compares it with a clock read after its request came in (L4, L9).
func (c *Core) Lease(now lease.Instant) lease.Instant {
	if c.dead != "" || c.role != leads || !c.lead.serving {
		return 0
	}
	return min(c.backing(now), c.disk.appendSince().Add(diskPatience))
}

// backing is until when a quorum of each list stands behind us. Each list's members are named by
// the vote of the directory it binds; one whose directory was not heard has none.
func (c *Core) backing(now lease.Instant) lease.Instant {
	l := c.lead
	if l.changed {
		v := c.voters()
		l.until, l.changed = c.backedBy(v.New, now), false
		if len(v.Old) > 0 {
			l.until = min(l.until, c.backedBy(v.Old, now))
		}
		l.stood = max(l.stood, l.until)
	}
	return l.until
}

// rebacked makes backing count again: after each ping and promise, and whenever a voter, a list
// or what is known of either has changed.
func (c *Core) rebacked() {
	if c.role == leads {
		c.lead.changed = true
	}
}

func (c *Core) backedBy(list cell.Members, now lease.Instant) lease.Instant {
	const nobody = 0
	votes := make([]uint64, 0, maxPeers)
	for _, m := range list {
		vote := uint64(nobody)
		if m.ID == c.id && c.meant(m) {
			vote = ballot(c.id)
		} else if p := c.peer(m.ID); p != nil && c.counts(p, m) {
			vote = p.key()
		}
		votes = append(votes, vote)
	}
	return c.lead.mastership.Until(now, ballot(c.id), votes, c.d, c.drift, c.margin())
}

// behind is when no quorum will have stood behind us for a whole master lease. A change of members
// may take its backing from a leader that had it until then: the newcomers have not promised yet.
func (c *Core) behind() lease.Instant {
	return max(c.backing(c.now), c.lead.stood, c.lead.since).Add(c.d)
}

// stepsDown ends a leadership that nobody stands behind, or whose own disk stands still.
func (c *Core) stepsDown() bool {
	l := c.lead
	if l.serving && c.now >= c.disk.appendSince().Add(diskPatience) {
		c.resign(fmt.Sprintf("an append has waited for the disk for %v", diskPatience))
		return true
	}
	behind := c.behind()
	switch {
	case l.serving && c.now >= behind:
		c.enterLooking("no quorum has answered for a whole master lease")
		return true
	case !l.serving && c.now >= l.deadline && c.now >= behind && c.disk.idle():
		c.enterLooking(fmt.Sprintf("no quorum came together while %v", l.stage))
		return true
	}
	return false
}

// resign gives the mastership up for good, and with it releases the promises (L9): what is said leaves
// this replica after the Step, which ends as no master's. For a while another is preferred as the next
// leader.
func (c *Core) resign(why string) {
	if c.role != leads {
		return
	}
	heir, _ := c.heir()
	for _, p := range c.peers {
		if s := &p.link.stream; s.accepted != 0 {
			c.send(p, &Release{Epoch: s.asked, Heir: heir})
		}
	}
	c.look.abstain = c.now.Add(c.abstention())
	c.enterLooking(why)
	c.look.heir, c.look.named, c.look.former = heir, heir, c.id
}

// leave hands the mastership over: it is given up at once, and the promises are released as soon as all of the
// history is committed and delivered here, so that who asked for it can be answered, and a voter has the whole
// of it, which is then the heir.
func (c *Core) leave(why string) {
	if c.role != leads {
		return
	}
	if !c.lead.serving {
		c.resign(why)
		return
	}
	c.lead.mastership.GiveUp()
	c.rebacked()
	c.lead.leaving, c.lead.leaveBy = why, c.now.Add(c.finalize())
}

// leftNow resigns if there is an heir, or nothing more to be waited for.
func (c *Core) leftNow() bool {
	l := c.lead
	if l.leaving == "" {
		return false
	}
	if _, whole := c.heir(); (!whole || c.delivered.Index < c.log.last.Index) && c.now < l.leaveBy {
		return false
	}
	c.resign(l.leaving)
	return true
}

// heir is the voter that has most of the history, durably; whole: all of it.
func (c *Core) heir() (id cell.ReplicaID, whole bool) {
	var best *peer
	for _, p := range c.peers {
		if s := &p.link.stream; !c.hasVote(p) || !p.link.open || s.named == 0 || s.named != c.lead.epoch ||
			best != nil && s.acked < best.link.stream.acked {
			continue
		}
		best = p
	}
	if best == nil {
		return 0, false
	}
	return best.id, best.link.stream.acked >= c.log.last.Index
}
