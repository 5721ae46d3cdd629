package world

import (
	"fmt"
	"iter"
	"slices"

	"github.com/leasehold/leasehold/cell"
)

// actor is a goroutine of a client's program that uses its session: it runs when a call of its has been
// answered, up to the next one, and nothing else runs meanwhile. It ends with its process.
type actor struct {
	v       *visit
	next    func() (struct{}, bool)
	stop    func()
	yield   func(struct{}) bool
	stopped bool // its process is dead: nothing it does has an effect
	waking  bool
}

// errStopped is what every call of a dead process gives: it only ends what it was doing.
var errStopped = fmt.Errorf("%w: the process is dead", cell.ErrClosed)

// act runs something as a part of the process.
func (v *visit) act(does func(*port)) {
	a := &actor{v: v}
	a.next, a.stop = iter.Pull(func(yield func(struct{}) bool) {
		a.yield = yield
		does(&port{actor: a})
	})
	v.actors = append(v.actors, a)
	a.wake()
}

// wake lets the actor look again whether it can go on, soon.
func (a *actor) wake() {
	if a.waking || a.v.dead {
		return
	}
	a.waking = true
	a.v.loop().After(a.v.loop().Skewed(Microsecond, Millisecond), a.v.alive(func() {
		a.waking = false
		if _, more := a.next(); !more {
			a.v.actors = slices.DeleteFunc(a.v.actors, func(x *actor) bool { return x == a })
		}
	}))
}

// wakeActors lets all of them look whether something has ended.
func (v *visit) wakeActors() {
	for _, a := range v.actors {
		a.wake()
	}
}

// die ends the process with all that it does.
func (v *visit) die() {
	v.dead = true
	actors := v.actors
	v.actors = nil
	for _, a := range actors {
		a.stop()
	}
}

// port is steps.Port for an actor: some of what it does is bound to holds.
type port struct {
	*actor
	within []*hold
	over   *bool // nothing more is wanted; nil: that cannot be
}

// wait starts something and waits until it is ready, or until a hold that it is bound to has ended.
func (p *port) wait(start func(), ready func() bool) error {
	if p.stopped {
		return errStopped
	}
	if err := p.lost(); err != nil {
		return err
	}
	for start(); !ready(); {
		if !p.yield(struct{}{}) {
			p.stopped = true
			return errStopped
		}
		if err := p.lost(); err != nil && !ready() {
			return err
		}
	}
	return nil
}

func (p *port) lost() error {
	if p.over != nil && *p.over {
		return fmt.Errorf("%w: nobody wants it any more", cell.ErrClosed)
	}
	for _, h := range p.within {
		if h.ended || p.v.u.now() >= h.until {
			return fmt.Errorf("%w: %s", cell.ErrLockLost, h.name)
		}
	}
	return nil
}

// rest waits for a while.
func (p *port) rest(d True) error {
	over := false
	return p.wait(func() {
		p.v.loop().After(d, p.v.alive(func() {
			over = true
			p.wake()
		}))
	}, func() bool { return over })
}
