package zab

import (
	"github.com/leasehold/leasehold/cell"
)

// keepReports is how many reports are kept for a leader that has not heard them.
const keepReports = 16

// selfcheck takes what the machine above has found out about the state that it makes of the history (Z14).
func (c *Core) selfcheck(in Input) {
	switch in := in.(type) {
	case Report:
		c.reports = append(c.reports, in)
		if len(c.reports) > keepReports {
			c.reports = append(c.reports[:0], c.reports[1:]...)
		}
	case Quarantine:
		c.quarantine(in.Why)
	case Differs:
		if p := c.peer(in.ID); p != nil && c.role == leads && !p.differs {
			p.differs = true
			c.rebacked()
		}
	case Agrees:
		if c.role == leads {
			c.lead.agreed = max(c.lead.agreed, in.At)
		}
	}
}

// quarantine takes this replica out of every quorum, durably: a start does not end it. A leader gives
// the mastership up first.
func (c *Core) quarantine(why string) {
	if c.hard.Quarantined {
		return
	}
	if c.role == leads {
		c.resign(why)
	}
	c.hard.Quarantined, c.reports = true, c.reports[:0]
	c.save()
	if c.role == follows {
		c.enterLooking(why)
	}
}

// endQuarantine: a snapshot of a leader that agreed with a quorum is the state here now. Who hears so
// hears it when it is durable.
func (c *Core) endQuarantine() {
	if c.hard.Quarantined {
		c.hard.Quarantined = false
		c.save()
		c.logf("the quarantine is over: this replica was rebuilt from replica %d", c.foll.leader)
	}
}

// startAnew replaces a follower's state by a snapshot, whatever its log holds, once the state here is
// known to be a quorum's. The snapshot is a new one: what the follower has applied lies below it, and of
// what it has acked, on which somebody may count, all that is in this history: it votes again with that.
func (c *Core) startAnew(p *peer) {
	acked := min(p.link.stream.info.Last.Index, c.log.last.Index)
	if l := c.lead; l.stage != broadcasting || l.agreed == 0 || c.delivered.Index < acked {
		return
	}
	c.sendSnapshot(p, max(c.delivered.Index, c.lead.agreed))
}

// tellReports sends what was reported since this stream began, each with an ack of what was acked.
func (c *Core) tellReports() {
	f := c.foll
	for f.told > 0 {
		ack := c.reporting(&Ack{Epoch: f.named, Index: f.told})
		if ack.At == 0 {
			return
		}
		c.send(c.peer(f.leader), ack)
	}
}

// reporting puts the oldest report that the leader has not heard into an ack.
func (c *Core) reporting(m *Ack) *Ack {
	f := c.foll
	for _, r := range c.reports {
		if r.At > f.reported && r.At <= m.Index {
			m.At, m.Digest, f.reported = r.At, r.Digest, r.At
			break
		}
	}
	return m
}

// heardReport hands on what a follower reports; what it means is not for this machine.
func (c *Core) heardReport(p *peer, m *Ack) {
	if m.At != 0 && p.link.number != 0 && c.role == leads && c.lead.serving {
		c.event(Reported{p.id, m.At, m.Digest})
	}
}

// Quorum reports whether the voters for which yes holds are a quorum of each list in force.
func (c *Core) Quorum(yes func(cell.ReplicaID) bool) bool {
	return c.quorumOf(yes(c.id), func(p *peer) bool { return yes(p.id) })
}

// SetFormat says what format the cell has: who does not know it is refused (Z16).
func (c *Core) SetFormat(f uint32) { c.format = f }

// Knows is the highest format that this program knows.
func (c *Core) Knows() uint32 { return c.highest }

// Formats is the highest format that every member of the lists in force knows; 0: one of them has not
// said what it knows, on the link that stands.
func (c *Core) Formats() uint32 {
	lowest := c.highest
	for _, m := range c.Links() {
		if m.ID == c.id {
			continue
		}
		p := c.peer(m.ID)
		if p == nil || p.link.hello == nil || !p.link.welcomed || m.Incarnation != 0 && m.Incarnation != p.incarnation {
			return 0
		}
		lowest = min(lowest, p.link.hello.Format)
	}
	return lowest
}
