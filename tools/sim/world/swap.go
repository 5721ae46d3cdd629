package world

import (
	"fmt"
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/replica/record"
)

// swap is one replacement of a member: what became of the old one's machine, and the newcomer's.
type swap struct {
	old   cell.ReplicaID
	spare *Machine
	asker *asker
}

// mostMachines bounds the newcomers of a run.
const mostMachines = 12

// swaps lets members be replaced, or an emptied one's old machine come back, until everything heals.
func (c *Cell) swaps() {
	if c.swarm.Swaps == 0 || c.healed {
		return
	}
	c.loop.After(c.loop.Between(0, 2*c.swarm.Swaps), func() {
		switch {
		case c.healed:
			return
		case c.loop.Chance(300_000):
			c.secondBody()
		default:
			c.replace()
		}
		c.swaps()
	})
}

// replace takes a member, dead, dying, cut off or in good health, and asks the cell to put a newcomer in
// its place. The newcomer starts soon, or late.
func (c *Cell) replace() {
	if c.swap != nil || len(c.members) == 0 || len(c.machines) >= mostMachines {
		return
	}
	m := c.drawMember()
	if c.retired != nil && c.isMember(c.retired) {
		m = c.retired
	}
	if m == nil {
		return
	}
	if m != c.retired {
		c.harm(m)
	}
	id := cell.ReplicaID(len(c.machines) + 1)
	x := c.addMachine(id, NewDisk(c.loop.Dice, record.Birth{Cell: m.disk.Born.Cell, Name: "local", Replica: id}))
	x.joins = cell.Member{ID: id, Client: address(x.node), Peer: fmt.Sprintf("peer:%d", x.node),
		HTTP: fmt.Sprintf("http:%d", x.node)}
	x.file = c.members.Without(m.id).With(x.joins)
	c.loop.Say("machine %d is to take the place of replica %d", x.node, m.id)
	c.linkAll(x)
	x.restart(c.loop.Skewed(5*Millisecond, 8*Second))
	c.swap = &swap{old: m.id, spare: x}
	c.swap.asker = newAsker(c, call.Replace{Old: m.id, New: x.joins})
}

// harm does to a member what may be why it is replaced.
func (c *Cell) harm(m *Machine) {
	switch c.loop.Below(3) {
	case 0: // it is dead for good, if that leaves the others their quorum
		if c.othersVote(m) && !c.doubled() {
			c.loop.Say("machine %d is dead for good", m.node)
			c.retired, m.away = m, true
			c.counters.Retired++
			m.crash(c.loop.Chance(c.swarm.Power))
		}
	case 1: // nobody reaches it, and it lives
		last := c.loop.Between(2*Second, 15*Second)
		c.loop.Say("machine %d is cut off for %v", m.node, last)
		for _, o := range c.nodes() {
			if o == m.node {
				continue
			}
			c.network.Cut(m.node, o)
			c.network.Cut(o, m.node)
			c.loop.After(last, func() { c.network.Heal(m.node, o); c.network.Heal(o, m.node) })
		}
	}
}

// secondBody gives a member an empty disk, and lets its old one come to life on another machine later:
// two machines of one id, of which the cell may have bound either.
func (c *Cell) secondBody() {
	m := c.drawMember()
	if m == nil || c.swap != nil || len(c.machines) >= mostMachines || c.doubled() || !c.othersVote(m) || !m.votes() {
		return
	}
	m.crash(c.loop.Chance(c.swarm.Power))
	x := c.addMachine(m.id, m.disk)
	x.twin, m.twin, x.file = m, x, m.file
	c.loop.Say("the disk of machine %d is in machine %d now", m.node, x.node)
	c.counters.Bodies++
	m.disk, m.kept = NewDisk(c.loop.Dice, m.disk.Born), nil
	c.linkAll(x)
	m.restart(c.loop.Skewed(5*Millisecond, 4*Second))
	x.restart(c.loop.Skewed(5*Millisecond, 15*Second))
}

// linkAll lets the machines that run find one that was added.
func (c *Cell) linkAll(x *Machine) {
	for _, o := range c.machines {
		if o != x && o.life != nil && o.life.brain != nil {
			o.life.dial(x.node)
		}
	}
}

// drawMember draws a machine that the committed list names.
func (c *Cell) drawMember() *Machine {
	var all []*Machine
	for _, m := range c.machines {
		if c.isMember(m) && !m.away {
			all = append(all, m)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all[c.loop.Below(len(all))]
}

// isMember reports whether the committed list names the directory of this machine.
func (c *Cell) isMember(m *Machine) bool {
	x, ok := c.members.Find(m.id)
	return ok && x.Incarnation == m.disk.knows.Incarnation
}

// doubled reports whether an id has two bodies: until one of them has gone, a change may need both.
func (c *Cell) doubled() bool {
	return slices.ContainsFunc(c.machines, func(m *Machine) bool { return m.twin != nil && !m.gone && !m.twin.gone })
}

// outside reports whether this machine is no member's: a newcomer's, one of which a second body is the member, or
// of one that was removed. An emptied member's is none of these, whatever became of a second body it once had.
func (c *Cell) outside(m *Machine) bool {
	if len(c.members) == 0 || c.isMember(m) {
		return false
	}
	_, listed := c.members.Find(m.id)
	return !listed || m.twin != nil && c.isMember(m.twin)
}

// othersVote reports whether all members but m have their votes and know it.
func (c *Cell) othersVote(m *Machine) bool {
	return !slices.ContainsFunc(c.members, func(x cell.Member) bool {
		votes := func(o *Machine) bool { return o.id == x.ID && o.votes() }
		return x.ID != m.id && !slices.ContainsFunc(c.machines, votes)
	})
}

// changed counts what a committed list changed, and ends the swap that it makes.
func (c *Cell) changed(before cell.Members) {
	for _, x := range c.members {
		switch old, was := before.Find(x.ID); {
		case !was && len(before) > 0:
			c.counters.Swaps++
		case was && old.Incarnation != 0 && old.Incarnation != x.Incarnation:
			c.counters.Rebound++
		case was && old.Incarnation == 0:
			c.counters.Bound++
		}
	}
	if s := c.swap; s != nil {
		if _, still := c.members.Find(s.old); !still {
			c.swap = nil
			if c.retired != nil && c.retired.id == s.old {
				c.retired.gone, c.retired = true, nil
			}
		}
	}
}

// wasRemoved: a machine was told so. It must not be a member, and it must have been one.
func (m *Machine) wasRemoved() {
	if m.cell.isMember(m) {
		m.cell.court.Fail("Z15", "machine %d ended as removed, and the committed list %v names it", m.node,
			m.cell.members)
	}
	m.cell.counters.Dismissed++
	m.gone, m.away = true, true
	m.cell.loop.After(Second, func() { m.crash(false) })
}

// asker is the person at cellctl: it asks one machine after the other until the change is made.
type asker struct {
	c      *Cell
	node   Node
	ask    call.Replace
	number uint64
	done   bool
}

func newAsker(c *Cell, ask call.Replace) *asker {
	c.number++
	a := &asker{c: c, node: Node(1000 + c.number), ask: ask} // an address that nobody else ever has
	c.network.Join(a.node, a.deliver)
	a.again()
	return a
}

// again asks a machine that is drawn. In a bare cell there is nobody to understand it: the wish is told.
func (a *asker) again() {
	if a.done || a.c.swap == nil || a.c.swap.asker != nil && a.c.swap.asker != a {
		a.c.network.Leave(a.node, false)
		return
	}
	c := a.c
	m := c.machines[c.loop.Below(len(c.machines))]
	if b, ok := m.bare(); ok {
		ask := a.ask
		b.wish = &ask
	} else if !c.swarm.Bare {
		c.network.Dial(a.node, m.node, Client, 0)
	}
	c.loop.After(c.loop.Between(100*Millisecond, 600*Millisecond), a.again)
}

func (a *asker) deliver(d Delivery) {
	switch d.What {
	case Up:
		a.number++
		for _, m := range []call.Message{&call.Hello{Format: cell.Format}, &call.Query{Number: a.number, Ask: &a.ask}} {
			kind, body := call.Encode(m)
			a.c.network.Send(a.node, d.Link, kind, body)
		}
	case Frame:
		m, err := call.Decode(d.Type, d.Body)
		if err != nil {
			a.c.court.Fail("B1", "who asks for a change of members cannot read the answer: %v", err)
			return
		}
		if r, ok := m.(*call.QueryReply); ok {
			if r.Replaced != nil && r.Replaced.Done {
				a.done = true
				a.c.answered(a.ask)
			}
			a.c.loop.Say("asked for %d in the place of %d: %d %s %+v", a.ask.New.ID, a.ask.Old, r.Code, r.Message,
				r.Replaced)
			a.c.network.Close(a.node, d.Link)
		}
	}
}

// answered checks that a change of which a client was told is in the committed list.
func (c *Cell) answered(a call.Replace) {
	_, is := c.members.Find(a.New.ID)
	_, was := c.members.Find(a.Old)
	if later := c.listedOf(a.New.ID); (!is && !later) || was {
		c.court.Fail("Z15", "a client was told that %d is in the place of %d; the committed list is %v", a.New.ID, a.Old,
			c.members)
	}
}

// listedOf reports whether a committed list ever named id.
func (c *Cell) listedOf(id cell.ReplicaID) bool { return c.everListed[id] }

// bare is the machine's core, where that runs alone.
func (m *Machine) bare() (*bare, bool) {
	if m.life == nil || m.life.brain == nil {
		return nil, false
	}
	b, ok := m.life.brain.(*bare)
	return b, ok
}
