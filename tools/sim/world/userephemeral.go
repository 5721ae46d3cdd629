package world

import (
	"fmt"
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/client/session"
)

// mostEphemerals is how many ephemerals a session makes at the most, less than two.
const mostEphemerals = 5

// ephemeral makes an ephemeral, deletes one of the session's own, or looks whether it is there:
// as long as the session's reads are answered it has not ended, and neither have they (C11).
func (v *visit) ephemeral() {
	c := v.u.cell
	d := c.loop.Below(10)
	switch {
	case len(v.mine) == 0 || d < 3 && len(v.mine) < mostEphemerals:
		c.number++
		op := &call.Create{Name: fmt.Sprintf("/ls/local/ephemeral/%d", c.number), Ephemeral: true, Parents: true}
		v.mutate(op, func(d session.Done) {
			if d.Err == nil {
				v.mine = append(v.mine, cell.Name(op.Name))
				c.counters.Ephemerals++
			}
		})
	case d < 4:
		at := c.loop.Below(len(v.mine))
		name := v.mine[at]
		v.mine = slices.Delete(v.mine, at, at+1)
		v.mutate(&call.Delete{Name: name}, func(session.Done) {})
	case d < 6:
		v.lockEphemeral()
	default:
		v.find(v.mine[c.loop.Below(len(v.mine))])
	}
}

// find reads an ephemeral of the session, from the cache if it can.
func (v *visit) find(name cell.Name) {
	absent := func(how string) {
		if slices.Contains(v.mine, name) {
			v.u.cell.court.Fail("C11", "user %d does not find its ephemeral %s (%s)", v.u.node, name, how)
		}
	}
	if found, ok := v.cache.Look(name); ok && (found.Absent || found.HasContents) && v.u.now() < found.Until {
		if found.Absent {
			absent("cached")
		}
		return
	}
	v.last++
	v.busy++
	ticket := v.cache.Ticket()
	v.asked[v.last] = func(d session.Done) {
		v.busy--
		if d.Err != nil || d.Reply == nil || d.Reply.Code != 0 || d.Reply.Node == nil {
			return
		}
		if d.Reply.Node.Cachable {
			v.fill(ticket, name, d.Reply.Node)
		}
		if d.Reply.Node.Absent {
			absent("asked for")
		}
	}
	v.push(session.Ask{ID: v.last, Ask: &call.Read{Name: name, Cache: true}})
}

// lockEphemeral asks for the lock of an ephemeral: of the session's own, or of anybody else's, who
// alone may have it (C1).
func (v *visit) lockEphemeral() {
	c := v.u.cell
	if v.locking >= mostLocking {
		return
	}
	owner := c.users[c.loop.Below(len(c.users))].visit
	if c.loop.Chance(500_000) {
		owner = v
	}
	if owner == nil || len(owner.mine) == 0 {
		return
	}
	v.acquire(call.Acquire{Name: owner.mine[c.loop.Below(len(owner.mine))]}, func(d session.Done, op call.Acquire) {
		if d.Err == nil && !d.Cancelled && owner == v {
			c.counters.OwnLocks++
		}
		v.locked(d, op)
	})
}
