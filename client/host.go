package client

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/leasehold/leasehold/cache"
	"github.com/leasehold/leasehold/cell/conn"
	"github.com/leasehold/leasehold/client/session"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/lease/clock"
)

// Session is a leased relation with the cell. Safe for concurrent use; made by NewSession.
type Session struct {
	c       *Client
	clock   *clock.Clock
	loop    loop
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

func (s *Session) step(now lease.Instant, it item, out *session.Out) {
	if it.why != nil {
		it.why <- noMaster(s.machine.Troubles())
		return
	}
	if up, ok := it.in.(session.LinkUp); ok && s.links[up.Link] != it.up {
		return // the link was closed while it came up
	}
	if _, ok := it.in.(session.Wake); ok {
		s.loop.at = 0
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
	w.finish(d)
}
