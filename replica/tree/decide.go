package tree

import (
	"fmt"
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// decision is what a transaction would do to the nodes, found without doing it.
type decision struct {
	target cell.Name   // of a client's op; for a sequential create the name it makes
	make   []cell.Name // nodes to make, parents first, the target last
	reap   []cell.Name // ephemerals, or perishable nodes, to delete
	names  []cell.Name // those that it changes: what the transaction must carry (C11)
	open   bool        // the target is made by a sequential create: its parent in names covers it
	parts  []decision  // of a call.Txn, in the order of its parts
}

// covers reports whether name is made by a sequential create.
func (d *decision) covers(name cell.Name) bool {
	if d.open && name == d.target {
		return true
	}
	for i := range d.parts {
		if d.parts[i].covers(name) {
			return true
		}
	}
	return false
}

// carries refuses a transaction that would change a name which it does not carry (C11).
func (t *Txn) carries(names []cell.Name) error {
	for _, n := range names {
		if !t.carried(n) {
			return fmt.Errorf("%w: the call would change %s, and was not admitted for that", cell.ErrConflict, n)
		}
	}
	return nil
}

func (t *Txn) carried(n cell.Name) bool {
	_, ok := slices.BinarySearch(t.Names, n)
	return ok
}

// Plan is asked by the master before it proposes: the names that the transaction must carry, and
// whether the tree refuses it already, as it now stands. Names, Time and Acked of tx are not
// read. No names: no node changes (a lock is no Stat), so no round is needed. A sequential create
// carries its parent for the child that it makes. It is a read: what it says of a session's call
// holds only while no earlier call of that session is on its way.
func (t *Tree) Plan(tx Txn) ([]cell.Name, *call.Result) {
	d, err := t.plan(tx)
	if err != nil {
		r := t.fail(err)
		return nil, &r
	}
	slices.Sort(d.names)
	return slices.Compact(d.names), nil
}

func (t *Tree) plan(tx Txn) (decision, error) {
	tx.Names, tx.Acked = nil, 0
	if why := tx.Invalid(); why != "" {
		return decision{}, fmt.Errorf("%w: %s", cell.ErrProtocol, why)
	}
	if tx.Session != 0 {
		x := t.session(tx.Session)
		if x == nil || x.ended {
			return decision{}, errEnded(tx.Session, t.whyEnded(tx.Session))
		}
	}
	return t.decide(&tx)
}

func (t *Tree) whyEnded(id cell.SessionID) string {
	if x := t.session(id); x != nil {
		return x.why
	}
	return ""
}

// decide finds what a valid transaction would do, or why it is refused. It changes nothing.
func (t *Tree) decide(tx *Txn) (decision, error) {
	switch o := tx.Op.(type) {
	case *Marker:
		return decision{}, nil
	case *Birth:
		return t.decideBirth(o)
	}
	if !t.Born() {
		return decision{}, fmt.Errorf("%w: the cell is not born", cell.ErrConflict)
	}
	if tx.Session != 0 {
		if err := t.Permit(tx.Principal, tx.Op); err != nil {
			return decision{}, err
		}
	}
	switch o := tx.Op.(type) {
	case *call.Create:
		return t.decideCreate(tx, o)
	case *call.Write:
		return t.decideWrite(tx, o)
	case *call.Delete:
		return t.decideDelete(tx, o)
	case *call.Acquire:
		return t.decideAcquire(tx, o)
	case *call.Txn:
		return t.decideTxn(tx, o)
	case *call.SetACL:
		return t.decideSetACL(o)
	case *call.Break:
		return decision{}, t.decideBreak(o)
	case *call.Set:
		return decision{}, t.decideSet(o)
	case *Allow:
		return decision{}, t.decideAllow(o)
	case *Raise:
		return decision{}, t.decideRaise(o)
	case *call.Kill:
		return decision{}, t.decideKill(o)
	case *OpenSession:
		return decision{}, t.admitSession(o)
	case *Reap:
		return t.decideReap(o)
	case *Perish:
		return t.decidePerish(o)
	}
	return decision{}, nil
}

func (t *Tree) decideBirth(o *Birth) (decision, error) {
	if t.Born() {
		return decision{}, fmt.Errorf("%w: the cell %s is born already", cell.ErrConflict, t.cell)
	}
	root, err := cell.RootName(o.Cell)
	return decision{target: root, names: []cell.Name{root}}, err
}

// inCell refuses a name of another cell.
func (s *state) inCell(name cell.Name) error {
	if name.Cell() != s.cell {
		return fmt.Errorf("%w: %s is not in cell %s", cell.ErrWrongCell, name, s.cell)
	}
	return nil
}

// proved refuses a sequencer that names no standing hold (C2).
func (t *Tree) proved(q *cell.Sequencer) error {
	if q != nil && !t.CheckSequencer(*q) {
		return fmt.Errorf("%w: %s names no hold that stands", cell.ErrStaleSequencer, q)
	}
	return nil
}
