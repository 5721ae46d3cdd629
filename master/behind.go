package master

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/master/session"
)

// behind is what waits, in its order, until the session's watches have been told everything: an
// answer shows the tree as it is, and in one session an event leaves before any newer data (C9).
// Questions wait as they came and are answered from the tree as it is then.
type behind struct {
	query *call.Query
	reply *call.CallReply
}

// askedBehind puts a question off, if it asks for data and events are still to come.
func (m *Master) askedBehind(l *session.Live, q *call.Query) bool {
	switch q.Ask.(type) {
	case *call.Watch, *call.Unwatch:
		return false
	}
	if l == nil || !m.watches.Unsynced(l.ID) {
		return false
	}
	if len(m.behind[l.ID]) >= maxBehind {
		m.send(l.Stream, m.replyTo(q, busy()))
		return true
	}
	m.behind[l.ID] = append(m.behind[l.ID], behind{query: q})
	return true
}

// repliedBehind puts the answer to a call off. All of them wait, to keep their order (C7).
func (m *Master) repliedBehind(l *session.Live, r *call.CallReply) bool {
	if !m.watches.Unsynced(l.ID) {
		return false
	}
	if len(m.behind[l.ID]) >= maxBehind {
		if s, ok := m.streams[l.Stream]; ok {
			m.overrun(s)
		}
		return true
	}
	m.behind[l.ID] = append(m.behind[l.ID], behind{reply: r})
	return true
}

// overrun ends a stream on which calls go on and on while events are still to come. Its client
// attaches anew; nothing is lost, for what was decided is recorded.
func (m *Master) overrun(s *stream) {
	s.stale = true
	m.out.Closes = append(m.out.Closes, Close{Stream: s.id, Why: "too much waits behind the events of a watch"})
}

// answerBehind lets go what waited, when all watches of the session are synced.
func (m *Master) answerBehind(l *session.Live) {
	if len(m.behind[l.ID]) == 0 || m.watches.Unsynced(l.ID) {
		return
	}
	s, ok := m.streams[l.Stream]
	cell.Assert(ok, "answers of session %v wait for a stream that is gone", l.ID)
	waited := m.behind[l.ID]
	delete(m.behind, l.ID)
	for _, b := range waited {
		if b.reply != nil { // what came of an acquire meanwhile was told to who knew nothing of it (C1, C8)
			b.reply.Result = m.asItStands(l, b.reply.Result)
			m.send(l.Stream, b.reply)
			continue
		}
		m.answer(s, l, b.query)
	}
}

// endBehind sends the answers to calls of a session that has ended; it is told of nothing else.
func (m *Master) endBehind(l *session.Live) {
	for _, b := range m.behind[l.ID] {
		if b.reply != nil {
			m.send(l.Stream, b.reply)
		}
	}
	delete(m.behind, l.ID)
}
