package client

import (
	"context"
	"fmt"
	"sync"

	"github.com/leasehold/leasehold/cache"
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client/session"
)

// wait is one caller's, for the end of one call.
type wait struct {
	over   chan struct{} // has room for one; nil: nobody waits
	end    session.Done  // set before over
	lock   bool
	hold   *Hold // set before over, of a lock
	fills  bool
	ticket cache.Ticket
	name   cell.Name
	claims *cache.Claims // of a revalidation: nobody waits for its end

	contents, whole bool
}

// finish tells who waits. Afterwards w is his.
func (w *wait) finish(d session.Done) {
	w.end = d
	if w.over != nil {
		w.over <- struct{}{}
	}
}

// table is who waits for which call.
type table struct {
	mu    sync.Mutex
	waits map[uint64]*wait
}

func (t *table) take(id uint64) *wait {
	t.mu.Lock()
	defer t.mu.Unlock()
	w := t.waits[id]
	delete(t.waits, id)
	return w
}

// several: more than one call is on its way.
func (t *table) several() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.waits) > 1
}

func (t *table) failAll(why error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for id, w := range t.waits {
		delete(t.waits, id)
		w.finish(session.Done{ID: id, Err: why})
	}
}

// do hands an input to the machine and waits for its Done. When ctx ends it hands over what
// without makes, and then the machine says at once how it stands.
func (s *Session) do(ctx context.Context, w *wait, in, without func(id uint64) session.Input) session.Done {
	w.over = make(chan struct{}, 1)
	id := s.enqueue(w, in)
	if id == 0 {
		return session.Done{Err: context.Cause(s.ctx)}
	}
	select {
	case <-w.over:
		return w.end
	case <-ctx.Done():
	}
	s.put(item{in: without(id)})
	<-w.over
	return w.end
}

// enqueue hands an input to the machine; its Done comes to w. 0 when the loop is over.
func (s *Session) enqueue(w *wait, in func(id uint64) session.Input) uint64 {
	return s.putWith(func(id uint64) item {
		s.calls.mu.Lock()
		s.calls.waits[id] = w
		s.calls.mu.Unlock()
		return item{in: in(id)}
	})
}

func cancelled(id uint64) session.Input { return session.Cancel{ID: id} }

// call does one call or query, or none if ctx has ended already. The error is an *OpError.
func (s *Session) call(ctx context.Context, op, name string, w *wait,
	in func(id uint64) session.Input) (session.Done, error) {
	d := session.Done{Cancelled: true}
	if ctx.Err() == nil {
		d = s.do(ctx, w, in, cancelled)
	}
	switch {
	case d.Cancelled && d.Outcome == NotApplied && s.State() != Connected && !w.lock:
		return d, opError(op, name, NotApplied, fmt.Errorf("%w: %w", cell.ErrNoMaster, context.Cause(ctx)))
	case d.Cancelled:
		return d, opError(op, name, d.Outcome, context.Cause(ctx))
	case d.Err == nil:
		return d, nil
	case d.Result.Lock != nil:
		return d, opError(op, name, d.Outcome, &HeldError{Lock: lockInfo(*d.Result.Lock)})
	}
	return d, opError(op, name, d.Outcome, d.Err)
}
