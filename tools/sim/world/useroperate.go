package world

import (
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/client/session"
	"github.com/leasehold/leasehold/replica/tree"
)

// operate does what operators do now and then: it breaks the lock of somebody, kills a session, or
// changes a setting.
func (v *visit) operate() {
	c := v.u.cell
	switch d := c.loop.Below(10); {
	case d < 6:
		v.list()
		return
	case d == 6:
		v.kill()
		return
	case d == 7:
		v.set()
		return
	}
	name := c.lockName()
	v.busy++
	v.last++
	v.asked[v.last] = func(d session.Done) {
		v.busy--
		if d.Err != nil || d.Reply == nil || d.Reply.Locks == nil {
			return
		}
		for _, l := range d.Reply.Locks.Locks {
			if len(l.Holders) > 0 {
				c.loop.Say("user %d breaks %s, token %d", v.u.node, name, l.Holders[0].Sequencer.Grant)
				v.mutate(&call.Break{Name: name, Token: l.Holders[0].Sequencer.Grant}, func(session.Done) {})
			}
		}
	}
	v.push(session.Ask{ID: v.last, Ask: &call.Locks{Prefix: name, One: true}})
}

// kill ends the session of another user.
func (v *visit) kill() {
	c := v.u.cell
	victim := c.users[c.loop.Below(len(c.users))].visit
	if victim == nil || victim == v || victim.machine.ID() == 0 {
		return
	}
	c.loop.Say("user %d kills the session of user %d", v.u.node, victim.u.node)
	victim.doomed = true
	v.mutate(&call.Kill{Session: victim.machine.ID()}, func(session.Done) {})
}

// withheld reports whether a message is one that this client never sends: a deaf one gives nothing
// back, and does not say that it has quit.
func (v *visit) withheld(m call.Message) bool {
	gives := false
	switch m := m.(type) {
	case *call.Call:
		_, gives = m.Op.(*call.Release)
	case *call.Quit:
		gives = true
	}
	if gives && v.deaf {
		v.u.cell.counters.Deaf++
		return true
	}
	return false
}

// taken counts what became of holds that were taken.
func (c *Cell) taken(done tree.Applied) {
	for _, h := range done.Taken {
		switch h.Loss.End {
		case call.EndBroken:
			c.counters.Broken++
		case call.EndKilled:
			c.counters.Killed++
		case call.EndMaxHold:
			c.counters.MaxHolds++
		}
	}
	if _, ok := done.Txn.Op.(*tree.EndSessions); ok {
		for _, k := range done.Over {
			if c.proofs.WasTaken(k.Hold) {
				c.counters.Unyielded++
			}
		}
	}
}

// set changes one of the cell's settings, to something that may or may not fit the others.
func (v *visit) set() {
	all := cell.AllSettings()[1:] // not the master lease: the others' clocks are drawn for it
	s := all[v.loop().Below(len(all))]
	is := s.Of(v.u.cell.reference.tree.Settings())
	value := is/4 + int64(v.loop().Below(int(is)*2+2))
	v.loop().Say("user %d sets %s to %d", v.u.node, s.Key, value)
	v.mutate(&call.Set{Key: s.Key, Value: value}, func(session.Done) {})
}

// leases checks that no session ends by its lease as long as its client may count on that (L6), and
// counts what was logged of leases.
func (c *Cell) leases(done tree.Applied) {
	switch op := done.Txn.Op.(type) {
	case *call.Set:
		if done.Settings {
			c.counters.Settings++
		}
	case *tree.Allow:
		c.counters.Allowed++
	case *tree.UnmarkCaching:
		c.counters.Unmarked += len(op.Sessions)
	case *tree.MarkSilent:
		c.counters.SilentMarks += len(op.Sessions)
	case *tree.HeardAgain:
		c.counters.HeardAgain += len(op.Sessions)
	case *tree.Age:
		c.counters.Ages++
	case *tree.EndSessions:
		for _, u := range c.users {
			v := u.visit
			if v == nil || v.dead || !slices.Contains(done.Ended, v.machine.ID()) {
				continue
			}
			if left := v.machine.LeaseEnd().Sub(u.now()); left > 0 {
				c.court.Fail("L6", "the session of user %d was ended, and its client counts on another %v", u.node, left)
			}
		}
	}
}
