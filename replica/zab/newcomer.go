package zab

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
)

// Ready is the directory of the replica id that this leader has brought up to date, or why there is
// none to count on yet (Z15: a newcomer counts in no quorum before it has caught up).
func (c *Core) Ready(id cell.ReplicaID) (cell.Incarnation, string) {
	p := c.peer(id)
	switch {
	case c.role != leads || !c.lead.serving:
		return 0, "this replica does not lead"
	case p == nil || p.link.number == 0:
		return 0, fmt.Sprintf("replica %d is not connected", id)
	case p.link.refused:
		return 0, fmt.Sprintf("replica %d was refused", id)
	case p.link.hello == nil || !p.link.open:
		return 0, fmt.Sprintf("replica %d has not said hello", id)
	case p.link.stream.upToDate == 0:
		return 0, fmt.Sprintf("replica %d is being brought up, %d of %d entries sent", id,
			max(p.link.stream.next, 1)-1, c.log.last.Index)
	case p.link.stream.acked+maxBehind < c.commit:
		return 0, fmt.Sprintf("replica %d is %d entries behind", id, c.commit-p.link.stream.acked)
	}
	return p.incarnation, ""
}

// Serves reports whether m, a voter of a list in force, takes part in what this leader does now.
func (c *Core) Serves(m cell.Member) bool {
	return c.saysYes(m, true, func(p *peer) bool { return p.link.stream.upToDate != 0 })
}

// Silent reports whether the directory that m binds its id to has not been heard for a while: then
// another may take its place. It takes a leader that long to know.
func (c *Core) Silent(m cell.Member) bool {
	if c.role != leads || !c.lead.serving || c.now < c.lead.since.Add(c.silentAfter()) || m.ID == c.id {
		return false
	}
	p := c.peer(m.ID)
	return p == nil || !p.answers(m.Incarnation, c)
}

// answers reports whether directory inc was heard as this peer a moment ago.
func (p *peer) answers(inc cell.Incarnation, c *Core) bool {
	if p.link.number != 0 && p.link.hello != nil && p.link.hello.Incarnation == inc {
		return true
	}
	return p.before == inc && p.before != 0 && c.now < p.parted.Add(c.silentAfter())
}

// Unbound are the members, as the next binding transaction may name them, whose directory is not
// the one their id is bound to: that one is silent, and the new one has caught up (Z11, Z15). Only
// a leader knows any.
func (c *Core) Unbound() cell.Members {
	var list cell.Members
	if c.role != leads {
		return nil
	}
	for _, m := range c.lists.newest().Members {
		p := c.peer(m.ID)
		if p == nil || p.incarnation == 0 || p.incarnation == m.Incarnation || (m.Incarnation != 0 && !c.Silent(m)) {
			continue
		}
		if _, why := c.Ready(m.ID); why == "" {
			m.Incarnation = p.incarnation
			list = append(list, m)
		}
	}
	return list
}
