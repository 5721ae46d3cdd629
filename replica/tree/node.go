package tree

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
)

// node is one node of the namespace. Its contents are replaced, never edited; the rest is edited
// only between ownNode and keepNode. There may be millions: what few of them have is extra.
type node struct {
	life              uint64 // of the tree, when this copy was made
	sum               uint64 // hash, as it stands in the tree's sum
	name              cell.Name
	contents          []byte
	instance          uint64
	contentGeneration uint64
	checksum          uint64
	created, modified int64
	zxid              cell.Zxid
	extra             *extra // nil: as that of a new node
}

// extra is what a file that nobody locks, owns or puts anything below needs no memory for.
type extra struct {
	aclGeneration      uint64
	childrenGeneration uint64
	sequence           uint64 // the last number given to a sequential child; never goes back
	lockGeneration     uint64 // how often its lock went from free to held
	owner              cell.SessionID
	children           int
	past               *pastHolds // of its lock; nil: nobody has held it
	lasting            call.Lasting
	aged               lease.Duration // with a time-to-live: Age.Upto at the last change
	acl                *cell.ACL      // nil: the default of its place
}

var noExtra = extra{aclGeneration: 1}

// extras are for reading.
func (n *node) extras() *extra {
	if n.extra == nil {
		return &noExtra
	}
	return n.extra
}

// edit gives the extras of a node that is being edited, for editing.
func (n *node) edit() *extra {
	if n.extra == nil {
		fresh := noExtra
		n.extra = &fresh
	}
	return n.extra
}

// stat is the node as everybody sees it.
func (n *node) stat() cell.Stat {
	x := n.extras()
	return cell.Stat{
		Name: n.name, Instance: n.instance, ContentGeneration: n.contentGeneration,
		ACLGeneration: x.aclGeneration, ChildrenGeneration: x.childrenGeneration, Checksum: n.checksum,
		Size: len(n.contents), Children: x.children, EphemeralOwner: x.owner,
		Created: cell.Wall(n.created), Modified: cell.Wall(n.modified), Zxid: n.zxid,
		Container: x.lasting.Container, TTL: cell.Span(x.lasting.TTL),
	}
}

// node is the node of that name, or nil.
func (s *state) node(name cell.Name) *node {
	n, _ := s.nodes.Get(name)
	return n
}

// addNode puts a new node in.
func (t *Tree) addNode(n *node) {
	if _, replaced := t.nodes.Set(n.name, n); replaced { // spelled out: arguments of an assertion cost an allocation each
		cell.Assert(false, "node %s made twice", n.name)
	}
	t.enterNode(n)
}

// enterNode counts a node that was put in, and begins what follows from it.
func (t *Tree) enterNode(n *node) {
	n.life = t.life
	if owner := n.extras().owner; owner != 0 {
		t.tie(owner).ephemerals.Insert(n.name)
		t.countOwned(owner, 1)
	}
	t.grow(n.name, 1, len(n.name)+len(n.contents))
	if n.extras().acl != nil {
		t.named++
	}
	t.keepACL(n)
	t.keepNode(n)
}

// dropNode takes a node out. Its lock must be idle.
func (t *Tree) dropNode(n *node) {
	_, locked := t.locks.Get(n.name)
	children := n.extras().children
	if locked || children != 0 {
		cell.Assert(false, "node %s dropped with %d children, lock: %v", n.name, children, locked)
	}
	t.nodes.Delete(n.name)
	t.sum -= n.sum
	if owner := n.extras().owner; owner != 0 {
		t.tie(owner).ephemerals.Delete(n.name)
		t.countOwned(owner, -1)
	}
	t.grow(n.name, -1, -len(n.name)-len(n.contents))
	if n.extras().acl != nil {
		t.named--
	}
	t.dropACL(n)
	t.perishables.Delete(n.name)
}

// ownNode gives a copy of the node of that name that may be edited until keepNode. The node must
// be there. What an earlier look-up gave is stale from here on.
func (t *Tree) ownNode(name cell.Name) *node {
	n := t.node(name)
	if n == nil {
		cell.Assert(false, "node %s edited and not there", name)
	}
	t.sum -= n.sum
	if n.life == t.life {
		return n
	}
	c := *n
	c.life = t.life
	if n.extra != nil {
		x := *n.extra
		c.extra = &x
	}
	t.nodes.Set(name, &c)
	return &c
}

// keepNode ends an edit.
func (t *Tree) keepNode(n *node) {
	if n.zxid == t.mark.Zxid && n.extra != nil && n.extra.lasting.TTL != 0 {
		n.extra.aged = t.age.Upto
	}
	n.sum = n.hash()
	t.sum += n.sum
	if n.extra != nil && n.extra.lasting != (call.Lasting{}) {
		t.keepPerishable(n)
	}
}
