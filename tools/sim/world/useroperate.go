package world

import (
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/client/session"
	"github.com/leasehold/leasehold/replica/tree"
)

// operate does what operators do now and then: it breaks the lock of somebody, or kills a session.
func (v *visit) operate() {
	c := v.u.cell
	switch d := c.loop.Below(10); {
	case d < 6:
		v.list()
		return
	case d == 6:
		v.kill()
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
