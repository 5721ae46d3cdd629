package tree

import (
	"strconv"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// made is what a call says of the node that it makes. Ancestors that it makes too are plain.
type made struct {
	contents  []byte
	ephemeral bool
	lasting   call.Lasting
	acl       cell.ACL
}

// makeNodes makes the nodes that were decided: empty ones that stay, and last the target.
func (t *Tree) makeNodes(a *Applied, d *decision, as made) cell.Stat {
	for i, name := range d.make {
		n := t.newNode(name, a.Txn.Time)
		parent, _ := name.Parent()
		t.inherit(n, parent)
		before, _ := t.listed(name)
		if i == len(d.make)-1 {
			as.give(n, a.Txn.Session, *t.aclOf(n))
		}
		n.checksum = cell.Checksum(n.contents)
		t.addNode(n)
		t.listedAnew(a, name, before)
		t.change(a, call.EventCreated, n, n.contents)
		t.childChanged(a, name, 1)
	}
	if d.open {
		t.countSequence(d.target)
	}
	return t.node(d.target).stat()
}

// give makes n, which has the ACL names of its parent, what it is to be.
func (m *made) give(n *node, maker cell.SessionID, inherited cell.ACL) {
	n.contents = m.contents
	if m.ephemeral {
		n.edit().owner = maker
	}
	if m.lasting != (call.Lasting{}) {
		n.edit().lasting = m.lasting
	}
	if m.acl != (cell.ACL{}) {
		names := inherited.With(m.acl)
		n.edit().acl = &names
	}
}

func (t *Tree) newNode(name cell.Name, now int64) *node {
	return &node{name: name, instance: uint64(t.mark.Zxid), contentGeneration: 1,
		created: now, modified: now, zxid: t.mark.Zxid}
}

// childChanged tells a parent that a child was made (1) or deleted (−1).
func (t *Tree) childChanged(a *Applied, child cell.Name, by int) {
	parent, ok := child.Parent()
	cell.Assert(ok, "%s made or deleted as a child", child)
	p := t.ownNode(parent)
	x := p.edit()
	x.children += by
	x.childrenGeneration++
	t.keepNode(p)
	t.change(a, call.EventChildren, p, nil)
}

// countSequence raises the parent's counter to the number that the sequential name ends in.
func (t *Tree) countSequence(name cell.Name) {
	parent, _ := name.Parent()
	number, err := strconv.ParseUint(string(name[len(name)-call.SequenceDigits:]), 10, 64)
	p := t.ownNode(parent)
	cell.Assert(err == nil && number > p.extras().sequence, "sequence %s after %d", name, p.extras().sequence)
	p.edit().sequence = number
	t.keepNode(p)
}

func (t *Tree) write(a *Applied, d *decision, o *call.Write) cell.Stat {
	if len(d.make) > 0 {
		return t.makeNodes(a, d, made{o.Contents, o.Ephemeral, o.Lasting, o.ACL})
	}
	before, _ := t.listed(o.Name)
	n := t.ownNode(o.Name)
	t.grow(o.Name, 0, len(o.Contents)-len(n.contents))
	n.contents, n.checksum = o.Contents, cell.Checksum(o.Contents)
	n.contentGeneration++
	n.modified, n.zxid = a.Txn.Time, t.mark.Zxid
	t.keepACL(n)
	t.keepNode(n)
	t.listedAnew(a, o.Name, before)
	t.change(a, call.EventModified, n, n.contents)
	return n.stat()
}

// remove deletes a node: the deleter's own holds end first, and the waiters are told (C1).
func (t *Tree) remove(a *Applied, name cell.Name) cell.Stat {
	n := t.node(name)
	if _, locked := t.locks.Get(name); locked {
		t.dropLock(a, n)
		n = t.node(name)
	}
	before, _ := t.listed(name)
	t.dropNode(n)
	t.listedAnew(a, name, before)
	t.change(a, call.EventDeleted, n, nil)
	t.childChanged(a, name, -1)
	return n.stat()
}

func (t *Tree) reap(a *Applied, d *decision, o *Reap) {
	for _, name := range d.reap {
		t.remove(a, name)
	}
	if own := t.tiesOf(o.Session); own.ephemerals.Len()+own.holds.Len() == 0 && !o.Keep {
		t.dropSession(t.session(o.Session))
		a.Gone = o.Session
	}
}

func (t *Tree) change(a *Applied, kind call.EventKind, n *node, contents []byte) {
	c := Change{Event: call.Event{Kind: kind, Name: n.name, Zxid: t.mark.Zxid, Stat: n.stat(), Contents: contents}}
	if acl := t.aclOf(n); acl != &openACL {
		c.ACL = acl
	}
	a.Changes = append(a.Changes, c)
}

func (t *Tree) birth(a *Applied, o *Birth) {
	t.format, t.cell, t.id, t.key, t.admin = o.Format, o.Cell, o.ID, o.HandleKey, o.Admin
	t.aclDir = cell.ACLDirectory(o.Cell)
	t.members, t.lengths, t.limits, a.Members = o.Members, o.Lengths, o.Limits, true
	t.granted = cell.Granted{SessionLease: o.Lengths.SessionLease, CacheLease: o.Lengths.CacheLease}
	root, err := cell.RootName(o.Cell)
	cell.Assert(err == nil, "birth of a cell of bad name %q", o.Cell)
	n := t.newNode(root, a.Txn.Time)
	n.checksum = cell.Checksum(nil)
	t.addNode(n)
	t.change(a, call.EventCreated, n, nil)
}
