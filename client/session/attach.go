package session

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
)

// attach makes l the session's stream-to-be. What was the stream before is closed first, and
// the cache is set aside before the Attach goes out (C6).
func (m *Machine) attach(l *link, epoch cell.Epoch) {
	f := &m.finder
	for _, other := range m.finder.links {
		if other != l && (other.phase == attached || other.phase == attaching) {
			m.closeQuietly(other)
			break
		}
	}
	patience := min(attachPatience<<min(f.attempts, 4), attachMost)
	l.phase, l.epoch, l.sent, l.due, l.holds = attaching, epoch, m.now, m.now.Add(patience), nil
	m.onCache(CacheOp{Kind: CacheSetAside})
	m.keep.incarnation, m.keep.caching, m.keep.parked = 0, false, false
	if m.id == 0 {
		m.send(l, &call.CreateSession{Key: m.cfg.Key, Identity: m.cfg.Identity, Epoch: epoch})
		return
	}
	f.stream++
	m.send(l, &call.Attach{Session: m.id, Key: m.cfg.Key, Epoch: epoch, Stream: f.stream})
}

func (m *Machine) created(l *link, c *call.Created) {
	if l.phase != attaching || m.id != 0 || c.Session == 0 || c.Terms.Epoch != l.epoch {
		return
	}
	m.id = c.Session
	m.finder.stream = 1
	m.say(false, "session %v: created at %s, epoch %d", m.id, l.address, c.Terms.Epoch)
	m.keep.end = 0
	m.takeTerms(l, c.Terms)
}

func (m *Machine) wasAttached(l *link, a *call.Attached) {
	if l.phase != attaching || a.Stream != m.finder.stream || a.Terms.Epoch != l.epoch {
		return
	}
	l.holds = append(l.holds, a.Holds...)
	if a.More {
		return
	}
	m.say(false, "session %v: attached to %s, epoch %d", m.id, l.address, a.Terms.Epoch)
	m.takeTerms(l, a.Terms)
	m.reconcile(l.holds)
	l.holds = nil
}

// takeTerms begins the life of a stream: a KeepAlive first, then all that waits anew.
func (m *Machine) takeTerms(l *link, t call.Terms) {
	f := &m.finder
	f.cell = l.cell
	f.current, f.attempts, l.phase, l.due = l, 0, attached, lease.Never
	l.located = call.Located{Master: l.replica, Epoch: t.Epoch}
	for _, a := range f.addresses {
		a.failures = 0
	}
	m.terms = t
	m.keep.flushed = 0
	m.keep.incarnation = t.Incarnation
	m.onCache(CacheOp{Kind: CacheBegin, Incarnation: t.Incarnation})
	m.keepAlive()
	m.calls.resend()
	m.resend()
	m.resubscribe()
}
