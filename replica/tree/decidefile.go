package tree

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

func (t *Tree) decideCreate(tx *Txn, o *call.Create) (decision, error) {
	parent, base, err := o.Target()
	if err != nil {
		return decision{}, err
	}
	if parent == "" {
		return decision{}, fmt.Errorf("%w: %s is a root, which is always there", cell.ErrExists, o.Name)
	}
	if err := t.inCell(parent); err != nil {
		return decision{}, err
	}
	if err := t.proved(o.IfHeld); err != nil {
		return decision{}, err
	}
	target := parent + "/" + cell.Name(base)
	if o.Sequential {
		target = t.sequential(parent, base)
	} else if t.node(target) != nil {
		return decision{}, fmt.Errorf("%w: %s", cell.ErrExists, target)
	}
	if o.Ephemeral {
		if err := t.admitEphemeral(tx.Session); err != nil {
			return decision{}, err
		}
	}
	d, err := t.decideMake(target, o.Parents, o.Contents)
	if o.Sequential && err == nil {
		d.open = true
		d.names = d.names[:len(d.names)-1]
	}
	return d, err
}

// sequential is the name that the next sequential create makes: numbers count up from 1 per
// parent and never come back. Names that somebody chose to look so are passed over.
func (t *Tree) sequential(parent cell.Name, base string) cell.Name {
	next := uint64(1)
	if p := t.node(parent); p != nil {
		next = p.extras().sequence + 1
	}
	for ; ; next++ {
		if name := numbered(parent, base, next); t.node(name) == nil {
			return name
		}
	}
}

func numbered(parent cell.Name, base string, n uint64) cell.Name {
	return cell.Name(fmt.Sprintf("%s/%s%0*d", parent, base, call.SequenceDigits, n))
}

// decideMake decides about a missing node, and with parents about its missing ancestors. Its
// names are the deepest ancestor that exists, then those to be made.
func (t *Tree) decideMake(target cell.Name, parents bool, contents []byte) (decision, error) {
	d := decision{target: target, make: []cell.Name{target}}
	above, ok := target.Parent()
	for ; ok && t.node(above) == nil; above, ok = above.Parent() {
		if !parents {
			return d, fmt.Errorf("%w: %s, the parent of %s", cell.ErrNotFound, above, target)
		}
		d.make = append(d.make, above)
	}
	cell.Assert(ok, "no ancestor of %s exists", target)
	d.names = make([]cell.Name, 0, len(d.make)+1)
	d.names = append(d.names, above)
	for i := len(d.make) - 1; i >= 0; i-- {
		d.names = append(d.names, d.make[i])
	}
	d.make = d.names[1:len(d.names):len(d.names)]
	for _, name := range d.make[:len(d.make)-1] {
		if err := t.admitACL(name, nil); err != nil {
			return d, err
		}
	}
	if err := t.admitACL(target, contents); err != nil {
		return d, err
	}
	if err := t.admitNodes(t.node(above), target, len(d.make), len(contents)); err != nil {
		return d, err
	}
	return d, t.admitGrowth(&d, len(contents))
}

// admitNodes refuses what would pass a limit or give an ephemeral a child (B2).
func (t *Tree) admitNodes(above *node, target cell.Name, count, size int) error {
	switch depth := target.Depth(); {
	case len(target) > t.limits.Name:
		return &cell.LimitError{Limit: "name", Most: t.limits.Name, Got: len(target)}
	case depth > t.limits.Depth:
		return &cell.LimitError{Limit: "depth", Most: t.limits.Depth, Got: depth}
	case above.extras().owner != 0:
		return fmt.Errorf("%w: %s is one", cell.ErrEphemeralParent, above.name)
	case above.extras().children+1 > t.limits.Children:
		return &cell.LimitError{Limit: "children", Most: t.limits.Children, Got: above.extras().children + 1}
	case t.nodes.Len()+count > t.limits.Nodes:
		return &cell.LimitError{Limit: "nodes", Most: t.limits.Nodes, Got: t.nodes.Len() + count}
	}
	return t.admitValue(size)
}

func (t *Tree) admitValue(size int) error {
	if size > t.limits.Value {
		return &cell.LimitError{Limit: "value", Most: t.limits.Value, Got: size}
	}
	return nil
}

func (t *Tree) decideWrite(tx *Txn, o *call.Write) (decision, error) {
	if err := t.inCell(o.Name); err != nil {
		return decision{}, err
	}
	if err := t.proved(o.IfHeld); err != nil {
		return decision{}, err
	}
	n := t.node(o.Name)
	if err := matches(n, o.Name, o.Instance, o.IfGeneration, o.OrCreate); err != nil {
		return decision{}, err
	}
	if n == nil {
		if o.Ephemeral {
			if err := t.admitEphemeral(tx.Session); err != nil {
				return decision{}, err
			}
		}
		return t.decideMake(o.Name, o.Parents, o.Contents)
	}
	if err := t.admitACL(o.Name, o.Contents); err != nil {
		return decision{}, err
	}
	d := decision{target: o.Name, names: []cell.Name{o.Name}}
	if err := t.admitValue(len(o.Contents)); err != nil {
		return d, err
	}
	return d, t.admitGrowth(&d, len(o.Contents)-len(n.contents))
}

// matches refuses what is about another instance or content generation of a node than the one
// that is there. A missing node (n is nil) is in generation 0, and is found only if absent is.
func matches(n *node, name cell.Name, instance uint64, generation *uint64, absent bool) error {
	if instance != 0 && (n == nil || n.instance != instance) {
		return fmt.Errorf("%w: instance %d of %s", cell.ErrStaleHandle, instance, name)
	}
	if n == nil && !absent {
		return fmt.Errorf("%w: %s", cell.ErrNotFound, name)
	}
	if generation == nil {
		return nil
	}
	is := uint64(0)
	if n != nil {
		is = n.contentGeneration
	}
	if is != *generation {
		return fmt.Errorf("%w: %s is in generation %d, not %d", cell.ErrGeneration, name, is, *generation)
	}
	return nil
}

func (t *Tree) decideDelete(tx *Txn, o *call.Delete) (decision, error) {
	if err := t.inCell(o.Name); err != nil {
		return decision{}, err
	}
	parent, ok := o.Name.Parent()
	if !ok { // before the proof, which needs no right here: the answer says nothing of it
		return decision{}, fmt.Errorf("%w: %s is the root, which is never deleted", cell.ErrDenied, o.Name)
	}
	if err := t.proved(o.IfHeld); err != nil {
		return decision{}, err
	}
	n := t.node(o.Name)
	if err := matches(n, o.Name, o.Instance, o.IfGeneration, false); err != nil {
		return decision{}, err
	}
	if n.extras().children > 0 {
		return decision{}, fmt.Errorf("%w: %s has %d", cell.ErrNotEmpty, o.Name, n.extras().children)
	}
	d := decision{target: o.Name, names: []cell.Name{parent, o.Name}}
	return d, t.deletable(o.Name, tx.Session)
}

// deletable refuses to delete a node whose lock is in lock-delay, taken from anybody, or held by
// another session (C1).
func (t *Tree) deletable(name cell.Name, by cell.SessionID) error {
	l, ok := t.locks.Get(name)
	if !ok {
		return nil
	}
	if len(l.delays) > 0 {
		return fmt.Errorf("%w: that of %s is in its lock-delay", cell.ErrLocked, name)
	}
	for _, h := range l.holders {
		if h.session != by || h.loss.Taken() {
			return t.heldBy(l, h)
		}
	}
	return nil
}

// heldBy says who keeps a lock.
func (t *Tree) heldBy(l *lock, h *hold) error {
	x := t.session(h.session)
	if h.loss.Taken() {
		return fmt.Errorf("%w: that of %s was taken from session %v (%s), which has not given it back",
			cell.ErrLocked, l.name, x.id, x.identity)
	}
	return fmt.Errorf("%w: that of %s, %s by session %v (%s)", cell.ErrLocked, l.name, h.mode, x.id, x.identity)
}

// decideReap finds which of the named nodes are free ephemerals of the ended session.
func (t *Tree) decideReap(o *Reap) (decision, error) {
	var d decision
	x := t.session(o.Session)
	if x == nil || !x.ended {
		return d, fmt.Errorf("%w: session %v has not ended, or is gone", cell.ErrConflict, o.Session)
	}
	for _, name := range o.Names {
		n := t.node(name)
		if n == nil || n.extras().owner != o.Session || t.deletable(name, 0) != nil {
			continue
		}
		parent, ok := name.Parent()
		cell.Assert(ok, "the root is an ephemeral")
		d.reap = append(d.reap, name)
		d.names = append(d.names, parent, name)
	}
	return d, nil
}
