package tree

import (
	"fmt"
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
)

// A hold is taken (C1) when an operator breaks it or kills its session, or when it has lasted as
// long as its MaxHold. From then on it fails every check, but it keeps its place in the lock until
// its client has given it back, or its session's lease has ended: then comes its lock-delay.

// timed reports whether the master keeps a deadline for h: it was taken, or has a MaxHold.
func (h *hold) timed() bool { return h.token != 0 && (h.maxHold > 0 || h.loss.Taken()) }

func (l *lock) timed(h *hold) TimedHold {
	return TimedHold{Key: HoldKey{Name: l.name, Hold: h.number}, Length: lease.Duration(h.maxHold)}
}

func (l *lock) taken(h *hold) TakenHold {
	return TakenHold{Key: HoldKey{Name: l.name, Hold: h.number}, Session: h.session, Loss: h.loss,
		Margin: lease.Duration(h.margin)}
}

// decideBreak refuses to break what is not there any more.
func (t *Tree) decideBreak(o *call.Break) error {
	if err := t.inCell(o.Name); err != nil {
		return err
	}
	if t.node(o.Name) == nil {
		return fmt.Errorf("%w: %s", cell.ErrNotFound, o.Name)
	}
	l, ok := t.locks.Get(o.Name)
	if !ok || len(l.holders) == 0 {
		return fmt.Errorf("%w: nobody holds the lock of %s any more", cell.ErrStaleSequencer, o.Name)
	}
	for _, h := range l.holders {
		if h.token == o.Token {
			return nil
		}
	}
	return fmt.Errorf("%w: the lock of %s is held with token %d, not %d", cell.ErrStaleSequencer, o.Name,
		l.holders[0].token, o.Token)
}

func (t *Tree) decideKill(o *call.Kill) error {
	if x := t.session(o.Session); x == nil || x.ended {
		return fmt.Errorf("%w: there is no session %v, or it has ended", cell.ErrNotFound, o.Session)
	}
	return nil
}

// breakHolds takes every hold of the lock that has the token. Those that are taken already stay
// as they are.
func (t *Tree) breakHolds(a *Applied, o *call.Break) {
	l := t.ownLock(t.node(o.Name))
	for _, h := range slices.Clone(l.holders) {
		if h.token == o.Token {
			t.take(a, l, h, call.Loss{End: call.EndBroken, By: t.session(a.Txn.Session).identity})
		}
	}
	t.keepLock(l)
}

// breakOverdue takes holds that have lasted long enough.
func (t *Tree) breakOverdue(a *Applied, o *BreakOverdue) {
	for _, k := range o.Holds {
		l, ok := t.locks.Get(k.Name)
		if !ok {
			continue
		}
		if i, ok := place(l.holders, k.Hold); ok && l.holders[i].maxHold > 0 {
			l = t.ownLock(t.node(k.Name))
			t.take(a, l, l.holders[i], call.Loss{End: call.EndMaxHold})
			t.keepLock(l)
		}
	}
}

// kill ends a session: its waiters leave, and what it holds is taken.
func (t *Tree) kill(a *Applied, id cell.SessionID) {
	loss := call.Loss{End: call.EndKilled, By: t.session(a.Txn.Session).identity}
	t.endSession(a, id, "killed by "+loss.By)
	var ends []ending
	for _, k := range t.holdKeys(id) {
		l := t.ownLock(t.node(k.Name))
		if h := l.find(k.Hold); h.token != 0 {
			t.take(a, l, h, loss)
		} else {
			t.removeHold(a, l, h)
			ends = append(ends, ending{name: k.Name, shared: h.mode == cell.Shared})
		}
		t.keepLock(l)
	}
	t.settleAll(a, ends)
}

// holdKeys are all acquires of a session, by number.
func (t *Tree) holdKeys(id cell.SessionID) (keys []HoldKey) {
	t.tiesOf(id).holds.Scan(func(number uint64, name cell.Name) bool {
		keys = append(keys, HoldKey{Name: name, Hold: number})
		return true
	})
	return keys
}

// quit gives back what was taken from a killed session.
func (t *Tree) quit(a *Applied, id cell.SessionID) {
	if x := t.session(id); x != nil && x.ended {
		t.settleAll(a, t.endHolds(a, nil, id, call.EndClosed))
	}
}

// take marks a hold as lost. The lock must be owned.
func (t *Tree) take(a *Applied, l *lock, h *hold, loss call.Loss) {
	if h.loss.Taken() {
		return
	}
	i, ok := place(l.holders, h.number)
	cell.Assert(ok, "hold %d of %s is taken and not held", h.number, l.name)
	lost := *h
	lost.loss = loss
	lost.sum = lost.hash(l)
	t.sum += lost.sum - h.sum
	l.holders[i] = &lost
	a.Taken = append(a.Taken, l.taken(&lost))
	t.remember(l, h, loss.End, a.Txn.Time)
	t.change(a, call.EventConflict, t.node(l.name), nil)
}

// unlocked tells that nobody holds the lock any more, if anybody did before.
func (t *Tree) unlocked(a *Applied, l *lock, before bool) {
	if before && len(l.holders) == 0 {
		t.change(a, call.EventUnlocked, t.node(l.name), nil)
	}
}

// Timed are all holds that the cell takes when they have lasted long enough, in order of name and
// number. A new master counts each again in full.
func (s *state) Timed() (out []TimedHold) {
	s.eachHold(func(l *lock, h *hold) {
		if h.maxHold > 0 && !h.loss.Taken() {
			out = append(out, l.timed(h))
		}
	})
	return out
}

// Taken are all holds that were taken and not given back, in order of name and number.
func (s *state) Taken() (out []TakenHold) {
	s.eachHold(func(l *lock, h *hold) {
		if h.loss.Taken() {
			out = append(out, l.taken(h))
		}
	})
	return out
}

func (s *state) eachHold(visit func(*lock, *hold)) {
	s.locks.Scan(func(_ cell.Name, l *lock) bool {
		for _, h := range l.holders {
			visit(l, h)
		}
		return true
	})
}
