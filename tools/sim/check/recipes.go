package check

import (
	"maps"
	"math"
	"slices"
	"strings"
)

// Everybody is a room without a bound of its own.
const Everybody = math.MaxInt

// Recipes checks what the recipes promise, from what their users did, in true time.
type Recipes struct {
	court    *Court
	proofs   *Proofs
	sights   []*Sight
	rooms    map[string][]guest
	came     map[string]map[int]bool
	in       map[uint64][]guest
	begun    map[uint64]bool
	put      map[string]bool
	acking   map[string]bool
	acked    map[string]bool
	counted  map[uint64]bool
	numbers  map[uint64]bool
	highest  uint64 // of numbers
	Visitors int
}

// guest is somebody in a room. most is how many it may be in at once, itself included.
type guest struct {
	who    int
	most   int
	inside func() bool
}

// NewRecipes has seen nothing; proofs knows which holds stand.
func NewRecipes(c *Court, proofs *Proofs) *Recipes {
	return &Recipes{court: c, proofs: proofs, rooms: map[string][]guest{}, came: map[string]map[int]bool{},
		in:    map[uint64][]guest{},
		begun: map[uint64]bool{}, put: map[string]bool{}, acking: map[string]bool{}, acked: map[string]bool{},
		counted: map[uint64]bool{}, numbers: map[uint64]bool{}}
}

// Enter says that somebody is in a room as long as inside says so, where at most most may be at once:
// a lock, the permits of a semaphore, a claimed element, a shard.
func (r *Recipes) Enter(room string, who, most int, inside func() bool) {
	r.Visitors++
	now := slices.DeleteFunc(r.rooms[room], func(g guest) bool { return !g.inside() })
	now = append(now, guest{who, most, inside})
	r.rooms[room] = now
	for _, g := range now {
		if len(now) > g.most {
			r.court.Fail("C1", "client %d came to %s, and is one of %d: client %d may be there as one of %d", who, room,
				len(now), g.who, g.most)
		}
	}
}

// Came says that somebody comes to a barrier; Passed, that it was let through, where n must have come.
func (r *Recipes) Came(barrier string, who int) {
	if r.came[barrier] == nil {
		r.came[barrier] = map[int]bool{}
	}
	r.came[barrier][who] = true
}

// Passed: see Came.
func (r *Recipes) Passed(barrier string, n int) {
	if len(r.came[barrier]) < n {
		r.court.Fail("C9", "barrier %s was passed when %d had come", barrier, len(r.came[barrier]))
	}
}

// In says that somebody has entered a round of a double barrier, and is in it as long as inside says so;
// n must have come to it by then.
func (r *Recipes) In(barrier string, round uint64, who, n int, inside func() bool) {
	if !r.begun[round] {
		r.Passed(barrier, n)
	}
	r.begun[round] = true
	r.in[round] = append(r.in[round], guest{who: who, inside: inside})
}

// Leaves says that somebody leaves a double barrier.
func (r *Recipes) Leaves(barrier string, who int) { delete(r.came[barrier], who) }

// Out says that somebody was let out of a round: nobody else may be in it.
func (r *Recipes) Out(round uint64, who int) {
	for _, g := range r.in[round] {
		if g.inside() {
			r.court.Fail("C9", "client %d was let out of round %d while client %d is in it", who, round, g.who)
		}
	}
}

// Put says that somebody was told that an element is in the queue.
func (r *Recipes) Put(name string) { r.put[name] = true }

// Waiting is how many elements were put into a queue and nobody has begun to acknowledge.
func (r *Recipes) Waiting(queue string) (n int) {
	for name := range r.put {
		if strings.HasPrefix(name, queue) && !r.acking[name] {
			n++
		}
	}
	return n
}

// Delivered says that somebody was given an element.
func (r *Recipes) Delivered(name string, who int) {
	if r.acked[name] {
		r.court.Fail("C7", "client %d was given %s, which is acknowledged", who, name)
	}
}

// Acking says that somebody begins to acknowledge an element; Acked, that it was told so.
func (r *Recipes) Acking(name string) { r.acking[name] = true }

// Acked: see Acking.
func (r *Recipes) Acked(name string) { r.acked[name] = true }

// Kept compares the queue as it is in the end with what must be in it, and what must not.
func (r *Recipes) Kept(there func(name string) bool) {
	for _, name := range slices.Sorted(maps.Keys(r.put)) {
		switch is := there(name); {
		case !is && !r.acking[name]:
			r.court.Fail("C7", "%s was put, and is lost", name)
		case is && r.acked[name]:
			r.court.Fail("C7", "%s was acknowledged, and is there", name)
		}
	}
}

// Counted says that an update made a number of the one before it: nobody else's did.
func (r *Recipes) Counted(n uint64) {
	if r.counted[n] {
		r.court.Fail("C7", "two updates made %d: one of them is lost", n)
	}
	r.counted[n] = true
}

// Begun reports whether anybody has ever been in a room.
func (r *Recipes) Begun(room string) bool { return len(r.rooms[room]) > 0 }

// Finished says that somebody was told of a task's end: somebody had done it by then, and nobody is at it.
func (r *Recipes) Finished(task string, who int) {
	if !r.acking[task] {
		r.court.Fail("C7", "client %d was told that %s is done, and nobody has done it", who, task)
	}
	for _, g := range r.rooms[task] {
		if g.inside() {
			r.court.Fail("C1", "client %d was told that %s is done, and client %d is at it", who, task, g.who)
		}
	}
	r.Acked(task)
}

// Giver is one who takes numbers. What it gives grows; if it is ordered, also over everybody's that were
// given before it asked.
type Giver struct {
	recipes *Recipes
	who     int
	ordered bool
	floor   uint64
}

// Numbers says that somebody begins to take numbers.
func (r *Recipes) Numbers(who int, ordered bool) *Giver { return &Giver{r, who, ordered, 0} }

// Asks says that it asks for a number; Gives, that it got one.
func (g *Giver) Asks() {
	if g.ordered {
		g.floor = g.recipes.highest
	}
}

// Gives: see Asks.
func (g *Giver) Gives(n uint64) {
	r := g.recipes
	switch {
	case r.numbers[n]:
		r.court.Fail("C7", "client %d was given the number %d, which was given before", g.who, n)
	case n <= g.floor:
		r.court.Fail("C7", "client %d was given the number %d after %d", g.who, n, g.floor)
	}
	r.numbers[n], r.highest, g.floor = true, max(r.highest, n), n
}
