package check

import (
	"fmt"
	"slices"

	"github.com/leasehold/leasehold/cell"
)

// Sight is one who observes an election.
type Sight struct {
	recipes *Recipes
	who     int
	away    func() bool
	endings int // of holds, when it looked last
	told    bool
	last    cell.Sequencer // zero: nobody
	highest uint64
}

// Observe says that somebody begins to observe; who is away need not know how it ends.
func (r *Recipes) Observe(who int, away func() bool) *Sight {
	s := &Sight{recipes: r, who: who, away: away}
	r.sights = append(r.sights, s)
	return s
}

// End says that it observes no more.
func (s *Sight) End() {
	s.recipes.sights = slices.DeleteFunc(s.recipes.sights, func(x *Sight) bool { return x == s })
}

// Looks says that it looks now: who is told to lead from now on has a hold that has not ended yet.
func (s *Sight) Looks() { s.endings = s.recipes.proofs.Endings() }

// Told says who it was told leads; a zero q is nobody. A leader's hold must have stood when it looked,
// leaders come in their order, and between two of them there is nobody (C2).
func (s *Sight) Told(value string, q cell.Sequencer) {
	court := s.recipes.court
	switch none := q == (cell.Sequencer{}); {
	case none:
	case s.recipes.proofs.EndedBy(q, s.endings):
		court.Fail("C2", "client %d was told that %s leads, whose hold %v had ended before it looked", s.who, value, q)
	case s.last != (cell.Sequencer{}):
		court.Fail("C2", "client %d was told that %s leads right after %v", s.who, value, s.last)
	case q.Token() < s.highest:
		court.Fail("C2", "client %d was told that %s leads, token %d, after %d", s.who, value, q.Token(), s.highest)
	}
	s.told, s.last, s.highest = true, q, max(s.highest, q.Token())
}

// Misled says who believes in the end that somebody leads who does not; "" when nobody does.
func (r *Recipes) Misled() string {
	for _, s := range r.sights {
		if !s.away() && (!s.told || s.last != (cell.Sequencer{}) && !r.proofs.Stands(s.last)) {
			return fmt.Sprintf("client %d believes in the leader with %v", s.who, s.last)
		}
	}
	return ""
}
