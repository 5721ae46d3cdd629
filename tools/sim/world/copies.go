package world

import (
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
)

// putBack first copies a machine's directory, and at a later time puts the copy in its place, as
// a restored backup is. It started twice since, and all others know that: they must refuse it
// (Z11). Each start brings its counter nearer to theirs: it may crash as long as its next start is
// one that they refuse.
func (c *Cell) putBack(m *Machine) {
	if c.copied(m) {
		c.loop.Say("machine %d gets its directory of start %d back", m.node, m.boot)
		c.counters.PutBacks++
		m.crash(true)
		c.voters.Lost(m.disk.Durable())
		m.disk, m.kept, m.old = m.kept, nil, true
		m.restart(c.loop.Skewed(5*Millisecond, 8*Second))
	}
}

// copyLive starts such a copy on one machine more, beside the one that it was made of, which goes on:
// of the two the peers must refuse the copy, and the other must not suffer.
func (c *Cell) copyLive(m *Machine) {
	if m.life == nil || m.twin != nil || !c.copied(m) {
		return
	}
	x := c.addMachine(m.id, m.kept)
	x.old, x.copy, m.kept = true, true, nil
	c.loop.Say("machine %d gets the directory that machine %d had at its start %d", x.node, m.node, m.boot)
	c.counters.Copies++
	for _, o := range c.machines {
		if o.life != nil && o.life.brain != nil {
			o.life.dial(x.node)
		}
	}
	x.restart(c.loop.Skewed(5*Millisecond, Second))
}

// copied makes a copy of m's directory, or reports that there is one which all others must refuse:
// m started twice since.
func (c *Cell) copied(m *Machine) bool {
	h := m.disk.knows
	if h.Boot == 0 || m.old || m.away {
		return false
	}
	if m.kept == nil {
		m.kept, m.boot = m.disk.Copy(), h.Boot
	}
	return c.allKnow(m, h.Incarnation, m.boot+2)
}

// allKnow reports whether all machines of other ids have seen that boot of m's directory, or a later
// one.
func (c *Cell) allKnow(m *Machine, inc cell.Incarnation, boot uint64) bool {
	return !slices.ContainsFunc(c.machines, func(o *Machine) bool { return o.id != m.id && !o.knows(inc, boot) })
}

// mayCrash: a directory that was put back may be started once more only where that start, too, is
// below one that all others have seen.
func (m *Machine) mayCrash() bool {
	return !m.old || m.cell.allKnow(m, m.disk.knows.Incarnation, m.disk.boot()+2)
}

// knows reports whether the machine has its vote and has seen that boot of another's directory.
func (m *Machine) knows(other cell.Incarnation, boot uint64) bool {
	return m.votes() && slices.ContainsFunc(m.disk.knows.Seen, func(s record.Seen) bool {
		return s.Incarnation == other && s.Boot >= boot
	})
}
