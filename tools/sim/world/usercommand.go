package world

import "github.com/leasehold/leasehold/lease"

// command is a COMMAND that runs under a hold, as cellctl runs it: a process with a life of its own.
// It ends by itself one day; asked to end (TERM) it takes its time, or is deaf; what is left of it the
// Margin after the hold's Context has ended is killed. The lock goes back only when it is gone, and
// nobody else may have it before, whatever anybody reckons.
type command struct {
	deaf  bool
	asked bool
	until lease.Instant // asked: when it is killed
	gone  bool
}

// alive reports whether it still runs. Its end by KILL is when the machine's clock shows it: the event
// that tells the world of it comes late when the clock has become faster meanwhile.
func (c *command) alive(now lease.Instant) bool {
	return !c.gone && (!c.asked || now < c.until)
}

// runCommand starts a COMMAND under some of the holds whose Margin leaves it a while to end.
func (v *visit) runCommand(id uint64, h *hold) bool {
	c := v.u.cell
	if h.margin < 10*lease.Millisecond || c.loop.Chance(300_000) {
		return false
	}
	c.counters.Commands++
	h.command = &command{deaf: c.loop.Chance(500_000)}
	c.loop.After(c.loop.Skewed(Millisecond, 20*Second), v.alive(func() { v.commandGone(id, h) }))
	return true
}

// terminate asks the COMMAND to end; if it has not when its time is over, by this machine's clock, it
// is killed.
func (v *visit) terminate(id uint64, h *hold) {
	if h.command.asked {
		return
	}
	h.command.asked, h.command.until = true, v.u.now().Add(h.margin)
	if !h.command.deaf {
		v.loop().After(v.loop().Between(0, True(h.margin)*11/10), v.alive(func() { v.commandGone(id, h) }))
	}
	v.killAt(h.command.until, id, h)
}

func (v *visit) killAt(at lease.Instant, id uint64, h *hold) {
	v.loop().At(v.u.clock.When(at), v.alive(func() {
		if v.u.now() < at { // the clock was slowed meanwhile
			v.killAt(at, id, h)
			return
		}
		if !h.command.gone {
			v.u.cell.counters.Slain++
		}
		v.commandGone(id, h)
	}))
}

// commandGone: now the lock may go back.
func (v *visit) commandGone(id uint64, h *hold) {
	if !h.command.gone {
		h.command.gone = true
		v.unlock(id)
	}
}
