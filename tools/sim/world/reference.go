package world

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/tree"
)

// reference is the tree of the canonical history: each commit is applied to it once, at the
// instant at which the first replica delivers it. No replica can know of an outcome earlier.
type reference struct {
	cell *Cell
	tree *tree.Tree
	next uint64
	anew map[string]bool // calls that met ErrConflict: the client makes them anew, behind later ones
}

func newReference(c *Cell) *reference {
	return &reference{cell: c, next: 1, anew: map[string]bool{},
		tree: tree.New(tree.Options{HistoryCount: 10, HistoryBytes: 1 << 16, Format: nextFormat})}
}

// committed applies what is new and lets the checkers see what it did.
func (r *reference) committed(rec record.Record) {
	if rec.Index != r.next || r.cell.swarm.Bare {
		return
	}
	r.next++
	done := r.tree.Apply(rec)
	c := r.cell
	if done.Fatal != "" {
		c.court.Fail("B5", "the record %v cannot be applied: %s", rec.Mark(), done.Fatal)
		return
	}
	c.history.Tree(0, rec.Index, r.tree.Digest())
	r.names(done)
	for i := range done.Changes {
		c.feed.Add(done.Changes[i].Event)
	}
	c.book(done)
	for _, g := range done.Grants {
		c.counters.HandOvers++
		r.given(g.State)
	}
	if a := done.Result.Acquired; a != nil && a.Held && !done.Replayed {
		r.given(*a)
	}
	switch o := done.Txn.Op.(type) {
	case *tree.Marker:
		c.marked(o)
	case *tree.Raise:
		c.raised(o)
	case *tree.Birth:
		c.counters.Births++
	case *tree.Bind:
		c.counters.Bound++
	}
	c.taken(done)
	c.leases(done)
	c.counters.LockDelays += len(done.Delays)
	if done.Replayed {
		c.counters.Replayed++
	}
	if done.Result.Code == cell.CodeOf(cell.ErrConflict) {
		c.counters.Conflicts++
		r.anew[callKey(done.Txn.Session, done.Txn.Op)] = true
	}
	if rec.Index%64 == 0 {
		if err := r.tree.Check(); err != nil {
			c.court.Fail("C11", "the tree contradicts itself at %v: %v", rec.Mark(), err)
		}
	}
}

// metConflict reports whether a call of the session that asks for just this was ever refused with
// ErrConflict: of such a call it is not known behind which others it was made anew (C11).
func (r *reference) metConflict(session cell.SessionID, op tree.Op) bool {
	return len(r.anew) > 0 && r.anew[callKey(session, op)]
}

func callKey(session cell.SessionID, op tree.Op) string {
	return string(tree.Encode(tree.Txn{Session: session, Op: op}))
}

// given: from this instant on nobody else may still act under the lock (C1).
func (r *reference) given(s call.HoldState) {
	if s.Sequencer.Mode == cell.Exclusive {
		r.cell.holds.Given(string(s.Sequencer.Name), s.Sequencer.Token())
	}
}

// names checks that a transaction changed no name that it does not carry (C11). What a
// sequential create makes gets its name only then: nobody knows it before.
func (r *reference) names(done tree.Applied) {
	carried := map[cell.Name]bool{}
	for _, n := range done.Txn.Names {
		carried[n] = true
	}
	switch o := done.Txn.Op.(type) {
	case *tree.Birth:
		return
	case *call.Create:
		if o.Sequential {
			carried[done.Result.Stat.Name] = true
		}
	}
	for _, ch := range done.Changes {
		if !carried[ch.Name] && !ch.Kind.OfLock() {
			r.cell.court.Fail("C11", "the transaction %v changed %s, which it does not carry", done.Mark, ch.Name)
		}
	}
}
