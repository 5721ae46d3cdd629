package world

import (
	"fmt"
	"github.com/leasehold/leasehold/cell"
	"io"
	"time"

	"github.com/leasehold/leasehold/tools/sim/check"
)

// Result is what came of one seed.
type Result struct {
	Broken      *check.Broken // nil: every rule held
	Counters    Counters
	Fingerprint uint64
	Simulated   True
}

// Run lets one seed happen from birth to the end; it lasts for that many simulated seconds at
// least, most of them with faults, unless a rule is broken before. A panic of a machine is a broken rule: what
// comes from outside must not trip an assertion (B5).
func Run(seed uint64, seconds int, trace io.Writer) (result Result) {
	c := NewCell(seed, trace)
	c.swarm.Length = max(c.swarm.Length, True(seconds)*Second)
	defer func() {
		if p := recover(); p != nil {
			c.court.Fail("B5", "a machine panicked: %v", p)
			if trace != nil {
				fmt.Fprintf(trace, "%s\n", stack())
			}
		}
		result = c.result()
		c.end()
	}()
	c.live()
	return c.result()
}

// end lets go what the users' processes still were.
func (c *Cell) end() {
	for _, u := range c.users {
		if u.visit != nil {
			u.visit.die()
		}
	}
}

func (c *Cell) result() Result {
	c.counters.Runs = 1
	c.counters.Events = int(c.loop.seq)
	c.counters.Commits = c.history.Len()
	return Result{c.court.Verdict(), c.counters, c.loop.Fingerprint(), c.loop.Now()}
}

// live is a run: birth, faults, healing, and service again.
func (c *Cell) live() {
	if c.swarm.Missing {
		c.machines[c.loop.Below(len(c.machines))].away = true
	}
	for _, m := range c.machines {
		m.restart(c.loop.Between(0, c.swarm.Starts))
	}
	if c.swarm.Birth {
		c.loop.After(c.loop.Between(0, 3*Second), func() { c.strike(CrashAll) })
	}
	if c.swarm.Bare {
		c.loop.After(0, c.loadOn)
	}
	for _, u := range c.users {
		if !c.swarm.Bare {
			c.loop.After(c.loop.Between(0, 3*Second), u.start)
		}
	}
	if !c.swarm.Birth {
		c.until(20*Second, func() bool { return c.history.Len() > 10 })
		if c.history.Len() <= 2 { // a lone client may be one that stands in its own way
			c.court.Fail("Z11", "no cell was born in 20 s without faults")
		}
	}
	c.stalls, c.halts, c.midway, c.late = c.swarm.Stalls, c.swarm.Halts, c.swarm.Midway, c.swarm.Late
	for f := range kinds {
		c.plan(f)
	}
	c.swaps()
	c.flips()
	c.upgrades()
	c.until(c.loop.Now()+c.swarm.Length, func() bool { return false })
	c.heal()
	before := c.history.Len()
	c.until(c.loop.Now()+c.swarm.Healing, func() bool { return c.agree(before) })
	if c.court.Verdict() == nil && !c.agree(before) && !c.mayDie() {
		c.court.Fail("liveness", "%v after healing there is no service everywhere", c.swarm.Healing)
		c.describe()
	}
	c.silent = true
	c.until(c.loop.Now()+5*Second, func() bool { return false })
	c.until(c.loop.Now()+c.swarm.Healing, func() bool { return len(c.left()) == 0 })
	if left := c.left(); len(left) > 0 && !c.mayDie() {
		c.court.Fail("C11", "%v after healing there are nodes that ought to have gone: %v", c.swarm.Healing, left)
	}
	c.until(c.loop.Now()+c.swarm.Healing, func() bool { return c.untold() == "" })
	if left := c.untold(); left != "" && !c.mayDie() {
		c.court.Fail("C9", "%v after healing %s", c.swarm.Healing, left)
	}
	c.until(c.loop.Now()+c.swarm.Healing, func() bool { return c.misled() == "" })
	if left := c.misled(); left != "" && !c.mayDie() {
		c.court.Fail("C9", "%v after healing %s", c.swarm.Healing, left)
	}
	if !c.mayDie() {
		c.recipes.Kept(func(name string) bool {
			_, _, there := c.reference.tree.Get(cell.Name(name))
			return there
		})
	}
	if c.court.Verdict() == nil {
		judged, undecided := c.registers.Judge(20 * time.Second)
		c.counters.Judged += judged
		c.counters.Undecided += undecided
	}
}

// left are ephemerals of sessions that have ended, and nodes whose own time is over.
func (c *Cell) left() []cell.Name {
	return append(c.ephemerals.Left(), c.perish.Left(int64(c.loop.Now()))...)
}

// mostAtOnce is how many events may happen while no true time passes.
const mostAtOnce = 100_000

// until lets things happen up to the true time end, or until done, or until a rule is broken.
func (c *Cell) until(end True, done func() bool) {
	last, still := True(0), 0
	for n := 1; c.court.Verdict() == nil && c.loop.Next(end); n++ {
		if still++; c.loop.Now() != last {
			last, still = c.loop.Now(), 0
		}
		if still > mostAtOnce {
			c.court.Fail("L8", "more than %d events at one instant: a machine does not rest", mostAtOnce)
		}
		if n%64 == 0 && done() {
			return
		}
	}
}

// agree reports whether something new was committed since and every machine has all of it.
func (c *Cell) agree(before int) bool {
	if c.history.Len() < before+3 {
		return false
	}
	if !c.risen() {
		return false
	}
	for _, m := range c.machines {
		if m.old || m.away || c.outside(m) {
			continue // refused, away, or none of the cell
		}
		if m.rotten() || m.disk.knows.Quarantined {
			return false
		}
		if m.life == nil || m.life.position == nil || m.life.position.Behind() > 20 {
			return false
		}
	}
	return true
}

// mayDie: what was done to the cell may have ended it for good; it must still be safe.
func (c *Cell) mayDie() bool { return c.endangered || c.swarm.Twins }

// loadOn asks every machine for transactions, now and then in bursts; only a leader heeds it.
func (c *Cell) loadOn() {
	for range 1 + c.loop.Below(3) {
		c.number++
		for _, m := range c.machines {
			if m.life != nil && m.life.brain != nil {
				m.life.push(load{c.number})
			}
		}
	}
	c.loop.After(c.loop.Skewed(200*Microsecond, 50*Millisecond), c.loadOn)
}

// describe puts the state of every machine into the trace.
func (c *Cell) describe() {
	for _, m := range c.machines {
		if m.life != nil && m.life.brain != nil {
			c.loop.Say("machine %d at %d of %d:\n%v", m.node, m.life.position.Index(), c.history.Len(), m.life.brain)
		}
	}
}
