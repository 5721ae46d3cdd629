package world

import (
	"slices"
	"strings"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/tree"
)

// nextFormat is one that is to come: some replicas know it, and in time all.
const nextFormat = cell.Format + 1

// upgrades starts one machine after the other with a program that knows the next format.
func (c *Cell) upgrades() {
	if !c.swarm.Mixed {
		return
	}
	c.loop.After(c.loop.Skewed(Second, 12*Second), func() {
		if c.healed {
			return
		}
		at := slices.IndexFunc(c.machines, func(m *Machine) bool { return m.format < nextFormat && m.mayCrash() })
		if at < 0 {
			return
		}
		m := c.machines[at]
		m.crash(false)
		m.format = nextFormat
		c.counters.Upgrades++
		c.loop.Say("machine %d knows format %d", m.node, m.format)
		m.restart(c.loop.Skewed(5*Millisecond, Second))
		c.upgrades()
	})
}

// raised checks that every member knows the format that the cell has from here on (Z16).
func (c *Cell) raised(o *tree.Raise) {
	c.counters.Raised++
	for _, m := range c.machines {
		if c.isMember(m) && m.format < o.Format {
			c.court.Fail("Z16", "the cell's format is %d, and machine %d knows %d", o.Format, m.node, m.format)
		}
	}
}

// risen reports whether the cell has the highest format that all its members know.
func (c *Cell) risen() bool {
	knows := func(x cell.Member) bool {
		return slices.ContainsFunc(c.machines, func(m *Machine) bool {
			return m.id == x.ID && c.isMember(m) && m.format == nextFormat && !m.away && !m.old
		})
	}
	for _, x := range c.members {
		if !knows(x) {
			return true
		}
	}
	return c.swarm.Bare || c.reference.tree.Format() == nextFormat
}

// outlived reports whether an old program ends because the cell, of which it is no member any more and
// which need not wait for it, has risen to a format that it does not know (Z16).
func (m *Machine) outlived(why string) bool {
	return m.format < nextFormat && !m.cell.isMember(m) && strings.Contains(why, "this version knows up to")
}
