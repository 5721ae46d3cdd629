package world

import (
	"errors"
	"fmt"

	"github.com/leasehold/leasehold/cache"
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/client/session"
	"github.com/leasehold/leasehold/tools/sim/check"
)

// Bounds of one client: calls under way, and those of them that wait for locks.
const (
	mostBusy    = 4
	mostLocking = 2
)

// work does one thing after the other, some side by side.
func (v *visit) work() {
	c := v.u.cell
	if v.busy < mostBusy && !c.silent {
		switch d := c.loop.Below(100); {
		case d < 48 && principalOf(v.u.node) == guest && c.loop.Below(3) == 0:
			v.secret()
		case d < 48:
			v.read()
		case d < 70:
			v.write()
		case d < 81:
			[]func(){v.prove, v.ephemeral, v.queued, v.list, v.together, v.operate, v.perishing,
				v.readReplica, v.tend, v.secret}[c.loop.Below(10)]()
		case d < 97 && v.locking < mostLocking:
			v.lock()
		case d == 97:
			v.unmake()
		case d == 98 && c.loop.Chance(200_000):
			v.fall()
		case d <= 98:
		default:
			v.quit()
		}
	}
	c.loop.After(c.loop.Skewed(100*Microsecond, c.swarm.Think), v.alive(v.work))
}

// registerName draws a name. The set changes as time goes by: the history of each stays short
// enough to be judged.
func (c *Cell) registerName() cell.Name {
	return cell.Name(fmt.Sprintf("/ls/local/r%d-%d", c.loop.Now()/c.swarm.Slot, c.loop.Below(c.swarm.Names)))
}
func (c *Cell) lockName() cell.Name {
	return cell.Name(fmt.Sprintf("/ls/local/l%d", c.loop.Below((c.swarm.Names+1)/2)))
}

// read goes as package client's does: one look-up of entry, incarnation and deadline, then the clock,
// two steps between which the process may lose its CPU (L4); else it asks the master, and what comes
// may fill the cache.
func (v *visit) read() {
	c := v.u.cell
	name := c.registerName()
	o := c.registers.Begin(int(v.u.node), string(name), check.Read, "", int64(c.loop.Now()))
	if o == nil {
		return
	}
	c.counters.Reads++
	v.busy++
	found, ok := v.cache.Look(name)
	ok = ok && !c.loop.Chance(200_000) // else it asks for an uncached read
	v.pause(func() {
		if ok && (found.Absent || found.HasContents) && v.u.now() < found.Until {
			c.counters.Cached++
			v.busy--
			v.answerRead(o, found)
			return
		}
		v.ask(name, o)
	})
}

// pause stands between two loads of one call: the caller may lose its CPU there, at times its whole
// process.
func (v *visit) pause(then func()) {
	if !v.loop().Chance(20_000) {
		then()
		return
	}
	last := v.loop().Skewed(Microsecond, 5*Second)
	v.loop().After(last, v.alive(then))
	if v.loop().Chance(500_000) && !v.u.cell.healed {
		v.u.until = max(v.u.until, v.loop().Now()+last)
	}
}

func (v *visit) answerRead(o *check.Operation, f cache.Found) {
	now := int64(v.loop().Now())
	if f.Absent {
		o.End(check.Absent, "", now)
		return
	}
	o.End(check.Done, string(f.Contents), now)
}

func (v *visit) ask(name cell.Name, o *check.Operation) {
	v.last++
	id, ticket := v.last, v.cache.Ticket()
	v.asked[id] = func(d session.Done) {
		v.busy--
		now := int64(v.loop().Now())
		if d.Err != nil || d.Reply == nil || d.Reply.Code != 0 || d.Reply.Node == nil {
			o.End(check.Nothing, "", now)
			return
		}
		n := d.Reply.Node
		if n.Cachable {
			v.fill(ticket, name, n)
		}
		if n.Absent {
			o.End(check.Absent, "", now)
			return
		}
		o.End(check.Done, string(n.Contents), now)
	}
	v.push(session.Ask{ID: id, Ask: &call.Read{Name: name, Cache: true}})
}

func (v *visit) fill(t cache.Ticket, name cell.Name, n *call.NodeReply) {
	kept := false
	if n.Absent {
		kept = v.cache.FillAbsent(t, n.Incarnation, name, n.Ancestor)
	} else {
		kept = v.cache.FillNode(t, n.Incarnation, n.Stat, n.Contents, true)
	}
	if !kept {
		v.u.cell.counters.Views++
	}
}

// write changes a name in one of the ways there are.
func (v *visit) write() {
	c := v.u.cell
	if c.swarm.Deep && c.loop.Below(2) == 0 {
		v.deepen()
		return
	}
	name := c.registerName()
	c.number++
	value := fmt.Sprintf("v%d", c.number)
	kind, op := check.Write, call.Op(&call.Write{Name: name, Contents: []byte(value)})
	switch d := c.loop.Below(10); {
	case d < 3:
		kind, op = check.Create, &call.Create{Name: string(name), Contents: []byte(value)}
	case d < 5:
		kind, op = check.Delete, &call.Delete{Name: name}
	}
	o := c.registers.Begin(int(v.u.node), string(name), kind, value, int64(c.loop.Now()))
	if o == nil {
		return
	}
	c.counters.Writes++
	v.mutate(op, func(d session.Done) { o.End(answer(d), "", int64(v.loop().Now())) })
}

// deepen makes and unmakes a path, as the others do: ancestors go between a call's admission and
// its Apply, so that some meet ErrConflict (C11). Nobody judges what these hold.
func (v *visit) deepen() {
	const deep = "/ls/local/deep"
	c := v.u.cell
	var op call.Op
	switch c.loop.Below(5) {
	case 0:
		op = &call.Delete{Name: deep}
	case 1:
		op = &call.Delete{Name: deep + "/er"}
	case 2:
		op = &call.Delete{Name: deep + "/er/still"}
	default:
		op = &call.Create{Name: deep + "/er/still", Parents: true}
	}
	c.counters.Writes++
	v.mutate(op, func(session.Done) {})
}

// answer is what a caller knows when a mutation is over.
func answer(d session.Done) check.Answer {
	switch {
	case d.Err == nil:
		return check.Done
	case d.Outcome == session.Unknown:
		return check.Unknown
	case errors.Is(d.Err, cell.ErrNotFound):
		return check.Absent
	case errors.Is(d.Err, cell.ErrExists):
		return check.Present
	}
	return check.Nothing
}

// quit closes the session cleanly.
func (v *visit) quit() {
	if !v.loop().Chance(100_000) {
		return
	}
	for _, id := range v.held() {
		h := v.holds[id]
		h.ended, h.last = true, min(h.last, v.u.now())
		if h.command != nil {
			h.command.gone = true // before anything is said to the cell
		}
	}
	v.last++
	v.quitting = true
	v.push(session.Close{ID: v.last})
}

// done tells the caller.
func (v *visit) done(d session.Done) {
	v.saw(d)
	v.answered(d.Result.Zxid)
	if d.Reply != nil {
		v.answered(d.Reply.Zxid)
	}
	if f := v.asked[d.ID]; f != nil {
		delete(v.asked, d.ID)
		f(d)
	}
}
