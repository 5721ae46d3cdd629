package master

import (
	"maps"
	"slices"
	"strconv"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/master/session"
)

// stream is one client stream that has spoken. Once another stream has taken its session over
// it is stale: whatever it still brings is dropped.
type stream struct {
	id      uint64
	address string
	// principal is who is at its other end
	principal string
	session   cell.SessionID // 0: none (yet)
	number    uint64         // of its attach
	stale     bool
	account   *account     // of its principal
	pace      session.Pace // while it has no session
	told      int          // requests that came although it was to wait, less those that did not
}

func (m *Master) stream(in Message) *stream {
	s, ok := m.streams[in.Stream]
	if !ok {
		s = &stream{id: in.Stream, address: in.Address, principal: in.Principal,
			account: m.accounts.open(m.at.Now, payer(in.Principal, in.Address))}
		m.streams[in.Stream] = s
	}
	return s
}

func (m *Master) streamIDs() []uint64 { return slices.Sorted(maps.Keys(m.streams)) }

// streamDown forgets a stream. A KeepAlive parked on it renews nothing (C10).
func (m *Master) streamDown(id uint64) {
	s, ok := m.streams[id]
	if !ok {
		return
	}
	delete(m.streams, id)
	s.account.streams--
	if l, ok := m.sessions.Get(s.session); ok && l.Stream == id {
		m.sessions.Detach(m.at.Now, l)
		m.watches.Drop(l.ID)
		delete(m.behind, l.ID)
	}
}

// adopt makes s the newest stream of l, number the client's count of them. What the session owed
// on older ones is acked (C5); its watches are the client's to ask for again.
func (m *Master) adopt(s *stream, l *session.Live, number uint64) call.Terms {
	if old, ok := m.streams[l.Stream]; ok && old != s {
		old.stale = true
		m.out.Closes = append(m.out.Closes, Close{Stream: old.id, Why: "the session has a newer stream"})
	}
	s.session, s.number = l.ID, number
	m.sessions.Attach(m.at.Now, l, s.id, number)
	m.spoke(l)
	m.watches.Drop(l.ID)
	delete(m.behind, l.ID)
	incarnation := m.dir.Attach(l.ID, &m.fx)
	m.spread()
	return m.terms(incarnation)
}

func (m *Master) terms(incarnation uint64) call.Terms {
	return call.Terms{Epoch: m.epoch, Incarnation: incarnation, Lengths: m.lengths, Limits: m.tree.Limits()}
}

func (m *Master) send(stream uint64, msg call.Message) {
	if stream != 0 {
		m.out.Sends = append(m.out.Sends, Send{Stream: stream, Msg: msg})
	}
}

// tell sends to a session's newest stream; without one the message is lost, and the session
// learns of it when it attaches.
func (m *Master) tell(id cell.SessionID, what func(l *session.Live) call.Message) {
	if l, ok := m.sessions.Get(id); ok && l.Stream != 0 {
		m.send(l.Stream, what(l))
	}
}

// refuse says on a stream why it is not served. With ErrNoMaster it names the right epoch.
func (m *Master) refuse(stream uint64, err error) {
	f := call.Fail(err)
	r := &call.Refused{Code: f.Code, Message: f.Message, Limit: f.Limit, RetryAfter: f.RetryAfter}
	if r.Code == cell.CodeOf(cell.ErrNoMaster) {
		r.Epoch = m.epoch
	}
	m.send(stream, r)
}

// hangUp refuses nonsense and ends its stream, with a line in the log (B1).
func (m *Master) hangUp(s *stream, why string) {
	m.refuse(s.id, cell.ErrProtocol)
	m.out.Closes = append(m.out.Closes, Close{Stream: s.id, Why: why})
	s.stale = true
	m.nonsense.say(m, Field{"why", why}, Field{"address", s.address}, Field{"session", s.session.String()})
}

// nonsense is said once a second at most: who is hung up comes again (B1).
type nonsense struct {
	next   lease.Instant
	unsaid int
}

func (n *nonsense) say(m *Master, fields ...Field) {
	if m.at.Now < n.next {
		n.unsaid++
		return
	}
	if n.unsaid > 0 {
		fields = append(fields, Field{"others_not_shown", strconv.Itoa(n.unsaid)})
	}
	*n = nonsense{next: m.at.Now.Add(lease.Second)}
	m.line(Warn, "a client's stream is closed: it sent nonsense", fields...)
}

func (m *Master) line(level Level, text string, fields ...Field) {
	m.out.Lines = append(m.out.Lines, Line{Level: level, Text: text, Fields: fields})
}
