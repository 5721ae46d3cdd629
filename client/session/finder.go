package session

import (
	"errors"
	"fmt"
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
)

// finder finds the master and attaches to it. While the session has no stream, or suspects the
// one it has, replicas are asked at once who is master; the highest mastership epoch wins. They
// tell of a new master as soon as there is one, so few are enough to begin with, drawn by lot: one
// for a new session, two for one that has lost its master, of whom one is the heir that a master names
// when it hands over; and whom these name; after a while everybody. So thousands of sessions do not cost
// each replica a connection with each of them.
type finder struct {
	addresses []*address
	links     []*link // in the order in which they were asked for
	last      uint64  // the newest link's id
	current   *link   // the session's stream, if attached
	stream    uint64  // number of the newest Attach
	cell      cell.CellID
	attempts  int           // attaches without an answer, in a row
	since     lease.Instant // of this search; 0: there is none
	lot       int           // the address that is asked first
	full      error         // the master's, that makes no session over a limit
}

// address is a place where a replica may be.
type address struct {
	name     string
	failures int
	slow     int           // how often in a row it has not answered in time
	notYet   lease.Instant // after a failure: when to try again
	why      error         // what it last said, or what happened
	named    bool          // as the master's, in this search
}

// Trouble is why an endpoint has not led to a master.
type Trouble struct {
	Endpoint string
	Err      error
}

// Troubles tells for each address what it last said, or what happened when it was asked.
func (m *Machine) Troubles() []Trouble {
	var all []Trouble
	for _, a := range m.finder.addresses {
		why := a.why
		if why == nil {
			why = fmt.Errorf("%w: no answer yet", cell.ErrNoMaster)
		}
		all = append(all, Trouble{a.name, why})
	}
	return all
}

// Hopeless is ErrWrongCell when everybody who could be asked serves another cell, and the master's own
// word when it makes no session because of a limit.
func (m *Machine) Hopeless() error {
	if m.finder.full != nil {
		return m.finder.full
	}
	var last error
	for _, a := range m.finder.addresses {
		if !errors.Is(a.why, cell.ErrWrongCell) {
			return nil
		}
		last = a.why
	}
	return last
}

// learn gives the address of that name, which is remembered; nil when there are too many.
func (m *Machine) learn(name string) *address {
	f := &m.finder
	for _, a := range f.addresses {
		if a.name == name {
			return a
		}
	}
	if len(f.addresses) >= maxAddresses {
		return nil
	}
	a := &address{name: name}
	f.addresses = append(f.addresses, a)
	return a
}

// patience doubles when it was in vain: who is slow because thousands ask would only be asked more.
func (a *address) patience(first lease.Duration) lease.Duration { return first << min(a.slow, 3) }

func (a *address) failed(m *Machine, why error) {
	a.notYet = m.now.Add(m.noise.backoff(a.failures, backoffMost))
	a.failures++
	a.why = why
}

// hurry lets every address but one be tried at once: a connection has just broken.
func (f *finder) hurry(m *Machine, but string) {
	for _, a := range f.addresses {
		if a.name != but {
			a.notYet = m.now
		}
	}
	for _, l := range f.links {
		if l.phase == idle {
			l.due, l.asked = m.now, 0
		}
	}
}

func (m *Machine) attached() bool { return m.finder.current != nil }

// suspectFrom is when the session's stream deserves suspicion: a call unanswered for 250 ms, an
// overdue KeepAlive, a replica that says it is master no more.
func (m *Machine) suspectFrom() lease.Instant {
	f := &m.finder
	if f.current == nil || m.disowned() {
		return m.now
	}
	oldest := min(m.calls.oldestSent(), m.asks.oldestSent())
	return min(oldest.Add(suspicion), m.keep.overdue(m.terms.Lengths))
}

// disowned: the replica we are attached to has named another master, or none.
func (m *Machine) disowned() bool {
	w := m.finder.current.located
	return w.Epoch > m.terms.Epoch || w.Master != m.finder.current.replica
}

// find drives the search one step.
func (m *Machine) find() {
	f := &m.finder
	for _, l := range slices.Clone(f.links) {
		if l.phase != idle && l.phase != attached && m.now >= l.due {
			m.timeOut(l)
		}
	}
	if m.now < m.suspectFrom() {
		m.closeProbes()
		return
	}
	if f.since == 0 {
		m.search()
	}
	m.probe()
	m.choose()
}

func (m *Machine) timeOut(l *link) {
	if a := m.learn(l.address); a != nil {
		a.slow++
	}
	if l.phase == attaching {
		m.finder.attempts++
	}
	m.giveUp(l, fmt.Errorf("%w: no answer", cell.ErrNoMaster))
}

// search begins one.
func (m *Machine) search() {
	f := &m.finder
	f.since, f.lot = m.now, 0
	if n := len(f.addresses); n > 1 {
		f.lot = m.noise.below(n)
	}
	for _, a := range f.addresses {
		a.named = f.current != nil && a.name == f.current.located.Client // its last word, or its heir's place
	}
}

// everybodyFrom is when all addresses may be asked.
func (m *Machine) everybodyFrom() lease.Instant {
	if m.id == 0 {
		return m.finder.since.Add(courtesyNew)
	}
	return m.finder.since.Add(courtesy)
}

// witnesses is how many addresses may be asked now.
func (m *Machine) witnesses() int {
	switch {
	case m.now >= m.everybodyFrom():
		return len(m.finder.addresses)
	case m.id == 0:
		return 1
	}
	return 2
}

func (m *Machine) closeProbes() {
	f := &m.finder
	f.since = 0
	for _, l := range slices.Clone(f.links) {
		if l != f.current {
			m.closeQuietly(l)
		}
	}
}

// asked is how many addresses are being asked, or have told what they know.
func (f *finder) asked() (n int) {
	for _, l := range f.links {
		if l != f.current {
			n++
		}
	}
	return n
}

// probe asks whoever may be asked now, and first of all who is named.
func (m *Machine) probe() {
	f := &m.finder
	asked := f.asked()
	for _, named := range []bool{true, false} {
		for i := range f.addresses {
			a := f.addresses[(f.lot+i)%len(f.addresses)]
			if a.named == named && m.now >= a.notYet && !m.probing(a.name) && (named || asked < m.witnesses()) {
				m.connect(a)
				asked++
			}
		}
	}
	for _, l := range f.links {
		if l.phase == idle && m.now >= l.due {
			m.locate(l)
		}
	}
}

func (m *Machine) probing(name string) bool {
	return slices.ContainsFunc(m.finder.links, func(l *link) bool {
		return l.address == name && l != m.finder.current
	})
}

// choose attaches to the best master heard of, if it is better than what we have.
func (m *Machine) choose() {
	f := &m.finder
	var best *call.Located
	for _, l := range f.links {
		w := &l.located
		if l.phase == attaching && l.epoch >= l.located.Epoch {
			w = &call.Located{Master: l.replica, Epoch: l.epoch}
		}
		if w.Master != 0 && (best == nil || w.Epoch > best.Epoch) {
			best = w
		}
	}
	if best == nil || (f.current != nil && best.Epoch <= m.terms.Epoch && !m.silent()) {
		return
	}
	to := slices.IndexFunc(f.links, func(l *link) bool {
		return l.replica == best.Master && (l.phase == idle || l.phase == attaching)
	})
	if to < 0 || f.links[to].phase == attaching || m.now < f.links[to].notYet ||
		m.refusedAlready(f.links[to], best) {
		return
	}
	m.attach(f.links[to], best.Epoch)
}

// refusedAlready: this replica was named master by others, but says itself that it is not.
func (m *Machine) refusedAlready(l *link, best *call.Located) bool {
	return l.located.Epoch >= best.Epoch && l.located.Master != l.replica ||
		l.epoch == best.Epoch && l.located.Master != l.replica
}

// silent: suspicion has lasted, and the stream has brought nothing meanwhile.
func (m *Machine) silent() bool {
	f := &m.finder
	from := min(m.calls.oldestSent(), m.asks.oldestSent(), m.keep.overdue(m.terms.Lengths))
	if from == lease.Never {
		return false
	}
	return m.now >= max(f.current.heard, from).Add(silence)
}

func (f *finder) wakeAt(m *Machine) lease.Instant {
	at := m.suspectFrom()
	if f.current != nil && m.now < at {
		for _, l := range f.links {
			if l.phase != idle && l.phase != attached {
				at = min(at, l.due)
			}
		}
		return at
	}
	at = lease.Never
	for _, l := range f.links {
		if l.phase != attached {
			at = min(at, l.due)
		}
		if l.notYet > m.now {
			at = min(at, l.notYet)
		}
	}
	few := f.asked() < m.witnesses()
	for _, a := range f.addresses {
		switch {
		case m.probing(a.name):
		case a.named || few:
			at = min(at, a.notYet)
		default:
			at = min(at, max(a.notYet, m.everybodyFrom()))
		}
	}
	if f.current != nil {
		if quiet := f.current.heard.Add(silence); quiet > m.now {
			at = min(at, quiet)
		}
	}
	return max(at, m.now.Add(lease.Millisecond))
}
