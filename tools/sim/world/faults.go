package world

import (
	"slices"

	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/zab"
)

// plan lets each fault that the swarm has on come again and again until everything heals.
func (c *Cell) plan(f Fault) {
	mean := c.swarm.Every[f]
	if mean == 0 || c.healed {
		return
	}
	c.loop.After(c.loop.Between(0, 2*mean), func() {
		if !c.healed {
			c.strike(f)
			c.plan(f)
		}
	})
}

// strike does one fault, to machines that are drawn.
func (c *Cell) strike(f Fault) {
	m := c.machines[c.loop.Below(len(c.machines))]
	switch f {
	case Crash:
		c.kill(m)
	case CrashAll:
		for _, m := range c.machines {
			c.kill(m)
		}
	case Partition:
		c.partition(true)
	case OneWay:
		c.partition(false)
	case Break:
		if links := c.network.Links(); len(links) > 0 {
			c.network.Reset(links[c.loop.Below(len(links))])
		}
	case Pause:
		c.counters.Pauses++
		m.until = c.loop.Now() + c.loop.Skewed(Millisecond, 3*Second)
	case SlowDisk:
		m.slow = c.loop.Skewed(10*Millisecond, 4*Second)
		c.loop.After(c.loop.Skewed(100*Millisecond, 10*Second), func() { m.slow = 0 })
	case Slew:
		m.clock.Slew(c.loop.Now(), c.rate())
		u := c.users[c.loop.Below(len(c.users))]
		u.clock.Slew(c.loop.Now(), c.rate())
		c.holders()
	case EmptyDisk:
		c.replaceDisk(m)
	case UserCut:
		c.cutOff(c.users[c.loop.Below(len(c.users))])
	case PutBack:
		c.putBack(m)
	case Retire:
		c.retire(m)
	case CopyInit:
		c.copyInit()
	case CopyLive:
		c.copyLive(m)
	case PauseAll:
		last := c.loop.Skewed(100*Millisecond, 8*Second)
		for _, m := range c.machines {
			m.until = c.loop.Now() + last + c.loop.Skewed(0, 100*Millisecond)
		}
	case StepDown:
		m.stepDown()
	case FullDisk:
		c.fillDisks()
	case UserCrash:
		c.users[c.loop.Below(len(c.users))].crash()
	case UserPause:
		c.users[c.loop.Below(len(c.users))].until = c.loop.Now() + c.loop.Skewed(Millisecond, 20*Second)
	}
}

// fillDisks lets the disks of some machines be as good as full for a while (B3).
func (c *Cell) fillDisks() {
	c.counters.Filled++
	last := c.loop.Skewed(100*Millisecond, 8*Second)
	for _, i := range c.loop.Some(len(c.machines), len(c.machines)) {
		m := c.machines[i]
		m.fill(true)
		c.loop.After(last, func() { m.fill(false) })
	}
}

// fill makes a machine's disk as good as full, or gives it room again. Its replica is told, in its next life too.
func (m *Machine) fill(full bool) {
	if m.full == full {
		return
	}
	m.full = full
	if m.life != nil && m.life.brain != nil {
		m.life.push(m.room())
	}
}

func (m *Machine) room() zab.Free {
	if m.full {
		return zab.Free{Bytes: 1 << 20}
	}
	return zab.Free{Bytes: 1 << 40}
}

// kill crashes a machine and starts it again later.
func (c *Cell) kill(m *Machine) {
	if m.away || !m.mayCrash() {
		return
	}
	m.crash(c.loop.Chance(c.swarm.Power))
	m.restart(c.loop.Skewed(5*Millisecond, 8*Second))
}

// partition cuts some nodes, machines and users alike, off from the rest for a while: in both
// directions, or only what the others send to them.
func (c *Cell) partition(both bool) {
	c.counters.Partitions++
	nodes := c.nodes()
	in := map[Node]bool{}
	for _, i := range c.loop.Some(len(nodes), len(nodes)-1) {
		in[nodes[i]] = true
	}
	last := c.loop.Skewed(50*Millisecond, 10*Second)
	for _, a := range nodes {
		for _, b := range nodes {
			if in[a] == in[b] || !both && in[a] {
				continue
			}
			c.network.Cut(a, b)
			c.loop.After(last+c.loop.Skewed(0, 50*Millisecond), func() { c.network.Heal(a, b) })
		}
	}
	c.loop.Say("partition of %v for %v, both ways %v", in, last, both)
}

// cutOff takes one user away from all machines for long enough to lose its session.
func (c *Cell) cutOff(u *User) {
	last := c.loop.Between(Second, 25*Second)
	c.loop.Say("user %d is cut off for %v", u.node, last)
	for _, m := range c.machines {
		c.network.Cut(u.node, m.node)
		c.network.Cut(m.node, u.node)
		c.loop.After(last, func() {
			c.network.Heal(u.node, m.node)
			c.network.Heal(m.node, u.node)
		})
	}
}

// nodes are all addresses there are.
func (c *Cell) nodes() []Node {
	var nodes []Node
	for _, m := range c.machines {
		nodes = append(nodes, m.node)
	}
	for _, u := range c.users {
		nodes = append(nodes, u.node)
	}
	return nodes
}

// replaceDisk gives a machine an empty directory, as long as all others have their votes: what a
// majority has lost no protocol brings back. Before a cell is born an empty disk may leave it
// dead, for nobody knows who took part; it must still be safe.
func (c *Cell) replaceDisk(m *Machine) {
	if m.away || c.history.Len() > 0 && !c.rememberedWithout([]*Machine{m}) {
		return
	}
	if len(c.members) > 0 && !c.isMember(m) || c.doubled() && !c.swarm.Twins {
		return
	}
	for _, other := range c.machines {
		if other != m && !other.gone && !c.outside(other) && !other.votes() && !c.swarm.MayDie {
			return
		}
	}
	c.empty(m)
}

// empty gives a machine an empty directory. Where no quorum is left of those who know that they
// have a vote, the cell may have ended for good.
func (c *Cell) empty(m *Machine) {
	if m.copy {
		return // its id is another machine's, which lives
	}
	m.old, m.kept = false, nil
	c.counters.Emptied++
	c.loop.Say("machine %d gets an empty disk", m.node)
	m.crash(true)
	c.voters.Lost(m.disk.Durable())
	m.disk = NewDisk(c.loop.Dice, m.disk.Born)
	left := 0
	for _, o := range c.machines {
		if o.votes() {
			left++
		}
	}
	c.endangered = c.endangered || left <= c.swarm.Replicas/2
	m.restart(c.loop.Skewed(5*Millisecond, 8*Second))
}

// copyInit gives some machines, at most all but one, the directories that init made once more.
// A majority may be among them: such a cell is dead for ever, but it forgets nothing. Somebody is
// left who knows that there is a history; who nobody told can only take it for a birth.
func (c *Cell) copyInit() {
	if !c.swarm.MayDie {
		return
	}
	var chosen []*Machine
	for _, at := range c.loop.Some(len(c.machines), len(c.machines)-1) {
		chosen = append(chosen, c.machines[at])
	}
	if !c.rememberedWithout(chosen) {
		return
	}
	for _, m := range chosen {
		c.empty(m)
	}
}

// rememberedWithout reports whether any other machine knows durably that there is a history, and no
// machine beside it can answer in its place.
func (c *Cell) rememberedWithout(chosen []*Machine) bool {
	return slices.ContainsFunc(c.machines, func(m *Machine) bool {
		return !slices.Contains(chosen, m) && m.disk.durable.Index > 0 && m.twin == nil && !m.old
	})
}

// retire ends one machine for good, if all others have their votes.
func (c *Cell) retire(m *Machine) {
	missing := func(o *Machine) bool { return o != m && !o.gone && !c.outside(o) && !o.votes() }
	if c.retired != nil || m.old || c.outside(m) || m.gone || c.doubled() || slices.ContainsFunc(c.machines, missing) {
		return
	}
	c.loop.Say("machine %d is never started again", m.node)
	c.counters.Retired++
	c.retired, m.away = m, true
	m.crash(c.loop.Chance(c.swarm.Power))
}

// votes reports whether the newest committed list names the machine's directory, and the
// directory knows it durably.
func (m *Machine) votes() bool {
	h := m.disk.knows
	if m.old || m.away || m.flipped || h.Quarantined {
		return false
	}
	member, ok := m.cell.members.Find(m.id)
	return ok && member.Incarnation == h.Incarnation &&
		h.Standing == record.Voter && h.ListCommitted >= m.cell.listed
}

// heal ends all faults: what is down starts, what is cut is joined, nothing is slow.
func (c *Cell) heal() {
	c.healed = true
	c.stalls, c.halts, c.midway, c.late = 0, 0, 0, 0
	c.loop.Say("everything heals")
	for _, a := range c.nodes() {
		for _, b := range c.nodes() {
			c.network.Heal(a, b)
		}
	}
	c.network.Waits[Client] = 0
	c.network.Ease(Protocol)
	c.network.Ease(Bulk)
	for _, m := range c.machines {
		m.until, m.slow = 0, 0
		m.fill(false)
		m.away = m == c.retired || m.gone || m.old && m.life == nil
		m.start()
	}
	for _, u := range c.users {
		u.until = 0
		switch {
		case u.visit == nil:
		case u.visit.deaf: // it stands in its own way for ever
			u.crash()
		default:
			u.visit.goOn()
		}
	}
}
