package master

import (
	"crypto/sha256"
	"crypto/subtle"
	"slices"
	"strings"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/master/session"
	"github.com/leasehold/leasehold/replica/tree"
)

// taken takes up what a transaction did to holds that are taken or have a MaxHold (C1): their
// holders are told, and owe an acknowledgement.
func (m *Master) taken(a *tree.Applied) {
	for _, h := range a.Timed {
		m.overdue.Set(h.Key, m.at.Now.Add(h.Length))
	}
	for _, h := range a.Taken {
		m.overdue.Remove(h.Key)
		if l, ok := m.sessions.Get(h.Session); ok && h.Loss.End != call.EndKilled { // that one is told of its end
			m.sessions.Taken(m.at.Now, l, h.Key.Hold, h.Margin)
			m.tell(l.ID, func(l *session.Live) call.Message {
				return &call.Taken{Epoch: m.epoch, Stream: l.Number, Hold: h.Key.Hold, Loss: h.Loss}
			})
		}
		m.logTaken(h)
	}
	for _, k := range a.Over {
		m.overdue.Remove(k)
		if l, ok := m.sessions.Get(a.Txn.Session); ok {
			m.sessions.Acknowledged(l, k.Hold)
			m.sessions.Reconsider(l, m.cacheDue(l))
		}
	}
}

func (m *Master) logTaken(h tree.TakenHold) {
	v, _ := m.tree.Session(h.Session)
	m.line(Info, "a hold was taken from its holder", Field{"name", string(h.Key.Name)}, Field{"why", h.Loss.String()},
		Field{"session", h.Session.String()}, Field{"identity", v.Identity})
}

// breakOverdue proposes to take holds that have lasted as long as their MaxHold.
func (m *Master) breakOverdue() {
	var due []tree.HoldKey
	for len(due) < delayBatch {
		k, ok := m.overdue.Due(m.at.Now)
		if !ok {
			break
		}
		due = append(due, k)
	}
	if len(due) == 0 {
		return
	}
	slices.SortFunc(due, func(a, b tree.HoldKey) int {
		if c := strings.Compare(string(a.Name), string(b.Name)); c != 0 {
			return c
		}
		if a.Hold < b.Hold {
			return -1
		}
		return 1
	})
	m.own(&tree.BreakOverdue{Holds: due})
}

// endKilled proposes the end of what killed sessions hold whose lease is over.
func (m *Master) endKilled() {
	var ids []cell.SessionID
	for len(ids) < expiryBatch {
		id, ok := m.sessions.Lapsed(m.at.Now)
		if !ok {
			break
		}
		ids = append(ids, id)
	}
	if len(ids) > 0 {
		slices.Sort(ids)
		m.own(&tree.EndSessions{Sessions: ids, Why: "its lease ran out"})
	}
}

// quit takes the last words of the client of an ended session: it is nobody's cacher any more, and
// when its holds are over too, what was taken from it comes free.
func (m *Master) quit(s *stream, q *call.Quit) {
	if q.Holds {
		s.stale = true
		m.out.Closes = append(m.out.Closes, Close{Stream: s.id, Why: "its session has ended"})
	}
	v, ok := m.tree.Session(q.Session)
	hash := sha256.Sum256(q.Key[:])
	if !ok || !v.Ended || subtle.ConstantTimeCompare(hash[:], v.KeyHash[:]) != 1 {
		return
	}
	m.dir.Emptied(q.Session, &m.fx)
	m.spread()
	if q.Holds && m.tree.HoldCount(q.Session) > 0 {
		m.own(&tree.Quit{Session: q.Session})
	}
}

// letGo looks at a session that has ended and whose holds are gone: its record may follow (C11).
func (m *Master) letGo(id cell.SessionID) {
	if _, live := m.sessions.Get(id); live {
		return
	}
	if v, ok := m.tree.Session(id); ok && v.Ended && m.tree.HoldCount(id) == 0 {
		m.sessions.Quit(id)
		m.reaps.add(id)
	}
}

// takeOverHolds counts MaxHolds and Margins anew, each in full: late, never early.
func (m *Master) takeOverHolds(now lease.Instant) {
	for _, h := range m.tree.Timed() {
		m.overdue.Set(h.Key, now.Add(h.Length))
	}
	for _, h := range m.tree.Taken() {
		if l, ok := m.sessions.Get(h.Session); ok {
			m.sessions.Taken(now, l, h.Key.Hold, h.Margin)
		}
	}
}
