package master

import (
	"slices"

	"github.com/leasehold/leasehold/cache/directory"
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/master/session"
	"github.com/leasehold/leasehold/replica/tree"
)

// keepAlive parks a KeepAlive until a lease needs its answer. What it acks counts at once; the rounds
// that end by it go on at the end of the Step.
func (m *Master) keepAlive(l *session.Live, k *call.KeepAlive) {
	l.Acked = max(l.Acked, k.Acked)
	m.dir.Ack(l.ID, k.Flushed, 0, &m.fx)
	m.sessions.Park(m.at.Now, l, k.Number, m.cacheDue(l))
}

// flushed takes an ack; with the last one owed the cache lease can be granted again (C10).
func (m *Master) flushed(l *session.Live, seq, incarnation uint64) {
	m.dir.Ack(l.ID, seq, incarnation, &m.fx)
	m.sessions.Reconsider(l, m.cacheDue(l))
}

// answerKeepAlives answers those whose time has come, never without a valid lease (L5), and so many at
// a time: many come due together (lease.Grant.Renewal).
func (m *Master) answerKeepAlives() {
	for n := 0; n < keepAliveBatch && m.holds(); n++ {
		l, ok := m.sessions.Due(m.at.Now)
		if !ok {
			return
		}
		m.renew(l)
	}
}

func (m *Master) renew(l *session.Live) {
	number, parked, length := m.sessions.Grant(m.at.Now, l)
	var cache lease.Duration
	incarnation := m.dir.Incarnation(l.ID)
	if l.Caching && !l.Closing {
		cache, incarnation = m.dir.Grant(m.at.Now, l.ID)
	}
	m.out.Sends = append(m.out.Sends, Send{Stream: l.Stream, Urgent: true, Msg: &call.KeepAliveReply{
		Number: number, Epoch: m.epoch, Stream: l.Number, Parked: int64(parked),
		Session: int64(length), Cache: int64(cache), Incarnation: incarnation,
	}})
}

// wantCaching has the session logged as caching before it is given anything to cache (C5).
func (m *Master) wantCaching(l *session.Live) {
	if !l.Caching && !l.Marking && !l.Closing {
		l.Marking = true
		m.marks = append(m.marks, l.ID)
	}
}

// markCaching proposes the marks asked for in this Step, together.
func (m *Master) markCaching() {
	for len(m.marks) > 0 {
		n := min(len(m.marks), markBatch)
		batch := slices.Clone(m.marks[:n])
		m.marks = m.marks[n:]
		slices.Sort(batch)
		m.own(&tree.MarkCaching{Sessions: batch})
	}
	m.marks = nil
}

// marked lets sessions cache that are now logged as caching.
func (m *Master) marked(ids []cell.SessionID) {
	for _, id := range ids {
		l, ok := m.sessions.Get(id)
		if v, there := m.tree.Session(id); ok && there {
			l.Caching, l.Marking = v.Caching, false
			m.sessions.Reconsider(l, m.cacheDue(l))
		}
	}
}

func (m *Master) unmark(ids []cell.SessionID) {
	for _, id := range ids {
		if l, ok := m.sessions.Get(id); ok {
			l.Marking = false
		}
	}
}

// logLapse names the client whose silence stalled a writer, the node, and how long (C10).
func (m *Master) logLapse(l directory.Lapse) {
	fields := []Field{{"session", l.Session.String()}, {"waited", l.Waited.String()}}
	if v, ok := m.tree.Session(l.Session); ok {
		fields = append(fields, Field{"identity", v.Identity}, Field{"address", v.Address})
	}
	text := "a silent cacher stalled a write until its cache lease ended"
	if l.FailOver {
		text = "a cacher of the master before did not attach: writes waited for its cache lease"
	} else if l.Name == "" {
		fields = append(fields, Field{"node", "every one: an ACL was changed"})
	} else {
		fields = append(fields, Field{"node", string(l.Name)})
	}
	if l.Excused {
		fields = append(fields, Field{"but", "the master stood still, or had no lease, meanwhile"})
	}
	m.line(Warn, text, fields...)
}
