package session

import (
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
)

// Live is a session that has not ended, as this master sees it.
type Live struct {
	ID      cell.SessionID
	Stream  uint64 // its newest stream; 0: none since this mastership began, or it is down
	Number  uint64 // of the newest attach; 0: none in this mastership
	Caching bool   // logged as caching (C5)
	Marking bool   // that mark is on its way
	Ending  bool   // its end is proposed (L5)
	Closing bool   // a clean close is on its way: it fills no cache any more
	Spoke   bool   // its client has said something as this session, so it knows its number
	Acked   uint64 // the highest acked mark heard
	owed    []owed // acknowledgements of holds that were taken
	silent  bool   // its mark of silence is logged, or proposed: nothing is granted (L6)
	hearing bool   // that it is heard again is proposed
	Calls   Calls
	Pace    Pace
	Unacked int         // invalidations sent that no Flushed has come for
	granted lease.Grant // by the newest KeepAlive that was answered on Stream; zero: none yet
	parked  Parked      // Number 0: none
}

// Parked is a KeepAlive that waits for its answer.
type Parked struct {
	Number  uint64
	Arrived lease.Instant
}

// Table holds the live sessions and their deadlines.
type Table struct {
	length  lease.Duration // of a session lease, as it is granted now
	live    map[cell.SessionID]*Live
	expiry  lease.Queue[cell.SessionID]
	answers lease.Queue[cell.SessionID] // parked KeepAlives, by when to answer
	killed  lease.Queue[cell.SessionID] // ended ones with holds that were taken, by the end of their lease
	quiet   lease.Instant               // nobody expires before (L7)
	excused lease.Instant               // time up to here has been excused
	silence lease.Queue[cell.SessionID] // those without a parked KeepAlive, by when they are silent
}

// NewTable is empty. length is that of a session lease, until SetLength says otherwise.
func NewTable(length lease.Duration) *Table {
	cell.Assert(length > 0, "a session lease of %v", length)
	return &Table{length: length, live: map[cell.SessionID]*Live{}}
}

// Add takes up a session that is alive in the tree, with a lease from now. One that is there already
// is given back as it is.
func (t *Table) Add(now lease.Instant, id cell.SessionID) *Live {
	return t.add(now, id, t.length)
}

func (t *Table) add(now lease.Instant, id cell.SessionID, length lease.Duration) *Live {
	if l, ok := t.live[id]; ok {
		return l
	}
	l := &Live{ID: id}
	t.live[id] = l
	t.expiry.Set(id, now.Add(length))
	t.listen(now, l)
	return l
}

// Get is the session, if it is alive.
func (t *Table) Get(id cell.SessionID) (*Live, bool) {
	l, ok := t.live[id]
	return l, ok
}

// Len is the number of live sessions.
func (t *Table) Len() int { return len(t.live) }

// Remove forgets a session that has ended in the tree.
func (t *Table) Remove(id cell.SessionID) {
	delete(t.live, id)
	t.expiry.Remove(id)
	t.answers.Remove(id)
	t.silence.Remove(id)
}

// Attach makes stream the session's newest. What the older one had parked is let go unanswered.
func (t *Table) Attach(now lease.Instant, l *Live, stream, number uint64) {
	l.Stream, l.Number = stream, number
	l.granted = lease.Grant{} // its first KeepAlive here is answered at once
	l.Calls.Rejoin()
	t.unpark(now, l)
}

// Detach says that the session's newest stream is down: what it parked renews nothing (C10).
func (t *Table) Detach(now lease.Instant, l *Live) {
	l.Stream = 0
	t.unpark(now, l)
}

// Alive is a sign of life (L7): the session lives for a full lease from now at least, unless it owes
// an acknowledgement (C1).
func (t *Table) Alive(now lease.Instant, l *Live) {
	if l.owes(now) {
		return
	}
	until := now.Add(t.length)
	if at, ok := t.expiry.At(l.ID); ok && until.Sub(at) > worthMoving {
		t.expiry.Set(l.ID, until)
		t.listen(now, l)
	}
}

// Left is how long the session still has, never below 0.
func (t *Table) Left(now lease.Instant, id cell.SessionID) lease.Duration {
	at, ok := t.expiry.At(id)
	if !ok {
		return 0
	}
	return max(0, at.Sub(now))
}

// Expired takes out sessions, at most so many, whose lease is over, for the caller to propose
// their end; each is Ending from then on. Nobody is in the second after an excuse (L7).
func (t *Table) Expired(now lease.Instant, most int) []cell.SessionID {
	var due []cell.SessionID
	for now >= t.quiet && len(due) < most {
		id, ok := t.expiry.Due(now)
		if !ok {
			break
		}
		t.live[id].Ending = true
		due = append(due, id)
	}
	slices.Sort(due)
	return due
}

// Excuse moves every session's deadline by the time from there to now, except what has been
// excused already, and keeps everybody for a second (L7).
func (t *Table) Excuse(from, now lease.Instant) {
	from = max(from, t.excused)
	if now <= from {
		return
	}
	t.expiry.Shift(now.Sub(from))
	t.killed.Shift(now.Sub(from))
	t.silence.Shift(now.Sub(from))
	t.excused, t.quiet = now, now.Add(quietAfter)
}

// Wake is when Expired or Due may have something; lease.Never for an idle table.
func (t *Table) Wake() lease.Instant {
	return min(t.answers.Next(), t.silence.Next(), max(min(t.expiry.Next(), t.killed.Next()), t.quiet))
}
