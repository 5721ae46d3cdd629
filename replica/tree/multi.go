package tree

import (
	"fmt"
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// decideTxn rehearses the parts one after the other: each is decided with what those before it
// have done. The first that is refused refuses the whole.
func (t *Tree) decideTxn(tx *Txn, o *call.Txn) (decision, error) {
	r := t.rehearsal()
	var d decision
	changed := map[cell.Name]bool{} // by a part before, itself
	made := 0
	scrap := &Applied{Mark: t.mark, Txn: *tx}
	for i, p := range o.Parts {
		one, err := r.decidePart(tx, p)
		if err == nil {
			err = onlyOnce(changed, &one)
		}
		if err != nil {
			return decision{}, &call.PartError{Part: i + 1, Err: err}
		}
		if made += len(one.make); made > MaxTxnNames { // before the work is done (L8)
			return decision{}, tooManyNames(made)
		}
		r.doPart(scrap, p, &one)
		d.parts = append(d.parts, one)
		d.names = append(d.names, one.names...)
	}
	slices.Sort(d.names)
	d.names = slices.Compact(d.names)
	return d, admitNames(d.names)
}

// onlyOnce refuses a part that makes, writes or deletes what one before it has, and notes what it
// does itself.
func onlyOnce(changed map[cell.Name]bool, d *decision) error {
	names := d.make
	if len(names) == 0 && d.target != "" {
		names = []cell.Name{d.target}
	}
	for _, n := range names {
		if changed[n] {
			return fmt.Errorf("%w: %s is changed by two parts of one transaction", cell.ErrUsage, n)
		}
		changed[n] = true
	}
	return nil
}

// rehearsal is a tree on which parts can be tried: it shares everything with t, which copies
// what it changes from then on. Who owns what is not kept in it.
func (t *Tree) rehearsal() *Tree {
	t.life++
	r := &Tree{state: t.state, life: t.life, ties: map[cell.SessionID]*ties{}, rehearsed: t}
	r.nodes, r.locks, r.quotas = t.nodes.Copy(), t.locks.Copy(), t.quotas.Copy()
	r.owned = map[cell.SessionID]int{}
	r.acls, r.aclDir, r.named = t.acls.Copy(), t.aclDir, t.named
	return r
}

func tooManyNames(got int) error {
	return &cell.LimitError{Limit: "names of a transaction", Most: MaxTxnNames, Got: got}
}

// admitNames refuses a transaction whose names would not fit beside its parts (B2).
func admitNames(names []cell.Name) error {
	if len(names) > MaxTxnNames {
		return tooManyNames(len(names))
	}
	size := 0
	for _, n := range names {
		size += len(n)
	}
	if size > maxTxnNameBytes {
		return &cell.LimitError{Limit: "bytes of names of a transaction", Most: maxTxnNameBytes, Got: size}
	}
	return nil
}

// decidePart decides about one part. A check has no target.
func (t *Tree) decidePart(tx *Txn, p call.Part) (decision, error) {
	if err := t.Permit(tx.Principal, p); err != nil {
		return decision{}, err
	}
	switch p := p.(type) {
	case *call.Create:
		return t.decideCreate(tx, p)
	case *call.Write:
		return t.decideWrite(tx, p)
	case *call.Delete:
		return t.decideDelete(tx, p)
	case *call.Check:
		return decision{}, t.decideCheck(p)
	case *call.CheckSequencer:
		return decision{}, t.proved(&p.Sequencer)
	}
	return decision{}, fmt.Errorf("%w: a part of no kind", cell.ErrProtocol)
}

func (t *Tree) decideCheck(p *call.Check) error {
	if err := t.inCell(p.Name); err != nil {
		return err
	}
	n := t.node(p.Name)
	if p.Absent && n != nil {
		return fmt.Errorf("%w: %s", cell.ErrExists, p.Name)
	}
	return matches(n, p.Name, p.Instance, p.IfGeneration, p.Absent)
}

// doTxn does the parts that were decided. Each gives the Stat of what it made, changed or
// deleted, or of the node that it checked.
func (t *Tree) doTxn(a *Applied, d *decision, o *call.Txn, r *call.Result) {
	r.Parts = make([]cell.Stat, len(o.Parts))
	for i, p := range o.Parts {
		r.Parts[i] = t.doPart(a, p, &d.parts[i])
	}
	a.Changes = foldChildren(a.Changes)
}

func (t *Tree) doPart(a *Applied, p call.Part, d *decision) cell.Stat {
	switch p := p.(type) {
	case *call.Create:
		return t.makeNodes(a, d, made{p.Contents, p.Ephemeral, p.Lasting, p.ACL})
	case *call.Write:
		return t.write(a, d, p)
	case *call.Delete:
		return t.remove(a, d.target)
	case *call.Check:
		if n := t.node(p.Name); n != nil {
			return n.stat()
		}
	}
	return cell.Stat{}
}

// foldChildren keeps, of all changes of one node's child list, the last: the transaction has
// changed the list once.
func foldChildren(changes []Change) []Change {
	told := map[cell.Name]bool{}
	kept := len(changes)
	for i := len(changes) - 1; i >= 0; i-- {
		c := changes[i]
		if c.Kind == call.EventChildren {
			if told[c.Name] {
				continue
			}
			told[c.Name] = true
		}
		kept--
		changes[kept] = c
	}
	return changes[kept:]
}
