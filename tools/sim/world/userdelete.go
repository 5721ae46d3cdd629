package world

import (
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/client/session"
)

// unmake deletes the node of a lock. If this session has a hold of it, that ends before anybody
// can make the node anew and lock it (C1); a node that another holds stays. At times a hold is
// given back, or another asked for, while the Delete is on its way.
func (v *visit) unmake() {
	c := v.u.cell
	name := c.lockName()
	held := v.held()
	if len(held) > 0 && c.loop.Chance(700_000) {
		name = v.holds[held[c.loop.Below(len(held))]].name
	}
	for _, id := range held {
		h := v.holds[id]
		if h.name == name && c.loop.Chance(400_000) {
			v.loop().After(v.loop().Skewed(0, 100*Millisecond), v.alive(func() { v.unlock(id) }))
		}
	}
	c.loop.Say("user %d deletes %s", v.u.node, name)
	v.mine = slices.DeleteFunc(v.mine, func(n cell.Name) bool { return n == name }) // an ephemeral that it locked
	v.mutate(&call.Delete{Name: name}, func(d session.Done) {
		if d.Err == nil {
			c.counters.Unmade++
		}
	})
	if v.locking < mostLocking && c.loop.Chance(300_000) {
		v.lockNamed(name)
	}
}

// held are the holds in the callers' hands, rising.
func (v *visit) held() []uint64 {
	var ids []uint64
	for id := range v.holds {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// mutate asks for a change; its place among the session's others is checked (C4, C7).
func (v *visit) mutate(op call.Op, over func(session.Done)) {
	v.busy++
	v.last++
	number := v.last
	v.asked[number] = func(d session.Done) {
		v.busy--
		over(d)
		switch {
		case v.u.cell.reference.metConflict(v.machine.ID(), op): // it was asked for anew, by the client
		case d.Err == nil:
			v.order.Applied(number, d.Result.Zxid)
		case d.Outcome == session.Unknown:
			v.order.Lost(number)
		}
	}
	v.push(session.Mutate{ID: number, Op: op})
}
