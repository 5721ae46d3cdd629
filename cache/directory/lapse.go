package directory

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
)

// forget drops all that c had registered, without its word: its cache lease is over. The next
// answer to it names a new incarnation.
func (d *Directory) forget(c *cacher) {
	d.unregisterAll(c)
	c.inc, c.unacked, c.untold = d.incarnation(), true, true
}

// lapse ends the debts of c, whose cache lease is over.
func (d *Directory) lapse(now lease.Instant, c *cacher, fx *Effects) {
	cell.Assert(now >= c.until, "session %v lapses before its time", c.session)
	if l, waited := worst(now, c); waited {
		l.Excused = now < d.excused
		fx.Lapses = append(fx.Lapses, l)
		c.banned = d.penalty(now)
	}
	d.forget(c)
	d.pay(c, c.seq, fx)
}

// penalty is until when a session fills nothing whose lapse a round had to wait for.
func (d *Directory) penalty(now lease.Instant) lease.Instant {
	if now < d.excused {
		return 0
	}
	return now.Add(penaltyLeases * d.length)
}

// worst is the lapse of c as the log tells it: the round that has waited longest.
func worst(now lease.Instant, c *cacher) (l Lapse, waited bool) {
	l.Session = c.session
	for _, b := range c.debts {
		for _, r := range b.rounds {
			if w := now.Sub(r.opened); !waited || w > l.Waited {
				l.Name, l.Waited, waited = b.about(), w, true
			}
		}
	}
	return l, waited
}

// about is one of the names of a debt, or "" when it is of every name.
func (b *debt) about() cell.Name {
	if b.everything {
		return ""
	}
	return b.entries[0].name
}

// Left reports whether the session, which has ended, is nobody's cacher any more, by ack or
// lapse (C11); it is then forgotten.
func (d *Directory) Left(now lease.Instant, s cell.SessionID) bool {
	if d.old.has(s) {
		return false
	}
	c, ok := d.cachers[s]
	if !ok {
		return true
	}
	if len(c.debts) > 0 || (len(c.regs) > 0 && now < c.until) {
		return false
	}
	d.forget(c)
	delete(d.cachers, s)
	return true
}

// Empty reports whether the session can have nothing in its cache now: its cache lease is over, or
// nothing is registered and nothing owed; and it is no suspect.
func (d *Directory) Empty(now lease.Instant, s cell.SessionID) bool {
	if d.old.has(s) {
		return false
	}
	c, ok := d.cachers[s]
	return !ok || now >= c.until || len(c.regs) == 0 && len(c.debts) == 0
}

// Until is when the session's cache lease is over at the latest, as far as we granted it or must
// suppose that another master did.
func (d *Directory) Until(now lease.Instant, s cell.SessionID) lease.Instant {
	if d.old.has(s) {
		return d.old.until
	}
	if c, ok := d.cachers[s]; ok {
		return max(now, c.until)
	}
	return now
}
