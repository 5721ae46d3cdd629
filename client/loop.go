package client

import (
	"runtime"
	"sync"
	"time"

	"github.com/leasehold/leasehold/client/session"
	"github.com/leasehold/leasehold/lease"
)

// inboxMost is how many items may wait for the loop before the readers of links wait too.
const inboxMost = 8192

// longestNap bounds how long the loop sleeps on a Go timer, which does not see a machine sleep.
const longestNap = time.Second

// loop is what a session's turns share. A turn drains the inbox, reads the clock, steps and carries out. It
// belongs to no goroutine: who puts something into the inbox and finds nobody at it takes the turn himself. So
// a caller sends his own request, and the reader of a link hands an answer over, and neither wakes another.
type loop struct {
	batch []item
	out   session.Out
	alarm *time.Timer
	at    lease.Instant // when the alarm comes; 0: it has
}

// inbox is what waits for the loop. IDs are given out under its lock, so that they rise in the
// order of the items.
type inbox struct {
	mu     sync.Mutex
	items  []item
	last   uint64
	turned bool // somebody is taking a turn, or about to
	closed bool
	room   sync.Cond // the loop has taken what there was
}

// put hands an input to the loop; false when the loop is over. It may take a turn: with no lock held.
func (s *Session) put(in item) bool {
	return s.putWith(func(uint64) item { return in }) != 0
}

// putWith hands over what with makes of a new ID, which it gives; 0 when the loop is over.
func (s *Session) putWith(with func(id uint64) item) uint64 {
	id, mine := s.inbox.add(with, true)
	if mine {
		s.turn()
	}
	return id
}

// leave is put by who comes with the next input at once: it may wait for that one.
func (s *Session) leave(in item) bool {
	id, mine := s.inbox.add(func(uint64) item { return in }, false)
	if mine {
		s.turn()
	}
	return id != 0
}

// add leaves an input, of a new ID, for the next turn; mine: that is the caller's. It is nobody's when he is
// not willing, unless too much waits.
func (b *inbox) add(with func(id uint64) item, willing bool) (id uint64, mine bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return 0, false
	}
	b.last++
	b.items = append(b.items, with(b.last))
	mine = !b.turned && (willing || len(b.items) >= inboxMost)
	b.turned = b.turned || mine
	return b.last, mine
}

// over ends a turn; more: there must be another at once, and it is the caller's to see to.
func (b *inbox) over() (more bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.turned = len(b.items) > 0
	return b.turned
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

// start begins the loop.
func (s *Session) start() {
	wake := item{in: session.Wake{}}
	s.loop.alarm = time.AfterFunc(longestNap, func() { s.put(wake) })
	s.put(wake)
}

// turn is one round of the loop: drain, read the clock, step, carry out. Nothing in it waits. What has come
// meanwhile is not for who has taken it: he has his own to do.
func (s *Session) turn() {
	l := &s.loop
	if s.calls.several() {
		runtime.Gosched() // others who were answered together ask together
	}
	l.batch = s.drain(l.batch)
	now := s.clock.Now()
	for _, it := range l.batch {
		s.step(now, it, &l.out)
	}
	clear(l.batch)
	s.flush()
	if s.machine.Over() {
		s.shut(&l.out)
		return
	}
	s.rouse(now, l.out.WakeAt)
	if s.inbox.over() {
		go s.turn()
	}
}

// rouse sees to it that there is a turn at an instant, or before.
func (s *Session) rouse(now, at lease.Instant) {
	at = min(at, now.Add(lease.Duration(longestNap)))
	if l := &s.loop; l.at == 0 || at < l.at {
		l.at = max(at, now)
		l.alarm.Reset(time.Duration(l.at.Sub(now)))
	}
}

// shut answers whoever came last, and ends the loop's belongings.
func (s *Session) shut(out *session.Out) {
	s.loop.alarm.Stop()
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
