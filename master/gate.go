package master

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/master/session"
)

// message is the door: nonsense, stale streams, and a lease that does not hold end here.
func (m *Master) message(in Message) {
	s := m.stream(in)
	if s.stale {
		return
	}
	if why := in.Msg.Invalid(); why != "" {
		m.hangUp(s, why)
		return
	}
	if !m.holds() {
		m.hold(s, in)
		return
	}
	m.dispatch(s, in.Msg)
}

// hold keeps a message until the lease holds (again): nothing is answered before (L4, Z8).
func (m *Master) hold(s *stream, in Message) {
	size := 0
	if c, ok := in.Msg.(*call.Call); ok {
		size = contentsOf(c.Op)
	}
	if len(m.held) < maxHeld && m.heldBytes+size <= maxHeldBytes {
		m.held, m.heldBytes = append(m.held, in), m.heldBytes+size
		return
	}
	s.stale = true
	m.refuse(s.id, cell.ErrNoMaster)
	m.out.Closes = append(m.out.Closes, Close{Stream: s.id, Why: "too much waits for the mastership lease"})
}

// answerHeld takes up what was kept, when the lease holds.
func (m *Master) answerHeld() {
	if !m.holds() || len(m.held) == 0 {
		return
	}
	held := m.held
	m.held, m.heldBytes = nil, 0
	for _, in := range held {
		if s, ok := m.streams[in.Stream]; ok && !s.stale {
			m.dispatch(s, in.Msg)
		}
	}
}

func (m *Master) dispatch(s *stream, msg call.Message) {
	switch msg := msg.(type) {
	case *call.CreateSession:
		m.createSession(s, msg)
	case *call.Attach:
		m.costs(s, nil, 1, 0)
		m.attach(s, msg)
	case *call.Quit:
		m.costs(s, nil, 1, 0)
		m.quit(s, msg)
	case *call.Query:
		m.query(s, msg)
	case *call.Call:
		l, ok := m.attached(s, msg.Epoch)
		switch {
		case !ok:
		case !m.genuine(l, msg.Handle, msg.Op):
			m.forged(s)
		default:
			m.call(s, l, msg)
		}
	case *call.KeepAlive:
		if l, ok := m.attached(s, msg.Epoch); ok && msg.Stream == s.number {
			m.costs(s, l, 1, 0)
			m.keepAlive(l, msg)
		}
	case *call.Flushed:
		if l, ok := m.attached(s, msg.Epoch); ok && msg.Stream == s.number {
			if l.Unacked--; l.Unacked < 0 { // nobody pays for what others write
				l.Unacked = 0
				m.costs(s, l, 1, 0)
			}
			m.flushed(l, msg.Seq, msg.Incarnation)
		}
	default:
		m.hangUp(s, fmt.Sprintf("a client does not send %T", msg))
	}
}

// attached gives the live session whose newest stream s is, in the epoch named; else it tells
// the client what is the matter. Whatever comes from it is a sign of life (L7).
func (m *Master) attached(s *stream, epoch cell.Epoch) (*session.Live, bool) {
	if s.session == 0 || epoch != m.epoch {
		m.refuse(s.id, fmt.Errorf("%w here under that epoch: attach in epoch %d", cell.ErrNoMaster, m.epoch))
		return nil, false
	}
	l, ok := m.sessions.Get(s.session)
	if !ok {
		m.refuse(s.id, cell.ErrSessionExpired)
		return nil, false
	}
	cell.Assert(l.Stream == s.id, "stream %d of session %v is not its newest and not stale", s.id, l.ID)
	l.Spoke = true
	m.spoke(l)
	return l, true
}

// attach makes s the session's newest stream: key and epoch must be right, and its number above
// that of every stream before it. Another epoch acks nothing (C5).
func (m *Master) attach(s *stream, a *call.Attach) {
	view, known := m.tree.Session(a.Session)
	hash := sha256.Sum256(a.Key[:])
	switch {
	case a.Epoch != m.epoch:
		m.refuse(s.id, fmt.Errorf("%w here under epoch %d: attach in epoch %d", cell.ErrNoMaster, a.Epoch, m.epoch))
		return
	case !known:
		m.refuse(s.id, cell.ErrSessionExpired)
		return
	case view.Ended:
		m.refuse(s.id, fmt.Errorf("%w: %s", cell.ErrSessionExpired, view.Why))
		return
	case subtle.ConstantTimeCompare(hash[:], view.KeyHash[:]) != 1:
		m.deny(s, fmt.Errorf("%w: wrong key for session %v", cell.ErrDenied, a.Session))
		return
	case view.Principal != s.principal:
		m.deny(s, fmt.Errorf("%w: session %v is of %s, not of %s", cell.ErrDenied, a.Session, view.Principal,
			s.principal))
		return
	case s.session != 0 && s.session != a.Session:
		m.hangUp(s, "the stream belongs to another session")
		return
	}
	l, ok := m.sessions.Get(a.Session)
	cell.Assert(ok, "session %v is alive in the tree and unknown here", a.Session)
	if a.Stream <= l.Number {
		m.overtaken(s, l)
		return
	}
	terms := m.adopt(s, l, a.Stream)
	m.sendHolds(s, &call.Attached{Stream: a.Stream, Terms: terms}, m.tree.Holds(l.ID))
}

// deny refuses an Attach to somebody else's session.
func (m *Master) deny(s *stream, err error) {
	m.refuse(s.id, err)
	if m.audits {
		m.streamDeed(s, "attach", "", cell.CodeOf(err), err.Error())
	}
}

// sendHolds sends what a session has, in messages of bounded size.
func (m *Master) sendHolds(s *stream, as *call.Attached, holds []call.HoldState) {
	for {
		n, size := 0, 0
		for n < len(holds) && size < pieceBytes {
			size += rough + 2*len(holds[n].Name)
			n++
		}
		piece := *as
		piece.Holds, piece.More = holds[:n:n], n < len(holds)
		m.send(s.id, &piece)
		if holds = holds[n:]; len(holds) == 0 {
			return
		}
	}
}

// overtaken ends a stream whose Attach comes after that of a newer one.
func (m *Master) overtaken(s *stream, l *session.Live) {
	if l.Stream == s.id {
		return // said twice
	}
	s.stale = true
	m.out.Closes = append(m.out.Closes, Close{Stream: s.id, Why: "the session has a newer stream"})
}
