package client

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/leasehold/leasehold/cache"
	"github.com/leasehold/leasehold/cell/conn"
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
	said    []*conn.Stream   // with something queued; the loop's
	ctx     context.Context
	end     context.CancelCauseFunc

	inbox inbox
	calls table
	holds holdTable
	feeds feedTable
	known states

	cacheMu      sync.RWMutex
	cache        *cache.Cache
	hits, misses atomic.Uint64
	resyncs      atomic.Uint64
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
		s.flush()
		if s.machine.Over() {
			s.shut(&out)
			return
		}
		timer.Reset(s.nap(now, out.WakeAt))
		select {
		case <-s.inbox.nudge:
			runtime.Gosched() // the others who were answered together ask together
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
	s.flush()
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

// finished hands the end of a call to who waits for it. A registered read fills the cache first.
func (s *Session) finished(d session.Done) {
	s.c.horizon.finishedAt(&d)
	w := s.calls.take(d.ID)
	if w == nil {
		return
	}
	if w.claims != nil {
		s.readmit(w, d)
	}
	if d.Reply != nil && w.fills {
		s.fill(w, d.Reply)
	}
	if w.lock && d.Err == nil && !d.Cancelled {
		w.hold = s.holds.add(s, d)
	}
	w.done <- d
}
