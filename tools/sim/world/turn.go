package world

import (
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica"
)

// push hands one input to the process; its next turn takes it.
func (l *life) push(x replica.Input) {
	if l.dead {
		return
	}
	l.inbox = append(l.inbox, x)
	l.soon(l.loop().Skewed(Microsecond, 500*Microsecond))
}

func (l *life) loop() *Loop { return l.m.cell.loop }

// soon plans a turn, unless one is planned or under way: that one drains what has come too.
func (l *life) soon(d True) {
	if l.turning || l.brain == nil {
		return
	}
	l.turning = true
	at := max(l.loop().Now()+d, l.m.until)
	l.loop().At(at, l.alive(l.turn))
}

// alive makes f do nothing once the process is dead.
func (l *life) alive(f func()) func() {
	return func() {
		if !l.dead {
			f()
		}
	}
}

// turn is the host's: drain, read the clock, Step, carry out. The machine may stop for a while,
// or for good, between any two of these.
func (l *life) turn() {
	c := l.m.cell
	c.counters.Turns++
	in := l.inbox
	l.inbox = nil
	now := l.m.now()
	if c.loop.Chance(c.halts) && l.m.mayCrash() {
		l.halt("between the clock and Step")
		return
	}
	l.maybeStall(func() { l.step(now, in) })
}

func (l *life) maybeStall(then func()) {
	c := l.m.cell
	if !c.loop.Chance(c.stalls) {
		then()
		return
	}
	c.counters.Stalls++
	c.loop.After(c.loop.Skewed(Millisecond, 5*Second), l.alive(then))
}

func (l *life) halt(where string) {
	l.loop().Say("machine %d halts %s", l.m.node, where)
	l.m.cell.counters.Halts++
	l.m.cell.kill(l.m)
}

func (l *life) step(now lease.Instant, in []replica.Input) {
	l.out.reset()
	l.brain.step(now, in, &l.out)
	l.observe()
	l.maybeStall(l.carryOut)
}

// carryOut does the effects in their order: disk and network side by side.
func (l *life) carryOut() {
	c := l.m.cell
	effects := l.effects()
	stop := len(effects)
	halt := c.loop.Chance(c.halts) && l.m.mayCrash()
	if halt {
		stop = c.loop.Below(len(effects) + 1)
	}
	for _, do := range effects[:stop] {
		do()
	}
	if halt {
		l.halt("in the middle of its effects")
		return
	}
	l.turning = false
	l.wakeAt(l.out.WakeAt)
	if len(l.inbox) > 0 {
		l.soon(c.loop.Skewed(Microsecond, 100*Microsecond))
	}
}

// wakeAt plans the turn that the machines asked for, by this machine's clock, and late as
// timers are.
func (l *life) wakeAt(at lease.Instant) {
	l.waking = at
	if at == lease.Never {
		return
	}
	late := l.loop().Skewed(0, 2*Millisecond)
	l.loop().At(max(l.m.clock.When(at), l.loop().Now()+Microsecond)+late, l.alive(func() {
		switch {
		case l.waking != at:
		case l.m.now() < at: // its clock was slowed meanwhile
			l.wakeAt(at)
		default:
			l.soon(0)
		}
	}))
}
