package tree

import (
	"sort"

	"github.com/tidwall/btree"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
)

// session is one client's session, alive or ended. It is edited between ownSession and
// keepSession.
type session struct {
	life, sum                    uint64
	id                           cell.SessionID
	keyHash                      [32]byte
	identity, principal, address string
	created                      int64
	caching, ended               bool
	why                          string // it ended
	rest                         int64  // of its lease, when it was marked as silent; 0: it was not
	lastCall, acked              uint64
	answers                      []*answer // rising by call, none below acked (C7)
}

// answer is the record of an applied call. It is not edited; the memory of one that is gone, and that no
// view shows, is that of the next.
type answer struct {
	life   uint64
	call   uint64
	result call.Result
	bytes  int // that it takes, about
	sum    uint64
}

// ties index what belongs to a session: its ephemerals, and its holds and waits by hold number.
// They follow from the rest, and are in no snapshot. Who never had any has none: most sessions only stand
// idle.
type ties struct {
	ephemerals btree.Set[cell.Name]
	holds      btree.Map[uint64, cell.Name]
}

// SessionView is a session as the master sees it. Acked: records below that call are gone.
type SessionView struct {
	ID                           cell.SessionID
	KeyHash                      [32]byte
	Identity, Principal, Address string
	Created                      int64 // unix nanoseconds
	Caching, Ended               bool
	Why                          string         // it ended
	Rest                         lease.Duration // of its lease, when it was marked as silent; 0: it was not
	LastCall, Acked              uint64
}

// Session gives the session of that id, an ended one too as long as its record is kept.
func (s *state) Session(id cell.SessionID) (SessionView, bool) {
	x := s.session(id)
	if x == nil {
		return SessionView{}, false
	}
	return SessionView{ID: x.id, KeyHash: x.keyHash, Identity: x.identity, Principal: x.principal,
		Address: x.address, Created: x.created, Caching: x.caching, Ended: x.ended, Why: x.why,
		Rest: lease.Duration(x.rest), LastCall: x.lastCall, Acked: x.acked}, true
}

// Sessions are the ids of all sessions, ended ones too, rising.
func (s *state) Sessions() []cell.SessionID { return s.sessions.Keys() }

// SessionsFrom calls next for sessions, ended ones too, by rising id from one on, until it is told to stop.
func (s *state) SessionsFrom(from cell.SessionID, next func(id cell.SessionID) bool) {
	s.sessions.Ascend(from, func(id cell.SessionID, _ *session) bool { return next(id) })
}

// SessionByKey finds the session, alive or ended, that was opened with the key of that hash.
func (t *Tree) SessionByKey(hash [32]byte) (cell.SessionID, bool) {
	id, ok := t.keys[hash]
	return id, ok
}

// Recorded is the recorded result of a session's call, if it is still kept (C7). It has no Lock.
func (s *state) Recorded(id cell.SessionID, number uint64) (call.Result, bool) {
	if x := s.session(id); x != nil {
		if a := x.recorded(number); a != nil {
			return a.result, true
		}
	}
	return call.Result{}, false
}

// Ephemerals are names of the session's ephemeral nodes, at most most, in order of name.
func (t *Tree) Ephemerals(id cell.SessionID, most int) []cell.Name {
	var out []cell.Name
	t.tiesOf(id).ephemerals.Scan(func(n cell.Name) bool {
		if len(out) < most {
			out = append(out, n)
		}
		return len(out) < most
	})
	return out
}

func (s *state) session(id cell.SessionID) *session {
	x, _ := s.sessions.Get(id)
	return x
}

func (x *session) recorded(number uint64) *answer {
	i := sort.Search(len(x.answers), func(i int) bool { return x.answers[i].call >= number })
	if i < len(x.answers) && x.answers[i].call == number {
		return x.answers[i]
	}
	return nil
}

// tie is the index of a session, which must be there, to be changed.
func (t *Tree) tie(id cell.SessionID) *ties {
	if x := t.ties[id]; x != nil {
		return x
	}
	x := &ties{}
	if t.rehearsed == nil { // a rehearsal is not asked who owns what
		cell.Assert(t.session(id) != nil, "a tie to session %v, which is not there", id)
		t.ties[id] = x
	}
	return x
}

// tiesOf is the index of a session, to be looked at.
func (t *Tree) tiesOf(id cell.SessionID) *ties {
	if x := t.ties[id]; x != nil {
		return x
	}
	return &untied
}

var untied ties // never changed

// addSession puts a new session in.
func (t *Tree) addSession(x *session) {
	x.life = t.life
	t.sessions.Set(x.id, x)
	t.keys[x.keyHash] = x.id
	t.keepSession(x)
}

// dropSession forgets a session that has nothing any more.
func (t *Tree) dropSession(x *session) {
	own := t.tiesOf(x.id)
	cell.Assert(x.ended && own.ephemerals.Len() == 0 && own.holds.Len() == 0, "session %v dropped too early", x.id)
	t.sum -= x.sum
	for _, a := range x.answers {
		t.sum -= a.sum
	}
	t.sessions.Delete(x.id)
	delete(t.ties, x.id)
	delete(t.keys, x.keyHash)
}

// ownSession is to sessions what ownNode is to nodes.
func (t *Tree) ownSession(id cell.SessionID) *session {
	x := t.session(id)
	cell.Assert(x != nil, "session %v edited and not there", id)
	t.sum -= x.sum
	if x.life == t.life {
		return x
	}
	c := *x
	c.life = t.life
	c.answers = append([]*answer(nil), x.answers...)
	t.sessions.Set(id, &c)
	return &c
}

func (t *Tree) keepSession(x *session) {
	x.sum = x.hash()
	t.sum += x.sum
}
