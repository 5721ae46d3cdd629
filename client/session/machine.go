package session

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
)

// Config is what a session begins with.
type Config struct {
	Key       cell.SessionKey // random: the session's secret (C7)
	Identity  string
	Cell      string // "": whatever answers
	Endpoints []string
	Grace     lease.Duration // 0: DefaultGrace
	Seed      uint64         // for the jitter of retries
}

// Machine is one session. Make one with New; it does nothing before its first Step.
type Machine struct {
	cfg   Config
	now   lease.Instant
	out   *Out
	noise noise

	state State // 0 until first Connected
	id    cell.SessionID
	terms call.Terms
	err   error // why it is Expired or Closed

	finder finder
	keep   keeper
	calls  calls
	asks   asks
	locks  locks
	subs   subs

	leaving *leaving // nil: there is nothing to be said
}

// New makes a machine that, once stepped, creates a session and keeps it.
func New(cfg Config) *Machine {
	if cfg.Grace == 0 {
		cfg.Grace = DefaultGrace
	}
	m := &Machine{cfg: cfg, noise: noise{cfg.Seed}}
	for _, e := range cfg.Endpoints {
		m.learn(e)
	}
	return m
}

// State is where the session stands; 0 before it was Connected for the first time.
func (m *Machine) State() State { return m.state }

// ID is the session's id; 0 before it was Connected for the first time.
func (m *Machine) ID() cell.SessionID { return m.id }

// Lengths are the cell's, as the newest master told them; zero before it was Connected.
func (m *Machine) Lengths() cell.Lengths { return m.terms.Lengths }

// LeaseEnd is until when the session lease lasts by the local clock; 0 before the first.
func (m *Machine) LeaseEnd() lease.Instant { return m.keep.end }

// Err is why the session is Expired or Closed.
func (m *Machine) Err() error { return m.err }

// Step takes one input at the local instant now and adds to out what is to be done. out must be
// empty.
func (m *Machine) Step(now lease.Instant, in Input, out *Out) {
	m.now, m.out = max(now, m.now), out
	if !m.ended() {
		m.passTime()
	}
	m.take(in)
	if m.ended() {
		m.goOnLeaving()
	} else {
		m.find()
		m.work()
	}
	out.WakeAt = m.wakeAt()
	m.out = nil
}

// Over reports whether the session has ended, here and as far as it can be told to the cell: the
// machine sends nothing any more, and every input is refused.
func (m *Machine) Over() bool { return m.over() }

func (m *Machine) over() bool { return m.ended() && m.leaving == nil }

// passTime does what the clock alone decides.
func (m *Machine) passTime() {
	if m.state == Connected && m.now >= m.keep.end {
		m.jeopardy()
	}
	m.lapseHolds()
	if m.now < m.keep.graceEnd(m.cfg.Grace) {
		return
	}
	switch m.state {
	case Closed:
		m.finish()
	case Jeopardy:
		m.expire(fmt.Errorf("%w: no master within the grace period of %v", cell.ErrSessionExpired,
			cell.Span(m.cfg.Grace)), nil)
	}
}

// take dispatches one input.
func (m *Machine) take(in Input) {
	switch in := in.(type) {
	case LinkUp:
		m.linkUp(in.Link)
	case LinkDown:
		m.linkDown(in.Link, in.Why)
	case Received:
		m.received(in.Link, in.Msg)
	case Mutate:
		m.mutate(in)
	case Ask:
		m.ask(in)
	case Acquire:
		m.acquire(in)
	case Cancel:
		m.cancel(in.ID)
	case Unlock:
		m.unlock(in.ID, in.Hold)
	case Lapsed:
		m.lapsed(in.Hold)
	case Watch:
		m.watch(in)
	case Unwatch:
		m.unwatch(in.ID)
	case Fell:
		m.fell(in.ID)
	case Close:
		m.close(in.ID)
	case Abandon:
		m.abandon()
	case Wake:
	}
}

// work sends whatever may be sent now. Before everything else go the releases of holds that
// have ended (C4).
func (m *Machine) work() {
	if !m.attached() {
		return
	}
	m.releaseEnded()
	if m.mayCall() {
		m.handOver()
		m.sendAsks()
		m.sendCalls()
	}
}

// mayCall: calls go out only while Connected; those behind which a close stands, as long as
// there is a stream. So do releases, for the cell may renew nothing before it has them (C1).
func (m *Machine) mayCall() bool {
	return m.attached() && (m.state == Connected || m.calls.closing != nil || m.locks.releasing())
}

// cancel ends the waiting for one call, query or acquire.
func (m *Machine) cancel(id uint64) {
	if !m.cancelAcquire(id) && !m.cancelCall(id) {
		m.cancelAsk(id)
	}
}

// refuseNew ends an input that comes after the session's end.
func (m *Machine) refuseNew(id uint64) bool {
	if m.state != Expired && m.state != Closed {
		return false
	}
	m.done(Done{ID: id, Err: m.err})
	return true
}

func (m *Machine) done(d Done)                    { m.out.Done = append(m.out.Done, d) }
func (m *Machine) send(l *link, msg call.Message) { m.out.Sends = append(m.out.Sends, Send{l.id, msg}) }
func (m *Machine) onCache(op CacheOp)             { m.out.Cache = append(m.out.Cache, op) }

func (m *Machine) say(trouble bool, format string, args ...any) {
	m.out.Lines = append(m.out.Lines, Line{fmt.Sprintf(format, args...), trouble})
}

func (m *Machine) wakeAt() lease.Instant {
	if m.ended() {
		if m.leaving == nil {
			return lease.Never
		}
		return m.leaving.wakeAt()
	}
	at := min(m.finder.wakeAt(m), m.locks.wakeAt(m), m.calls.wakeAt(m), m.asks.wakeAt(m))
	switch m.state {
	case Connected:
		at = min(at, m.keep.end)
	case Jeopardy, Closed:
		at = min(at, m.keep.graceEnd(m.cfg.Grace))
	}
	return at
}

// noise makes jitter from a seed (splitmix64).
type noise struct{ state uint64 }

// jitter gives a length between d/2 and d.
func (n *noise) jitter(d lease.Duration) lease.Duration {
	return d/2 + lease.Duration(n.next()%uint64(d/2+1))
}

// below gives a number from 0 on, less than most.
func (n *noise) below(most int) int { return int(n.next() % uint64(most)) }

func (n *noise) next() uint64 {
	n.state += 0x9e3779b97f4a7c15
	z := n.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// backoff doubles from backoffLeast with each failure, with jitter.
func (n *noise) backoff(failures int, most lease.Duration) lease.Duration {
	d := backoffLeast << min(failures, 10)
	return n.jitter(min(d, most))
}
