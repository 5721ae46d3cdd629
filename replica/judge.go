package replica

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/tree"
	"github.com/leasehold/leasehold/replica/zab"
)

// What a master does about digests: it counts what is reported, never trusting its own more than any
// other's, and announces in the next marker what a quorum reported alike (Z14).

// begin is the first transaction of a mastership: a marker.
func (c *selfcheck) begin(at Moment) tree.Marker {
	c.last, c.flying = at.Now, true
	return tree.Marker{From: c.next}
}

// end forgets what only a master knows.
func (c *selfcheck) end() {
	for i := range c.points {
		c.points[i].reports, c.points[i].settled = nil, false
	}
	c.flying, c.waits, c.found, c.news, c.raising = false, 0, nil, false, false
}

// reported takes what another replica reports.
func (r *Replica) reported(at Moment, e zab.Reported, eff *Effects) {
	p := r.check.at(e.At)
	if p == nil || r.master == nil || r.suspect() {
		return
	}
	if _, twice := p.of(e.From); !twice {
		p.reports = append(p.reports, report{e.From, e.Digest})
		r.judge(at, p, eff)
	}
}

// judge finds out whether a quorum reports alike at a point, and who differs from it.
func (r *Replica) judge(at Moment, p *point, eff *Effects) {
	c := &r.check
	right, ok := p.digest, p.settled
	if !ok {
		right, ok = r.alike(p)
	}
	switch {
	case !ok:
		return
	case right != p.digest:
		r.quarantine(at, fmt.Sprintf("at index %d this master's tree has the digest %016x, a quorum reports %016x",
			p.index, p.digest, right), eff)
		return
	}
	if !p.settled {
		p.settled = true
		r.batch = append(r.batch, zab.Agrees{At: p.index})
		if c.found == nil || c.found.index < p.index {
			found := *p
			c.found, c.waits = &found, 0
		}
	}
	for _, x := range p.reports {
		if x.digest != right {
			c.news = true
			r.batch = append(r.batch, zab.Differs{ID: x.from})
			eff.Lines = append(eff.Lines, Line{"error", fmt.Sprintf(
				"at index %d replica %d reports the digest %016x, a quorum %016x: it is not counted until it is rebuilt",
				p.index, x.from, x.digest, right)})
		}
	}
	p.reports = keepAlike(p.reports, right)
}

// keepAlike leaves those who differ out: they are told of once.
func keepAlike(all []report, right uint64) []report {
	kept := all[:0]
	for _, x := range all {
		if x.digest == right {
			kept = append(kept, x)
		}
	}
	return kept
}

// alike is the digest that a quorum reports.
func (r *Replica) alike(p *point) (uint64, bool) {
	self := r.config.Core.ID
	reported := func(digest uint64) bool {
		return r.core.Quorum(func(id cell.ReplicaID) bool {
			got, ok := p.of(id)
			if id == self {
				got, ok = p.digest, true
			}
			return ok && got == digest
		})
	}
	if reported(p.digest) {
		return p.digest, true
	}
	for _, x := range p.reports {
		if reported(x.digest) {
			return x.digest, true
		}
	}
	return 0, false
}

// due is what this master has to log beside what it is asked for; nil: nothing.
func (r *Replica) due(at Moment) tree.Op {
	c := &r.check
	if r.master == nil || !r.master.Ready() || r.suspect() || !r.Holds(at.Now) {
		return nil
	}
	if op := r.raise(); op != nil {
		return op
	}
	if c.flying || c.since < r.markerEvery() && at.Now < c.last.Add(markerWithin) && !c.news &&
		c.disputed == c.disputes(at.Now) {
		return nil
	}
	m := &tree.Marker{From: c.next, Disputed: c.disputes(at.Now)}
	if c.found != nil {
		m.Agreed, m.Digest = c.found.index, c.found.digest
	}
	c.last, c.flying, c.news = at.Now, true, false
	return m
}

// disputes reports whether no quorum has reported alike for too long.
func (c *selfcheck) disputes(now lease.Instant) bool {
	return c.waits != 0 && now >= c.waits.Add(disputedAfter)
}

func (r *Replica) markerEvery() int {
	if n := r.config.MarkerEvery; n > 0 {
		return n
	}
	return markerEvery
}

// wake is when a marker is due by time alone. One that is due and cannot be proposed waits for the
// lease, which does not come by time.
func (c *selfcheck) wake(r *Replica, now lease.Instant) lease.Instant {
	if r.master == nil || c.flying {
		return lease.Never
	}
	at := c.last.Add(markerWithin)
	if c.waits != 0 && !c.disputed {
		at = min(at, c.waits.Add(disputedAfter))
	}
	if at <= now {
		return lease.Never
	}
	return at
}
