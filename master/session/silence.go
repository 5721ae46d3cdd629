package session

import (
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
)

// A session that has no KeepAlive parked for half of its lease is silent (L6): that is logged, with
// the rest of its lease, and from the proposal on nothing is granted to it until "heard again" is
// committed. So a new master, which gives everybody else a full lease, gives it that rest.

// listen begins to count the silence of a session that has no KeepAlive parked.
func (t *Table) listen(now lease.Instant, l *Live) {
	if l.parked.Number == 0 && !l.silent {
		t.silence.Set(l.ID, now.Add(t.length/2))
	}
}

// Silence is a session that has fallen silent, and the rest of its lease.
type Silence struct {
	Session cell.SessionID
	Rest    lease.Duration
}

// Silent takes out sessions, at most so many, that have been silent for half of their lease, for the
// caller to propose that; rising. Whose end is proposed, or due, needs no mark.
func (t *Table) Silent(now lease.Instant, most int) []Silence {
	var due []Silence
	for len(due) < most {
		id, ok := t.silence.Due(now)
		if !ok {
			break
		}
		l := t.live[id]
		if at, ok := t.expiry.At(id); ok && at > now && !l.Ending {
			l.silent = true
			due = append(due, Silence{id, at.Sub(now)})
		}
	}
	slices.SortFunc(due, func(a, b Silence) int {
		if a.Session < b.Session {
			return -1
		}
		return 1
	})
	return due
}

// AddSilent takes up a session that is alive in the tree and marked there as silent: it has the rest of
// its lease.
func (t *Table) AddSilent(now lease.Instant, id cell.SessionID, rest lease.Duration) *Live {
	l := t.add(now, id, rest)
	l.silent = true
	t.silence.Remove(id)
	return l
}

// Spoke reports whether that is the first word of a session that is marked as silent: the caller then
// proposes that it is heard again.
func (t *Table) Spoke(l *Live) bool {
	if !l.silent || l.hearing || l.Ending {
		return false
	}
	l.hearing = true
	return true
}

// Heard takes the mark of silence back, or, when logged is false, the proposal to do so.
func (t *Table) Heard(now lease.Instant, l *Live, logged bool) {
	l.hearing = false
	if logged {
		l.silent = false
		t.listen(now, l)
	}
}

// SetLength says how long the leases are that are granted from now on.
func (t *Table) SetLength(length lease.Duration) {
	if length <= 0 { // spelled out: each Step comes by here
		cell.Assert(false, "a session lease of %v", length)
	}
	t.length = length
}
