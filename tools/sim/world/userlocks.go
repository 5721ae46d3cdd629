package world

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/client/session"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/tools/sim/check"
)

// hold is a lock in a caller's hands, with its Context, and what runs under it: a COMMAND, or
// something that ends when it must and not earlier.
type hold struct {
	name      cell.Name
	sequencer cell.Sequencer
	given     bool          // back, and the cell has said so
	until     lease.Instant // when the Context ends by itself
	ended     bool
	last      lease.Instant // when whatever runs under it is over, at the latest
	margin    lease.Duration
	command   *command // nil: none
}

// lock asks for a lock and gives it back after a while.
func (v *visit) lock() { v.lockNamed(v.u.cell.lockName()) }

func (v *visit) lockNamed(name cell.Name) {
	v.acquire(call.Acquire{Name: name, Create: true}, v.locked)
}

// acquire asks for a lock in one of the ways there are.
func (v *visit) acquire(op call.Acquire, locked func(session.Done, call.Acquire)) {
	c := v.u.cell
	op.Mode, op.Wait, op.Delay = cell.Exclusive, c.loop.Chance(700_000), -1
	if c.loop.Chance(300_000) {
		op.Mode = cell.Shared
	}
	if c.loop.Chance(500_000) {
		op.Delay = int64(c.loop.Skewed(0, 8*Second))
	}
	if c.loop.Chance(300_000) {
		op.Margin = int64(c.loop.Between(0, 2*Second))
	}
	if c.loop.Chance(150_000) {
		op.MaxHold = int64(c.loop.Skewed(10*Millisecond, 10*Second))
	}
	v.busy++
	v.locking++
	v.last++
	id := v.last
	v.asked[id] = func(d session.Done) { locked(d, op) }
	v.push(session.Acquire{ID: id, Op: op})
	if c.loop.Chance(300_000) {
		v.loop().After(v.loop().Skewed(Millisecond, 5*Second), v.alive(func() { v.cancel(id) }))
	}
}

func (v *visit) cancel(id uint64) {
	if v.asked[id] != nil {
		v.u.cell.counters.Cancelled++
		v.push(session.Cancel{ID: id})
	}
}

func (v *visit) locked(d session.Done, op call.Acquire) {
	v.busy--
	v.locking--
	if d.Err != nil || d.Cancelled {
		return
	}
	h := v.granted(d, op)
	if !v.runCommand(d.ID, h) {
		v.loop().After(v.loop().Skewed(Millisecond, 20*Second), v.alive(func() { v.unlock(d.ID) }))
	}
}

// granted puts a hold into its caller's hands.
func (v *visit) granted(d session.Done, op call.Acquire) *hold {
	c := v.u.cell
	h := &hold{name: op.Name, sequencer: d.Sequencer, until: d.Until, margin: lease.Duration(op.Margin)}
	h.last = d.Until.Add(h.margin)
	v.holds[d.ID] = h
	v.remember(h)
	c.counters.Locks++
	c.loop.Say("user %d has %s, token %d", v.u.node, op.Name, d.Sequencer.Token())
	c.holds.Grant(string(op.Name), check.Holder{Client: int(v.u.node), Token: d.Sequencer.Token(),
		Hold: d.Sequencer.Hold, Shared: op.Mode == cell.Shared, Alive: func() bool { return v.holding(h) }})
	v.watchHold(d.ID, h)
	return h
}

// holding reports whether anything may still run under the hold: a COMMAND until it is gone (it dies
// with its client), anything else by this machine's clock.
func (v *visit) holding(h *hold) bool {
	switch {
	case v.dead:
		return false
	case h.command != nil:
		return h.command.alive(v.u.now())
	}
	return v.u.now() < h.last
}

// watchHold is the local timer that ends the Context: no message is needed.
func (v *visit) watchHold(id uint64, h *hold) {
	at := h.until
	v.loop().At(v.u.clock.When(at), v.alive(func() {
		switch {
		case h.ended || h.until != at:
		case v.u.now() < at:
			v.watchHold(id, h)
		default:
			v.endHold(id, cell.ErrLockLost)
			v.push(session.Lapsed{Hold: id})
		}
	}))
}

// moveHold moves a Context's end on, unless it has come already.
func (v *visit) moveHold(m session.HoldMove) {
	h := v.holds[m.Hold]
	if h == nil {
		return
	}
	if h.ended || v.u.now() >= h.until {
		v.endHold(m.Hold, cell.ErrLockLost)
		v.push(session.Lapsed{Hold: m.Hold})
		return
	}
	h.until, h.last = m.Until, m.Until.Add(h.margin)
	v.watchHold(m.Hold, h)
}

// endHold ends a Context; what runs under it has the Margin to end.
func (v *visit) endHold(id uint64, why error) {
	h := v.holds[id]
	if h == nil || h.ended {
		return
	}
	v.loop().Say("user %d loses %s: %v", v.u.node, h.name, why)
	h.ended = true
	v.wakeActors()
	h.last = min(h.last, v.u.now().Add(h.margin))
	if h.command != nil {
		v.terminate(id, h)
	}
}

// unlock gives a lock back: the Context ends first, and nothing runs under it any more.
func (v *visit) unlock(id uint64) {
	h := v.holds[id]
	if h == nil {
		return
	}
	if h.command != nil && !h.command.gone {
		v.terminate(id, h)
		return
	}
	h.ended, h.last = true, min(h.last, v.u.now())
	v.wakeActors()
	delete(v.holds, id)
	v.loop().Say("user %d unlocks %s", v.u.node, h.name)
	v.last++
	v.asked[v.last] = func(d session.Done) { h.given = d.Err == nil && !d.Cancelled }
	v.push(session.Unlock{ID: v.last, Hold: id})
}
