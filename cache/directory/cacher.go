package directory

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
)

// cacher is one session that attached in this mastership and may cache.
type cacher struct {
	session cell.SessionID
	renewal lease.Instant // when until is to be moved
	until   lease.Instant // end of its cache lease by our clock; 0: none granted yet
	banned  lease.Instant // fills nothing before (C10)
	inc     uint64        // its cache incarnation
	unacked bool          // the client has not said that it knows inc
	untold  bool          // nor have we said it
	seq     uint64        // of the newest invalidation on its stream
	regs    []*registration
	index   map[*entry]*registration
	debts   []*debt // invalidations not yet acked, oldest first
}

// debt is an invalidation that a cacher has not acked, with the rounds that wait for it.
type debt struct {
	cacher  *cacher
	seq     uint64
	entries []*entry
	rounds  []*round

	everything bool // of every name
}

// Attach makes session a cacher with an empty cache, on a new stream: all that it owed is
// acked, all that it had registered is forgotten (C5, C6). It gives the new incarnation.
func (d *Directory) Attach(s cell.SessionID, fx *Effects) uint64 {
	c, ok := d.cachers[s]
	if !ok {
		c = &cacher{session: s}
		d.cachers[s] = c
	}
	d.clear(s, fx)
	c.inc, c.unacked, c.untold, c.seq = d.incarnation(), false, false, 0
	c.until = 0 // nothing is cached: the next KeepAlive is answered at once, with a lease
	d.absolve(s, fx)
	return c.inc
}

// Emptied says that the session caches nothing any more and never will (a clean close): it acks
// all that it owed.
func (d *Directory) Emptied(s cell.SessionID, fx *Effects) {
	d.clear(s, fx)
	d.absolve(s, fx)
}

// clear drops the registrations of s and pays its debts.
func (d *Directory) clear(s cell.SessionID, fx *Effects) {
	c, ok := d.cachers[s]
	if !ok {
		return
	}
	d.unregisterAll(c)
	d.pay(c, c.seq, fx)
	cell.Assert(len(c.index) == 0 && len(c.debts) == 0, "session %v is cleared and still has names", s)
}

func (d *Directory) incarnation() uint64 {
	d.lastInc++
	return d.lastInc
}

// Incarnation is the session's cache incarnation; 0 when it has not attached.
func (d *Directory) Incarnation(s cell.SessionID) uint64 {
	if c, ok := d.cachers[s]; ok {
		return c.inc
	}
	return 0
}

// Register records, before the value is read, that the session may cache name. It gives the
// incarnation the answer belongs to, or false: the answer must not be cached. Any of names
// under an open round refuses; the first is the one registered.
func (d *Directory) Register(now lease.Instant, s cell.SessionID, names ...cell.Name) (uint64, bool) {
	inc, ok := d.Caches(now, s)
	c := d.cachers[s]
	if !ok || d.everything > 0 || d.full(c) {
		return 0, false
	}
	for _, n := range names {
		if e, ok := d.entries[n]; ok && e.open > 0 {
			return 0, false
		}
	}
	e := d.entry(names[0])
	if _, ok := c.index[e]; !ok {
		r := &registration{cacher: c, entry: e, at: len(e.regs), of: len(c.regs)}
		if c.index == nil { // most sessions that only stand idle cache nothing
			c.index = map[*entry]*registration{}
		}
		e.regs, c.regs, c.index[e] = append(e.regs, r), append(c.regs, r), r
		d.total++
	}
	return inc, true
}

// Caches gives the incarnation in which the session may cache now; false: it may not.
func (d *Directory) Caches(now lease.Instant, s cell.SessionID) (uint64, bool) {
	c, ok := d.cachers[s]
	if !ok || c.unacked || now >= c.until || now < c.banned {
		return 0, false
	}
	return c.inc, true
}

func (d *Directory) full(c *cacher) bool {
	return len(c.regs) >= MaxRegistrations || d.total >= MaxTotal
}

// Grant gives the session a cache lease from now, or 0 when it owes an ack or is banned (C10),
// and the incarnation its next answer must name. A lease that had run out with names registered
// means that the master has forgotten them: the incarnation is a new one.
func (d *Directory) Grant(now lease.Instant, s cell.SessionID) (lease.Duration, uint64) {
	c, ok := d.cachers[s]
	if !ok {
		return 0, 0
	}
	if now >= c.until && len(c.regs) > 0 {
		d.forget(c)
	}
	c.untold = false
	if c.unacked || len(c.debts) > 0 || now < c.banned {
		return 0, c.inc
	}
	g := lease.Grant{At: now, Length: d.length}
	c.until, c.renewal = g.Until(), g.Renewal()
	return d.length, c.inc
}

// Due is when the session should hear from us again for its cache's sake: when its lease is to be
// renewed. lease.Never when a grant would give nothing; at once (0) when it has none, or
// when there is a new incarnation to be told.
func (d *Directory) Due(now lease.Instant, s cell.SessionID) lease.Instant {
	c, ok := d.cachers[s]
	switch {
	case ok && c.untold:
		return 0
	case !ok || c.unacked || len(c.debts) > 0:
		return lease.Never
	case now < c.banned:
		return c.banned
	case now >= c.until:
		return 0
	}
	return c.renewal
}
