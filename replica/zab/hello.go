package zab

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
)

// hello is what this replica says of itself now. All of it is durable (Z2).
func (c *Core) hello() *Hello {
	return &Hello{
		ID: c.id, Incarnation: c.saved.Incarnation, Boot: c.saved.Boot, Standing: c.saved.Standing,
		Begun: c.saved.Begun, Last: c.log.durable, Current: c.saved.CurrentEpoch, Format: c.highest,
		List: c.lists.durable(c.log.durable.Index), Heard: c.names(nil),
		Admitted: c.saved.Admitted, Promised: c.saved.AcceptedEpoch > 0, Quarantined: c.saved.Quarantined,
	}
}

func (c *Core) sayHello(p *peer) {
	h := c.hello()
	p.link.told = h
	c.send(p, h)
}

// names is whom this replica takes for whom, of the configured ones: itself, and of each other the
// directory heard. A voter without a list goes by those it was born with, and who has a list by that.
// They are appended to spare, which is empty.
func (c *Core) names(spare []Name) []Name {
	names := append(spare, Name{c.id, c.saved.Incarnation})
	for _, m := range c.members {
		if inc := c.takenFor(m.ID); m.ID != c.id && inc != 0 {
			names = append(names, Name{m.ID, inc})
		}
	}
	slices.SortFunc(names, func(a, b Name) int { return int(a.ID) - int(b.ID) })
	return names
}

func (c *Core) takenFor(id cell.ReplicaID) cell.Incarnation {
	p := c.peer(id)
	switch {
	case c.lists.bound():
		m, _ := c.lists.newest().Members.Find(id)
		return m.Incarnation
	case c.saved.Standing == record.Voter:
		return c.seenAs(id)
	case p != nil:
		return p.incarnation
	}
	return 0
}

// seenAs is the one directory seen under an id that no list has bound yet; 0: none.
func (c *Core) seenAs(id cell.ReplicaID) cell.Incarnation {
	for _, s := range c.saved.Seen {
		if s.ID == id {
			return s.Incarnation
		}
	}
	return 0
}

func (c *Core) heardHello(p *peer, m *Hello) {
	if !m.follows(p.link.hello) {
		c.drop(p, "a hello that its last one rules out")
		return
	}
	if why := c.refuses(p, m); why != "" {
		c.sayOnce(p, "replica %d is refused: %s", p.id, why)
		c.send(p, &Refused{Why: why, Copied: c.copied(p, m), Removed: c.outcast(m) && c.final()})
		p.link.refused = true
		return
	}
	if m.Incarnation != p.incarnation {
		p.incarnation, p.differs = m.Incarnation, false
		p.life++
	}
	p.standing, p.quarantined = m.Standing, m.Quarantined
	c.rebacked()
	p.link.hello = m
	c.noteBoot(p, m)
}

// follows reports whether a hello may come after one of the same link: from the same life of the same directory,
// and what it says of itself only rises. Else it is an old one, said again (B1).
func (m *Hello) follows(heard *Hello) bool {
	return heard == nil || m.Incarnation == heard.Incarnation && m.Boot == heard.Boot && m.Current >= heard.Current &&
		(m.Begun || !heard.Begun) && (m.Promised || !heard.Promised)
}

// refuses says why a hello is not accepted (Z11), or "".
func (c *Core) refuses(p *peer, m *Hello) string {
	bound, isBound := c.lists.newest().Members.Find(p.id)
	switch {
	case m.ID != p.id:
		return fmt.Sprintf("it says hello as replica %d", m.ID)
	case m.Format < c.format:
		return fmt.Sprintf("it knows formats up to %d, and the cell's is %d: start a newer version", m.Format, c.format)
	case c.copied(p, m):
		return fmt.Sprintf("it starts for the %d. time, but was seen at its %d.: its directory was put back from a "+
			"copy; remove it and start this replica anew", m.Boot, c.bootOf(p.id, m.Incarnation))
	case !isBound || bound.Incarnation == 0 || bound.Incarnation == m.Incarnation:
		return ""
	case c.outcast(m):
		return "its id is bound to another directory; remove this one and start the replica anew"
	case p.answers(bound.Incarnation, c):
		return "its id is bound to another directory, which answers: two machines have one id, or the old one " +
			"has stopped a moment ago"
	}
	return ""
}

// copied reports whether a later start of the directory that says hello has been seen (Z11).
func (c *Core) copied(p *peer, m *Hello) bool { return m.Boot < c.bootOf(p.id, m.Incarnation) }

func (c *Core) bootOf(id cell.ReplicaID, inc cell.Incarnation) uint64 {
	for _, s := range c.hard.Seen {
		if s.ID == id && s.Incarnation == inc {
			return s.Boot
		}
	}
	return 0
}

// noteBoot remembers, durably, the highest boot counter of an incarnation. Until a list binds
// ids one directory stands for each: the newest while this replica is unborn, later the one
// that it was born with.
func (c *Core) noteBoot(p *peer, m *Hello) {
	if c.bootOf(p.id, m.Incarnation) >= m.Boot || p.stranger {
		return
	}
	seen := slices.Clone(c.hard.Seen)
	at := slices.IndexFunc(seen, func(s record.Seen) bool { return s.ID == p.id && s.Incarnation == m.Incarnation })
	switch {
	case at >= 0:
		seen[at].Boot = m.Boot
	case c.boundID(p.id):
		seen = c.forgetOldest(seen, p.id)
		seen = append(seen, record.Seen{ID: p.id, Incarnation: m.Incarnation, Boot: m.Boot})
	case c.hard.Standing == record.Voter && slices.ContainsFunc(seen, func(s record.Seen) bool { return s.ID == p.id }):
		return // born with another: this one is a newcomer, welcome without a vote
	default:
		seen = slices.DeleteFunc(seen, func(s record.Seen) bool { return s.ID == p.id })
		seen = append(seen, record.Seen{ID: p.id, Incarnation: m.Incarnation, Boot: m.Boot})
	}
	c.hard.Seen = sortSeen(seen)
	c.save()
}

func sortSeen(seen []record.Seen) []record.Seen {
	slices.SortFunc(seen, func(a, b record.Seen) int {
		if a.ID != b.ID {
			return int(a.ID) - int(b.ID)
		}
		return cmp.Compare(a.Incarnation, b.Incarnation)
	})
	return seen
}

// boundID reports whether the list in force binds id to a directory.
func (c *Core) boundID(id cell.ReplicaID) bool {
	m, ok := c.lists.newest().Members.Find(id)
	return ok && m.Incarnation != 0
}

// forgetOldest keeps room for one more directory of id. The one that is bound stays.
func (c *Core) forgetOldest(seen []record.Seen, id cell.ReplicaID) []record.Seen {
	bound, _ := c.lists.newest().Members.Find(id)
	n, oldest := 0, -1
	for i, s := range seen {
		if s.ID == id && s.Incarnation != bound.Incarnation {
			n++
			if oldest < 0 || s.Boot < seen[oldest].Boot {
				oldest = i
			}
		}
	}
	if n >= maxSeen {
		seen = slices.Delete(seen, oldest, oldest+1)
	}
	return seen
}

// settleHellos welcomes whoever is known durably, and says hello again where it has changed.
func (c *Core) settleHellos() {
	saved := slices.Equal(c.saved.Seen, c.hard.Seen)
	for _, p := range c.peers {
		if p.link.again != 0 && c.now >= p.link.again {
			c.drop(p, "it refuses this replica")
		}
		if p.link.number == 0 || p.link.refused {
			continue
		}
		if saved && p.link.hello != nil && !p.link.welcomed {
			p.link.welcomed = true
			c.send(p, &Welcome{})
		}
		if c.helloChanged(p.link.told) {
			c.sayHello(p)
		}
	}
}

// helloChanged looks at what others decide by: standing, whether history has begun, and names. While
// the standing changes nothing is said: the old one beside the new list would be refused for good.
func (c *Core) helloChanged(told *Hello) bool {
	if c.saved.Standing != c.hard.Standing {
		return false
	}
	if told == nil || told.Standing != c.saved.Standing || told.Begun != c.saved.Begun ||
		told.Admitted != c.saved.Admitted ||
		told.Quarantined != c.saved.Quarantined || told.Promised != (c.saved.AcceptedEpoch > 0) ||
		told.List != c.lists.durable(c.log.durable.Index) {
		return true
	}
	var spare [16]Name // asked in each Step
	return !c.lists.bound() && !slices.Equal(told.Heard, c.names(spare[:0]))
}

const copiedRemedy = "this directory was put back from a copy: others have seen later starts of it; " +
	"remove it and start this replica anew, it will be filled by its peers"

// wasCopied ends this replica for good: each start counts, so that later ones would be believed.
func (c *Core) wasCopied() {
	c.hard.Copied = true
	c.save()
	c.fatal(copiedRemedy)
}
