package cache

import "github.com/leasehold/leasehold/cell"

// Ticket is a place in the order of everything that emptied an entry. A read takes one before
// its request is sent.
type Ticket uint64

// stamps remembers when each name was last invalidated, for the newest maxStamps invalidations.
type stamps struct {
	now   Ticket
	floor Ticket // whoever has an older ticket is spoiled: all was emptied, or is forgotten
	last  map[cell.Name]Ticket
	ring  []cell.Name // in order; ring[i] was stamped at base+i
	base  Ticket
}

func newStamps() stamps { return stamps{last: map[cell.Name]Ticket{}, base: 1} }

// hit stamps one name.
func (s *stamps) hit(n cell.Name) {
	s.now++
	s.last[n] = s.now
	s.ring = append(s.ring, n)
	if len(s.ring) <= maxStamps {
		return
	}
	oldest := s.ring[0]
	if s.last[oldest] == s.base {
		delete(s.last, oldest)
	}
	s.ring, s.floor, s.base = s.ring[1:], s.base, s.base+1
}

// hitAll spoils every ticket given out so far.
func (s *stamps) hitAll() {
	s.now++
	s.floor, s.base = s.now, s.now+1
	s.last, s.ring = map[cell.Name]Ticket{}, nil
}

// spoiled reports whether something has hit n, or an ancestor of n, since t was taken.
func (s *stamps) spoiled(t Ticket, n cell.Name) bool {
	if t < s.floor {
		return true
	}
	for up := true; up; n, up = n.Parent() {
		if s.last[n] > t {
			return true
		}
	}
	return false
}
