package client

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/leasehold/leasehold/cache"
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/client/session"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/lease/clock"
)

// inboxMost is how many items may wait for the loop before the readers of links wait too.
const inboxMost = 8192

// longestNap bounds how long the loop sleeps on a Go timer, which does not see a machine sleep.
const longestNap = time.Second

// Session is a leased relation with the cell. Safe for concurrent use; made by NewSession.
type Session struct {
	c       *Client
	clock   *clock.Clock
	machine *session.Machine // the loop's
	links   map[uint64]*wire // the loop's
	ctx     context.Context
	end     context.CancelCauseFunc

	inbox inbox
	calls table
	holds holdTable
	feeds feedTable
	known states

	cacheMu sync.Mutex
	cache   *cache.Cache
}

func newSession(c *Client, m *session.Machine) *Session {
	s := &Session{c: c, clock: c.clock, machine: m, links: map[uint64]*wire{}, cache: cache.New(0)}
	s.ctx, s.end = context.WithCancelCause(context.Background())
	s.inbox.nudge = make(chan struct{}, 1)
	s.inbox.room.L = &s.inbox.mu
	s.calls.waits = map[uint64]*wait{}
	s.holds.all = map[uint64]*Hold{}
	s.feeds.all = map[uint64]*feed{}
	s.known.changed = make(chan struct{})
	return s
}

// item is one thing for the loop: an input, with the wire that a LinkUp brings; or the question
// why there is no master.
type item struct {
	in  session.Input
	up  *wire
	why chan<- error
}

// inbox is what waits for the loop. IDs are given out under its lock, so that they rise in the
// order of the items.
type inbox struct {
	mu     sync.Mutex
	items  []item
	last   uint64
	closed bool
	nudge  chan struct{}
	room   sync.Cond // the loop has taken what there was
}

// put hands an input to the loop; false when the loop is over.
func (s *Session) put(in item) bool {
	return s.putWith(func(uint64) item { return in }) != 0
}

// putWith hands over what with makes of a new ID, which it gives; 0 when the loop is over.
func (s *Session) putWith(with func(id uint64) item) uint64 {
	b := &s.inbox
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return 0
	}
	b.last++
	b.items = append(b.items, with(b.last))
	select {
	case b.nudge <- struct{}{}:
	default:
	}
	return b.last
}

// awaitRoom waits while too much waits for the loop.
func (b *inbox) awaitRoom() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.items) >= inboxMost && !b.closed {
		b.room.Wait()
	}
}

func (s *Session) drain(into []item) []item {
	b := &s.inbox
	b.mu.Lock()
	defer b.mu.Unlock()
	into = append(into[:0], b.items...)
	clear(b.items)
	b.items = b.items[:0]
	b.room.Broadcast()
	return into
}

// run is the session's loop: drain, read the clock, step, carry out.
func (s *Session) run() {
	var out session.Out
	var batch []item
	timer := time.NewTimer(0)
	defer timer.Stop()
	batch = append(batch, item{in: session.Wake{}})
	for {
		now := s.clock.Now()
		for _, it := range batch {
			s.step(now, it, &out)
		}
		if s.machine.Over() {
			s.shut(&out)
			return
		}
		timer.Reset(s.nap(now, out.WakeAt))
		select {
		case <-s.inbox.nudge:
			batch = s.drain(batch)
		case <-timer.C:
			batch = append(s.drain(batch), item{in: session.Wake{}})
		}
	}
}

func (s *Session) nap(now, at lease.Instant) time.Duration {
	if at == lease.Never {
		return longestNap
	}
	return max(0, min(longestNap, time.Duration(at.Sub(now))))
}

func (s *Session) step(now lease.Instant, it item, out *session.Out) {
	if it.why != nil {
		it.why <- noMaster(s.machine.Troubles())
		return
	}
	if up, ok := it.in.(session.LinkUp); ok && s.links[up.Link] != it.up {
		return // the link was closed while it came up
	}
	out.Reset()
	s.machine.Step(now, it.in, out)
	s.carryOut(out)
	if s.machine.State() == 0 {
		if err := s.machine.Hopeless(); err != nil {
			s.known.note(func() { s.known.trouble = err })
		}
	}
}

// shut answers whoever came last, and ends the loop's belongings.
func (s *Session) shut(out *session.Out) {
	b := &s.inbox
	b.mu.Lock()
	b.closed = true
	b.room.Broadcast()
	b.mu.Unlock()
	for _, it := range s.drain(nil) {
		s.step(s.clock.Now(), it, out)
	}
	for _, w := range s.links {
		w.close()
	}
	s.calls.failAll(s.machine.Err())
	s.feeds.failAll(s.machine.Err())
	s.end(s.machine.Err())
	s.c.forget(s)
}

// carryOut does what one Step asked for, in the order that Out documents.
func (s *Session) carryOut(out *session.Out) {
	s.toCache(out.Cache)
	for _, m := range out.Moves {
		s.holds.move(m)
	}
	for _, e := range out.Ends {
		s.holds.end(e)
	}
	for _, e := range out.Events {
		s.feeds.push(s, e)
	}
	for _, st := range out.States {
		s.entered(st)
	}
	for i := range out.Done {
		s.finished(out.Done[i])
	}
	for _, id := range out.Closes {
		s.hangUp(id)
	}
	for _, c := range out.Connects {
		s.dial(c)
	}
	for _, m := range out.Sends {
		s.send(m)
	}
	for _, l := range out.Lines {
		s.log(l)
	}
}

func (s *Session) log(l session.Line) {
	if l.Trouble {
		s.c.cfg.Logger.Warn(l.Text)
		return
	}
	s.c.cfg.Logger.Info(l.Text)
}

func (s *Session) toCache(ops []session.CacheOp) {
	if len(ops) == 0 {
		return
	}
	s.cacheMu.Lock()
	defer s.cacheMu.Unlock()
	for _, op := range ops {
		switch op.Kind {
		case session.CacheSetAside:
			s.cache.SetAside()
		case session.CacheBegin:
			s.cache.Begin(op.Incarnation)
		case session.CacheRenew:
			s.cache.Renew(op.Incarnation, op.Until)
		case session.CacheInvalidate:
			s.cache.Invalidate(op.Names)
		case session.CacheDrop:
			s.cache.Drop()
		}
	}
}

// finished hands the end of a call to who waits for it. A registered read fills the cache first.
func (s *Session) finished(d session.Done) {
	w := s.calls.take(d.ID)
	if w == nil {
		return
	}
	if d.Reply != nil && w.fills {
		s.fill(w, d.Reply)
	}
	if w.lock && d.Err == nil && !d.Cancelled {
		w.hold = s.holds.add(s, d)
	}
	w.done <- d
}

func (s *Session) fill(w *wait, r *call.QueryReply) {
	s.cacheMu.Lock()
	defer s.cacheMu.Unlock()
	if n := r.Node; n != nil && n.Cachable {
		if n.Absent {
			s.cache.FillAbsent(w.ticket, n.Incarnation, w.name, n.Ancestor)
			return
		}
		if n.Stat.Name == w.name {
			s.cache.FillNode(w.ticket, n.Incarnation, n.Stat, n.Contents, w.contents)
		}
	}
	if l := r.List; l != nil && l.Cachable && !l.More && w.whole {
		if l.Absent {
			s.cache.FillAbsent(w.ticket, l.Incarnation, w.name, l.Ancestor)
			return
		}
		kids := make([]cache.Child, len(l.Children))
		for i, k := range l.Children {
			kids[i] = cache.Child{Name: k.Name, Instance: k.Instance}
		}
		s.cache.FillChildren(w.ticket, l.Incarnation, w.name, l.Parent.Instance, kids)
	}
}

// wait is one caller's, for the end of one call.
type wait struct {
	done   chan session.Done // has room for one
	lock   bool
	hold   *Hold // set before done, of a lock
	fills  bool
	ticket cache.Ticket
	name   cell.Name

	contents, whole bool
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

func (t *table) failAll(why error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for id, w := range t.waits {
		delete(t.waits, id)
		w.done <- session.Done{ID: id, Err: why}
	}
}

// do hands an input to the machine and waits for its Done. When ctx ends it hands over what
// without makes, and then the machine says at once how it stands.
func (s *Session) do(ctx context.Context, w *wait, in, without func(id uint64) session.Input) session.Done {
	w.done = make(chan session.Done, 1)
	id := s.putWith(func(id uint64) item {
		s.calls.mu.Lock()
		s.calls.waits[id] = w
		s.calls.mu.Unlock()
		return item{in: in(id)}
	})
	if id == 0 {
		return session.Done{Err: context.Cause(s.ctx)}
	}
	select {
	case d := <-w.done:
		return d
	case <-ctx.Done():
	}
	s.put(item{in: without(id)})
	return <-w.done
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
