package directory

import (
	"maps"
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
)

// suspects are the sessions that may cache anything from an earlier mastership (C5).
type suspects struct {
	until   lease.Instant
	waiting map[cell.SessionID]bool
}

func newSuspects(until lease.Instant, caching []cell.SessionID) suspects {
	s := suspects{until: until, waiting: make(map[cell.SessionID]bool, len(caching))}
	for _, id := range caching {
		s.waiting[id] = true
	}
	return s
}

func (s *suspects) has(id cell.SessionID) bool { return s.waiting[id] }

// absolve takes the session from the suspects; when it was the last, the rounds go on.
func (d *Directory) absolve(s cell.SessionID, fx *Effects) bool {
	if !d.old.has(s) {
		return false
	}
	delete(d.old.waiting, s)
	if len(d.old.waiting) == 0 {
		d.clearSuspicion(fx)
	}
	return true
}

// endSuspicion ends the wait for those who have not attached within one cache lease. If a round
// had to wait for them, each is named and penalized when it comes back (C10).
func (d *Directory) endSuspicion(now lease.Instant, fx *Effects) {
	if len(d.old.waiting) == 0 || now < d.old.until {
		return
	}
	late := slices.Sorted(maps.Keys(d.old.waiting))
	waited, any := d.oldest(now)
	for _, s := range late {
		if any {
			d.cachers[s] = &cacher{session: s, index: map[*entry]*registration{}, inc: d.incarnation(),
				unacked: true, untold: true, banned: d.penalty(now)}
			fx.Lapses = append(fx.Lapses, Lapse{Session: s, Waited: waited, FailOver: true,
				Excused: now < d.excused})
		}
	}
	clear(d.old.waiting)
	d.clearSuspicion(fx)
}

// oldest is how long the rounds that wait for suspects have waited at most.
func (d *Directory) oldest(now lease.Instant) (waited lease.Duration, any bool) {
	for _, id := range slices.Sorted(maps.Keys(d.rounds)) {
		if r := d.rounds[id]; r.old {
			waited, any = max(waited, now.Sub(r.opened)), true
		}
	}
	return waited, any
}

func (d *Directory) clearSuspicion(fx *Effects) {
	for _, id := range slices.Sorted(maps.Keys(d.rounds)) {
		if r := d.rounds[id]; r.old {
			r.old = false
			d.settle(r, fx)
		}
	}
}
