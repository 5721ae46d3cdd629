package session

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
)

// Park keeps a KeepAlive that came now on the session's newest stream, until half of the session
// lease is left, or a little more (lease.Grant.Renewal), or until cacheDue if that is earlier. One parked
// before is forgotten: its sender has given it up.
func (t *Table) Park(now lease.Instant, l *Live, number uint64, cacheDue lease.Instant) {
	if number < l.parked.Number {
		return // it was overtaken by a newer one
	}
	l.parked = Parked{Number: number, Arrived: now}
	t.silence.Remove(l.ID)
	t.Reconsider(l, cacheDue)
}

// Reconsider sets anew when the parked KeepAlive, if there is one, is answered.
func (t *Table) Reconsider(l *Live, cacheDue lease.Instant) {
	if l.parked.Number == 0 {
		return
	}
	due := cacheDue
	if l.granted.Length == 0 {
		due = 0
	} else {
		due = min(due, l.granted.Renewal())
	}
	t.answers.Set(l.ID, max(0, due))
}

// Due takes out a session whose parked KeepAlive is to be answered now. One whose end is
// proposed stays parked: whoever proposed the end reconsiders it (L5). So does one that owes an
// acknowledgement (C1), or that is not known to be heard again (L6).
func (t *Table) Due(now lease.Instant) (*Live, bool) {
	for {
		id, ok := t.answers.Due(now)
		if !ok {
			return nil, false
		}
		if l := t.live[id]; !l.Ending && !l.silent && !l.owes(now) {
			return l, true
		}
	}
}

// Grant renews the session from now, in answer to its parked KeepAlive: its number, how long it
// was parked, and the length granted.
func (t *Table) Grant(now lease.Instant, l *Live) (number uint64, parked, length lease.Duration) {
	may := !l.Ending && !l.silent && !l.owes(now)
	cell.Assert(may && l.parked.Number != 0, "session %v has nothing to be answered", l.ID)
	p := l.parked
	l.parked = Parked{}
	t.answers.Remove(l.ID)
	l.granted = lease.Grant{At: now, Length: t.length}
	if at, ok := t.expiry.At(l.ID); !ok || l.granted.Until() > at {
		t.expiry.Set(l.ID, l.granted.Until())
	}
	t.listen(now, l)
	return p.Number, now.Sub(p.Arrived), t.length
}

// Spare takes back that the session is about to end: the proposal of it came to nothing.
func (t *Table) Spare(now lease.Instant, l *Live, cacheDue lease.Instant) {
	l.Ending = false
	t.expiry.Set(l.ID, now.Add(t.length))
	t.listen(now, l)
	t.Reconsider(l, cacheDue)
}

func (t *Table) unpark(now lease.Instant, l *Live) {
	if l.parked.Number != 0 {
		l.parked = Parked{}
		t.listen(now, l)
	}
	t.answers.Remove(l.ID)
}
