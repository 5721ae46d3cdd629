package master

import (
	"crypto/sha256"
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/replica/tree"
)

// opening is a session being made, and the newest stream that asked for it.
type opening struct{ stream uint64 }

// createSession makes a session, or finds the one that the key has made already (C7).
func (m *Master) createSession(s *stream, c *call.CreateSession) {
	hash := sha256.Sum256(c.Key[:])
	switch {
	case c.Epoch != 0 && c.Epoch != m.epoch:
		m.refuse(s.id, fmt.Errorf("%w here under epoch %d: it is %d", cell.ErrNoMaster, c.Epoch, m.epoch))
		return
	case s.session != 0:
		m.createdHere(s, hash)
		return
	}
	if o, ok := m.opening[hash]; ok {
		o.stream = s.id
		return
	}
	if id, ok := m.tree.SessionByKey(hash); ok {
		m.created(s, id)
		return
	}
	if len(m.opening) >= maxOpening {
		m.refuse(s.id, busy())
		return
	}
	if err := m.paced(s, nil, costOfSession, 0); err != nil {
		m.refuse(s.id, err)
		return
	}
	m.opening[hash] = &opening{stream: s.id}
	m.own(&tree.OpenSession{KeyHash: hash, Identity: c.Identity, Principal: s.principal,
		Address: s.address})
}

// created answers CreateSession: the stream becomes the session's first. From who knows its
// session it comes late, overtaken by a later one: the cache may be filled on that (C6).
func (m *Master) created(s *stream, id cell.SessionID) {
	l, ok := m.sessions.Get(id)
	switch {
	case !ok:
		m.refuse(s.id, cell.ErrSessionExpired)
	case s.session != 0: // it asked for two at once
		m.hangUp(s, "the stream has another session")
	case l.Number > 1 || l.Spoke:
		m.overtaken(s, l)
	default:
		terms := m.adopt(s, l, 1)
		m.send(s.id, &call.Created{Session: id, Terms: terms})
	}
}

// createdHere answers a CreateSession on a stream that has a session: asked again, or nonsense.
func (m *Master) createdHere(s *stream, hash [32]byte) {
	if id, ok := m.tree.SessionByKey(hash); !ok || id != s.session {
		m.hangUp(s, "the stream has another session")
		return
	}
	if _, ok := m.sessions.Get(s.session); !ok {
		m.refuse(s.id, cell.ErrSessionExpired)
		return
	}
	m.send(s.id, &call.Created{Session: s.session, Terms: m.terms(m.dir.Incarnation(s.session))})
}

// opened answers whoever asked for the session that op made, or failed to make.
func (m *Master) opened(op *tree.OpenSession, id cell.SessionID, result call.Result) {
	if id != 0 {
		if v, ok := m.tree.Session(id); ok && !v.Ended {
			m.sessions.Add(m.at.Now, id).Caching = v.Caching
		}
	}
	o, ok := m.opening[op.KeyHash]
	if !ok {
		return
	}
	delete(m.opening, op.KeyHash)
	s, ok := m.streams[o.stream]
	if !ok || s.stale {
		return
	}
	if id == 0 {
		m.refuse(s.id, result.Err())
		return
	}
	m.created(s, id)
}
