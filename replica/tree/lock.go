package tree

import (
	"slices"
	"sort"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
)

// lock is the lock of one node instance, while it is not idle. It is edited between ownLock and
// keepLock. All its holders have one mode. There is at most one delay that keeps out everybody,
// and then it is the only one, and there is no holder.
type lock struct {
	life     uint64
	name     cell.Name
	instance uint64
	holders  []*hold // rising by number
	queue    []*hold // the waiters, rising by number: first come, first served
	delays   []delay // rising by token, falling by length
}

// hold is one acquire, held or waiting. It is immutable: the grant makes another.
type hold struct {
	sum            uint64
	number         uint64 // zxid of the acquire
	session        cell.SessionID
	call           uint64
	mode           cell.Mode
	token          uint64 // zxid of the grant; 0: it waits
	delay, margin  int64  // nanoseconds
	maxHold        int64  // nanoseconds from the grant; 0: no bound
	loss           call.Loss
	note           string
	asked, granted int64 // wall clock
}

// delay is a lock-delay in progress.
type delay struct {
	token  uint64 // zxid of what began it
	length lease.Duration
	shared bool // keeps out exclusive holds only
}

// held is the mode in which the lock is held, or Free.
func (l *lock) held() cell.Mode {
	if len(l.holders) == 0 {
		return cell.Free
	}
	return l.holders[0].mode
}

func (l *lock) idle() bool { return len(l.holders)+len(l.queue)+len(l.delays) == 0 }

// admits reports whether a hold of that mode may begin beside what holds the lock now. Who waits
// already is not asked here.
func (l *lock) admits(m cell.Mode) bool {
	if m == cell.Exclusive {
		return len(l.holders) == 0 && len(l.delays) == 0
	}
	return l.held() != cell.Exclusive && (len(l.delays) == 0 || l.delays[0].shared)
}

func place(hs []*hold, number uint64) (int, bool) {
	i := sort.Search(len(hs), func(i int) bool { return hs[i].number >= number })
	return i, i < len(hs) && hs[i].number == number
}

// find gives the hold or waiter of that number, or nil.
func (l *lock) find(number uint64) *hold {
	if i, ok := place(l.holders, number); ok {
		return l.holders[i]
	}
	if i, ok := place(l.queue, number); ok {
		return l.queue[i]
	}
	return nil
}

func (l *lock) sequencer(h *hold) cell.Sequencer {
	if h.token == 0 {
		return cell.Sequencer{}
	}
	return cell.Sequencer{Mode: h.mode, Grant: h.token, Hold: h.number, Instance: l.instance, Name: l.name}
}

func (l *lock) holdState(h *hold) call.HoldState {
	return call.HoldState{Name: l.name, Hold: h.number, Call: h.call, Held: h.token != 0,
		Sequencer: l.sequencer(h), Loss: h.loss}
}

// ownLock gives the lock of that node for editing until keepLock; an idle one is made.
func (t *Tree) ownLock(n *node) *lock {
	l, ok := t.locks.Get(n.name)
	switch {
	case !ok:
		l = t.freshLock(n)
		t.locks.Set(n.name, l)
	case l.life != t.life:
		c := *l
		c.life = t.life
		c.holders, c.queue, c.delays = slices.Clone(l.holders), slices.Clone(l.queue), slices.Clone(l.delays)
		l = &c
		t.locks.Set(n.name, l)
	}
	cell.Assert(l.instance == n.instance, "lock of %s is of another instance", n.name)
	if len(l.holders) > 0 {
		t.locked--
	}
	return l
}

// freshLock gives an idle lock, in the memory of the last one that went, if there is one.
func (t *Tree) freshLock(n *node) *lock {
	l := t.idle
	if t.idle = nil; l == nil || l.life != t.life {
		l = &lock{}
	}
	*l = lock{life: t.life, name: n.name, instance: n.instance, holders: l.holders[:0], queue: l.queue[:0],
		delays: l.delays[:0]}
	return l
}

// keepLock ends an edit; an idle lock goes, and is not to be looked at again.
func (t *Tree) keepLock(l *lock) {
	if len(l.holders) > 0 {
		t.locked++
	}
	if l.idle() {
		t.locks.Delete(l.name)
		t.idle = l
	}
}

// addHold enters h as holder (with a token) or at the end of the queue.
func (t *Tree) addHold(l *lock, h *hold) {
	h.sum = h.hash(l)
	t.sum += h.sum
	if h.token != 0 {
		i, there := place(l.holders, h.number)
		cell.Assert(!there, "hold %d of %s entered twice", h.number, l.name)
		l.holders = slices.Insert(l.holders, i, h)
	} else {
		cell.Assert(len(l.queue) == 0 || l.queue[len(l.queue)-1].number < h.number, "queue of %s does not rise", l.name)
		l.queue = append(l.queue, h)
	}
	t.tie(h.session).holds.Set(h.number, l.name)
}

// removeHold takes the hold or waiter of that number out, which must be there.
func (t *Tree) removeHold(a *Applied, l *lock, h *hold) {
	if h.timed() {
		a.Over = append(a.Over, HoldKey{Name: l.name, Hold: h.number})
	}
	t.sum -= h.sum
	if i, ok := place(l.holders, h.number); ok {
		l.holders = slices.Delete(l.holders, i, i+1)
	} else if i, ok := place(l.queue, h.number); ok {
		l.queue = slices.Delete(l.queue, i, i+1)
	} else {
		cell.Assert(false, "hold %d of %s is not there", h.number, l.name)
	}
	t.tie(h.session).holds.Delete(h.number)
}
