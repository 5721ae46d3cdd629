package tree

import (
	"fmt"
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
)

func (t *Tree) decideAcquire(tx *Txn, o *call.Acquire) (decision, error) {
	if err := t.inCell(o.Name); err != nil {
		return decision{}, err
	}
	if err := t.proved(o.IfHeld); err != nil {
		return decision{}, err
	}
	n := t.node(o.Name)
	if err := matches(n, o.Name, o.Instance, nil, o.Create); err != nil {
		return decision{}, err
	}
	if err := t.admitHold(tx.Session, o); err != nil {
		return decision{}, err
	}
	if n == nil {
		return t.decideMake(o.Name, true, nil)
	}
	d := decision{target: o.Name}
	if owner := n.extras().owner; owner != 0 && owner != tx.Session {
		return d, fmt.Errorf("%w: %s is an ephemeral, and only its owner, session %v, locks it",
			cell.ErrLocked, o.Name, owner)
	}
	return d, t.admitWaiter(o)
}

// admitHold refuses what would pass a limit of the session or the cell (B2).
func (t *Tree) admitHold(id cell.SessionID, o *call.Acquire) error {
	if got := t.tiesOf(id).holds.Len() + 1; got > t.limits.Handles {
		return &cell.LimitError{Limit: "handles", Most: t.limits.Handles, Got: got}
	}
	if most := int64(t.lengths.LockDelayMax); o.Delay > most {
		return &cell.LimitError{Limit: "lock_delay_max", Most: int(most), Got: int(o.Delay)}
	}
	return nil
}

// admitWaiter refuses an acquire that can neither hold at once nor wait.
func (t *Tree) admitWaiter(o *call.Acquire) error {
	l, ok := t.locks.Get(o.Name)
	switch {
	case !ok || l.takes(o.Mode):
		return nil
	case o.Wait && len(l.queue) < t.limits.Waiters:
		return nil
	case o.Wait:
		return &cell.LimitError{Limit: "waiters", Most: t.limits.Waiters, Got: len(l.queue) + 1}
	case len(l.holders) > 0:
		return t.heldBy(l, l.holders[0])
	case len(l.delays) > 0:
		return fmt.Errorf("%w: that of %s is in its lock-delay", cell.ErrLocked, o.Name)
	}
	return fmt.Errorf("%w: others wait for that of %s", cell.ErrLocked, o.Name)
}

// Queues reports whether an acquire would wait in the queue of its lock, as the tree now stands, if it is
// applied at all.
func (t *Tree) Queues(o *call.Acquire) bool {
	l, ok := t.locks.Get(o.Name)
	return ok && !l.takes(o.Mode)
}

// takes reports whether a new acquire would hold at once: nobody overtakes a waiter.
func (l *lock) takes(m cell.Mode) bool { return len(l.queue) == 0 && l.admits(m) }

func (t *Tree) acquire(a *Applied, d *decision, o *call.Acquire, r *call.Result) {
	if len(d.make) > 0 {
		t.makeNodes(a, d, made{})
	}
	n := t.node(o.Name)
	asked := hold{number: uint64(t.mark.Zxid), session: a.Txn.Session, call: a.Txn.Call, mode: o.Mode,
		delay: t.delayOf(n, o), margin: o.Margin, maxHold: o.MaxHold, note: o.Note, asked: a.Txn.Time}
	l, h := t.ownLock(n), (*hold)(nil)
	if l.takes(o.Mode) {
		h = t.hold(a, l, asked)
		t.change(a, call.EventLocked, t.node(l.name), nil)
	} else {
		waiter := asked
		h = &waiter
		t.addHold(l, h)
		if len(l.holders) > 0 {
			t.change(a, call.EventConflict, t.node(l.name), nil)
		}
	}
	t.keepLock(l)
	state := l.holdState(h)
	r.Acquired, r.Stat = &state, t.node(o.Name).stat()
}

// delayOf is the lock-delay of a hold: an ephemeral's lock has none, for it ends with its owner.
func (t *Tree) delayOf(n *node, o *call.Acquire) int64 {
	switch {
	case n.extras().owner != 0:
		return 0
	case o.Delay < 0:
		return int64(t.lengths.LockDelay)
	}
	return o.Delay
}

// hold makes h a holder. The lock must admit it, and be owned.
func (t *Tree) hold(a *Applied, l *lock, h hold) *hold {
	cell.Assert(l.admits(h.mode), "hold %d of %s granted beside %v", h.number, l.name, l.held())
	if len(l.holders) == 0 {
		n := t.ownNode(l.name)
		n.edit().lockGeneration++
		t.keepNode(n)
	}
	h.token, h.granted = uint64(t.mark.Zxid), a.Txn.Time
	t.addHold(l, &h)
	if h.maxHold > 0 {
		a.Timed = append(a.Timed, l.timed(&h))
	}
	return &h
}

// grant lets in those at the head of the queue whom the lock admits: one exclusive hold, or all
// shared ones up to the next exclusive. Called when all endings of the transaction are done, so
// a lock passes at most once per zxid (C2).
func (t *Tree) grant(a *Applied, l *lock) {
	if len(l.queue) == 0 || !l.admits(l.queue[0].mode) {
		return
	}
	next := 1
	for l.queue[0].mode == cell.Shared && next < len(l.queue) && l.queue[next].mode == cell.Shared {
		next++
	}
	lucky := slices.Clone(l.queue[:next])
	l.queue = slices.Delete(l.queue, 0, next)
	for _, h := range lucky {
		t.sum -= h.sum
		got := t.hold(a, l, *h)
		a.Grants = append(a.Grants, Grant{Session: h.session, State: l.holdState(got)})
	}
	t.change(a, call.EventLocked, t.node(l.name), nil)
}

// release gives a hold of the session's own back at once (C3), or takes its waiter out of the
// queue. One that is not there is released already.
func (t *Tree) release(a *Applied, o *call.Release) {
	n, l := t.node(o.Name), (*lock)(nil)
	if n != nil {
		l, _ = t.locks.Get(o.Name)
	}
	if l == nil {
		return
	}
	if h := l.find(o.Hold); h == nil || h.session != a.Txn.Session {
		return
	}
	l = t.ownLock(n)
	h := l.find(o.Hold)
	t.removeHold(a, l, h)
	t.remember(l, h, call.EndReleased, a.Txn.Time)
	t.unlocked(a, l, h.token != 0)
	t.grant(a, l)
	t.keepLock(l)
}

// dropLock ends everything of a lock whose node is being deleted.
func (t *Tree) dropLock(a *Applied, n *node) {
	l := t.ownLock(n)
	cell.Assert(len(l.delays) == 0, "%s deleted in its lock-delay", n.name)
	for len(l.holders) > 0 {
		t.drop(a, l, l.holders[len(l.holders)-1])
	}
	for len(l.queue) > 0 {
		t.drop(a, l, l.queue[len(l.queue)-1])
	}
	t.keepLock(l)
}

func (t *Tree) drop(a *Applied, l *lock, h *hold) {
	t.removeHold(a, l, h)
	a.Drops = append(a.Drops, Drop{Session: h.session, Hold: h.number, Name: l.name, Held: h.token != 0,
		Code: cell.CodeOf(cell.ErrStaleHandle)})
}

// endDelays ends lock-delays that are in progress, and grants.
func (t *Tree) endDelays(a *Applied, keys []DelayKey) {
	for _, k := range keys {
		l, ok := t.locks.Get(k.Name)
		if !ok || !l.inDelay(k.Token) {
			continue
		}
		l = t.ownLock(t.node(k.Name))
		t.removeDelay(l, k.Token)
		t.keepLock(l)
	}
	for i, k := range keys { // all endings first, then grants
		if i == 0 || keys[i-1].Name != k.Name {
			t.grantTo(a, k.Name)
		}
	}
}

// grantTo grants the lock of a name to who waits, if there is anything to grant.
func (t *Tree) grantTo(a *Applied, name cell.Name) {
	l, ok := t.locks.Get(name)
	if !ok || len(l.queue) == 0 || !l.admits(l.queue[0].mode) {
		return
	}
	l = t.ownLock(t.node(name))
	t.grant(a, l)
	t.keepLock(l)
}

func (l *lock) inDelay(token uint64) bool {
	for _, d := range l.delays {
		if d.token == token {
			return true
		}
	}
	return false
}

func (t *Tree) removeDelay(l *lock, token uint64) {
	kept := l.delays[:0]
	for _, d := range l.delays {
		if d.token == token {
			t.sum -= d.hash(l)
		} else {
			kept = append(kept, d)
		}
	}
	l.delays = kept
}

// addDelay puts the lock in a lock-delay that begins now. Earlier ones that will be over before
// it need no end of their own.
func (t *Tree) addDelay(a *Applied, l *lock, length lease.Duration, shared bool) {
	kept := l.delays[:0]
	for _, d := range l.delays {
		cell.Assert(d.shared && shared, "a lock-delay of %s begins beside one that keeps out everybody", l.name)
		if d.length <= length {
			t.sum -= d.hash(l)
		} else {
			kept = append(kept, d)
		}
	}
	d := delay{token: uint64(t.mark.Zxid), length: length, shared: shared}
	t.sum += d.hash(l)
	l.delays = append(kept, d)
	a.Delays = append(a.Delays, Delay{Key: DelayKey{l.name, d.token}, Length: length, Shared: shared})
}
