package client

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client/session"
	"github.com/leasehold/leasehold/lease"
)

// Hold is a lock being held. Its Context ends before anybody else can get the lock.
type Hold struct {
	s         *Session
	id        uint64
	sequencer cell.Sequencer
	ctx       context.Context
	cancel    context.CancelCauseFunc

	mu    sync.Mutex
	until lease.Instant
	over  bool // the context has ended
	bound map[*bound]bool
}

// bound is a context that Bind gave.
type bound struct{ cancel context.CancelCauseFunc }

// holdTable is the session's holds, by the ID of their acquire.
type holdTable struct {
	mu  sync.Mutex
	all map[uint64]*Hold
}

// add makes the hold of a lock that has been granted, and starts its timer.
func (t *holdTable) add(s *Session, d session.Done) *Hold {
	k := &Hold{s: s, id: d.ID, sequencer: d.Sequencer, until: d.Until}
	k.ctx, k.cancel = context.WithCancelCause(context.Background())
	t.mu.Lock()
	t.all[d.ID] = k
	t.mu.Unlock()
	go k.watch()
	return k
}

func (t *holdTable) get(id uint64) *Hold {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.all[id]
}

func (t *holdTable) drop(id uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.all, id)
}

// move gives a hold a later deadline. One whose context has ended never comes back: whoever
// ended it tells the machine.
func (t *holdTable) move(m session.HoldMove) {
	if k := t.get(m.Hold); k != nil {
		k.move(m.Until)
	}
}

func (t *holdTable) end(e session.HoldEnd) {
	if k := t.get(e.Hold); k != nil {
		k.end(e.Why)
	}
}

func (t *holdTable) endAll(why error) {
	t.mu.Lock()
	all := make([]*Hold, 0, len(t.all))
	for _, k := range t.all {
		all = append(all, k)
	}
	t.mu.Unlock()
	for _, k := range all {
		k.end(why)
	}
}

func (k *Hold) move(until lease.Instant) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.over && k.s.clock.Now() < k.until { // else the timer is about to end it
		k.until = max(k.until, until)
	}
}

// end ends the context and all that are bound to it, once: the first cause stands. When it
// returns to the first who called it they have ended, and a release may be sent (C1).
func (k *Hold) end(why error) {
	k.mu.Lock()
	first, all := !k.over, k.bound
	k.over, k.bound = true, nil
	k.mu.Unlock()
	if !first {
		return
	}
	k.cancel(why)
	for b := range all {
		b.cancel(why)
	}
	k.s.holds.drop(k.id)
}

// watch ends the context when the deadline has come by the local clock. It asks nobody (L2).
func (k *Hold) watch() {
	for {
		due, stop := k.s.clock.After(k.deadline())
		select {
		case <-due:
			if k.passed() {
				k.end(fmt.Errorf("%w: the lease ran out", cell.ErrLockLost))
				k.s.put(item{in: session.Lapsed{Hold: k.id}})
				return
			}
		case <-k.ctx.Done():
			stop()
			return
		}
	}
}

// passed: the deadline has come.
func (k *Hold) passed() bool { return k.s.clock.Now() >= k.deadline() }

func (k *Hold) deadline() lease.Instant {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.until
}

// Context ends before anybody else can get the lock: at the latest at the local end of the
// session lease + lock-delay/(1+drift) − Margin, by a local timer. Its cause is ErrReleased, or
// ErrLockLost wrapping why.
func (k *Hold) Context() context.Context { return k.ctx }

// Deadline is when Context ends unless the session is renewed before. It moves on with every
// renewal.
func (k *Hold) Deadline() time.Time {
	return time.Now().Add(time.Duration(k.deadline().Sub(k.s.clock.Now())))
}

// Bind gives a context that ends with ctx or with the hold, whichever is first, with that cause.
// Cancel it to free what it costs.
func (k *Hold) Bind(ctx context.Context) (context.Context, context.CancelFunc) {
	child, cancel := context.WithCancelCause(ctx)
	b := &bound{cancel}
	k.mu.Lock()
	over := k.over
	if !over {
		if k.bound == nil {
			k.bound = map[*bound]bool{}
		}
		k.bound[b] = true
	}
	k.mu.Unlock()
	if over {
		<-k.ctx.Done() // it is being ended just now
		cancel(context.Cause(k.ctx))
	}
	return child, func() {
		k.mu.Lock()
		delete(k.bound, b)
		k.mu.Unlock()
		cancel(context.Canceled)
	}
}

// Sequencer is the proof of the hold, for other servers to check.
func (k *Hold) Sequencer() cell.Sequencer { return k.sequencer }

// Unlock ends Context (cause ErrReleased) and then gives the lock back. It waits until the cell
// has it; when ctx ends first, it goes on in the background and returns an error. It may be
// called more than once, and after the hold was lost: then it lets a Margin that is still
// running end at once. ErrSessionExpired when the session's end came first.
func (k *Hold) Unlock(ctx context.Context) error {
	k.end(cell.ErrReleased)
	name := string(k.sequencer.Name)
	d := k.s.do(ctx, &wait{}, func(id uint64) session.Input { return session.Unlock{ID: id, Hold: k.id} }, cancelled)
	switch {
	case d.Cancelled:
		return opError("unlock", name, Unknown, context.Cause(ctx))
	case d.Err != nil && !errors.Is(d.Err, cell.ErrClosed): // the session's close has given it back
		return opError("unlock", name, d.Outcome, d.Err)
	}
	return nil
}

// release is Unlock for whom nobody waits.
func (k *Hold) release() {
	k.end(cell.ErrReleased)
	k.s.putWith(func(id uint64) item { return item{in: session.Unlock{ID: id, Hold: k.id}} })
}
