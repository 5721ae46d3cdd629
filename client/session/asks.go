package session

import (
	"errors"
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
)

// asks are the session's reads at the master. They change nothing, so they are sent anew, under
// a new number, on every new stream.
type asks struct {
	last  uint64
	items []*query
}

type query struct {
	id      uint64 // the host's; 0: the machine's own, for a watch
	ask     call.Ask
	handle  *call.Handle
	held    *cell.Sequencer
	number  uint64 // on the stream of now; 0: not sent
	at      lease.Instant
	retryAt lease.Instant
	refused int
	watch   *subscription
}

func (m *Machine) ask(in Ask) {
	if !m.refuseNew(in.ID) {
		m.asks.items = append(m.asks.items, &query{id: in.ID, ask: in.Ask, handle: in.Handle, held: in.IfHeld})
	}
}

// sendAsks sends what waits. In jeopardy nobody reads; but what goes on behind a watch is asked for
// before the calls that may go then, whose answers are newer (C9).
func (m *Machine) sendAsks() {
	for _, q := range m.asks.items {
		if q.number != 0 || q.retryAt > m.now || m.state == Jeopardy && q.watch == nil {
			continue
		}
		m.asks.last++
		q.number, q.at = m.asks.last, m.now
		m.send(m.finder.current, &call.Query{Epoch: m.terms.Epoch, Number: q.number, Ask: q.ask,
			Handle: q.handle, IfHeld: q.held})
	}
}

// resend: a new stream has heard nothing yet. What asked for watches is asked by them again; what
// asked about a cache set aside is over: it has been set aside anew.
func (m *Machine) resend() {
	a := &m.asks
	a.items = slices.DeleteFunc(a.items, func(q *query) bool {
		_, claims := q.ask.(*call.Revalidate)
		if claims {
			m.done(Done{ID: q.id, Cancelled: true})
		}
		return claims || q.id == 0
	})
	for _, q := range a.items {
		q.number, q.retryAt = 0, 0
	}
}

func (a *asks) oldestSent() lease.Instant {
	at := lease.Never
	for _, q := range a.items {
		if q.number != 0 {
			at = min(at, q.at)
		}
	}
	return at
}

func (a *asks) wakeAt(m *Machine) lease.Instant {
	at := lease.Never
	if m.attached() && m.state == Connected {
		for _, q := range a.items {
			if q.number == 0 {
				at = min(at, q.retryAt)
			}
		}
	}
	return at
}

func (m *Machine) answered(r *call.QueryReply) {
	a := &m.asks
	i := slices.IndexFunc(a.items, func(q *query) bool { return q.number == r.Number && q.number != 0 })
	if i < 0 || r.Epoch != m.terms.Epoch {
		return
	}
	q := a.items[i]
	err := call.ErrorOf(r.Code, r.Message, r.Limit, r.RetryAfter)
	if again(err) {
		q.refused++
		q.number, q.retryAt = 0, m.now.Add(m.retryAfter(err, q.refused))
		return
	}
	if errors.Is(err, cell.ErrSessionExpired) {
		m.expire(err, m.finder.current)
		return
	}
	a.items = slices.Delete(a.items, i, i+1)
	switch {
	case q.watch != nil:
		m.watchAnswered(q.watch, err)
	case q.id != 0:
		m.done(Done{ID: q.id, Err: err, Reply: r})
	}
}

func (m *Machine) cancelAsk(id uint64) {
	a := &m.asks
	if i := slices.IndexFunc(a.items, func(q *query) bool { return q.id == id && id != 0 }); i >= 0 {
		a.items = slices.Delete(a.items, i, i+1)
		m.done(Done{ID: id, Cancelled: true})
	}
}

func (m *Machine) failAsks(why error) {
	for _, q := range m.asks.items {
		if q.id != 0 {
			m.done(Done{ID: q.id, Err: why})
		}
	}
	m.asks.items = nil
}
