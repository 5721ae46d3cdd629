package session

import (
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
)

// owed is a hold that was taken from a session, and by when it is to be given back.
type owed struct {
	hold uint64
	due  lease.Instant
}

// Taken notes that a hold was taken from l, and that its acknowledgement may take margin (C1).
func (t *Table) Taken(now lease.Instant, l *Live, hold uint64, margin lease.Duration) {
	l.owed = append(l.owed, owed{hold, now.Add(margin)})
}

// Acknowledged notes that a hold that was taken from l is gone. The caller reconsiders its parked
// KeepAlive.
func (t *Table) Acknowledged(l *Live, hold uint64) {
	l.owed = slices.DeleteFunc(l.owed, func(o owed) bool { return o.hold == hold })
}

// owes reports whether an acknowledgement is overdue.
func (l *Live) owes(now lease.Instant) bool {
	return slices.ContainsFunc(l.owed, func(o owed) bool { return o.due <= now })
}

// Killed forgets a session that was killed, but for the end of its lease: until then its client may
// count on what was taken from it.
func (t *Table) Killed(now lease.Instant, id cell.SessionID) {
	until, ok := t.expiry.At(id)
	if !ok { // its end by expiry is proposed
		until = now
	}
	t.killed.Set(id, until)
	t.Remove(id)
}

// KilledBefore takes up a session that was killed under another master, with a full lease from now.
func (t *Table) KilledBefore(now lease.Instant, id cell.SessionID) {
	t.killed.Set(id, now.Add(t.length))
}

// Quit forgets a killed session altogether: nothing is left of what it held.
func (t *Table) Quit(id cell.SessionID) { t.killed.Remove(id) }

// Lapsed takes out a killed session whose lease is over, for the caller to propose the end of what
// it held.
func (t *Table) Lapsed(now lease.Instant) (cell.SessionID, bool) {
	if now < t.quiet {
		return 0, false
	}
	return t.killed.Due(now)
}
