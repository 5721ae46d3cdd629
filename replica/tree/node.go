package tree

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
)

// node is one node of the namespace, as it was looked up: a copy, which says nothing of what the tree has become
// since. Its contents are replaced, never edited, and stand until the tree changes: see own. The rest is edited
// only between ownNode and keepNode. There may be millions: what few of them have is extra, and in the tree they
// are packed.
type node struct {
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
	life               uint64 // of the tree, when this copy was made
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
	n := new(node) // inlined, so that most of them stay on the caller's stack
	if !s.find(name, n) {
		return nil
	}
	return n
}

// find looks a node up.
func (s *state) find(name cell.Name, n *node) bool {
	b, x, ok := s.nodes.Get(string(name))
	if ok {
		n.unpack(name, b, x)
	}
	return ok
}

// eachNode tells the nodes in order, from the first whose name is not below from, while each says true. The next
// takes the memory of the last.
func (s *state) eachNode(from cell.Name, each func(n *node) bool) {
	var n node
	s.nodes.Ascend(string(from), func(name string, b []byte, x *apart) bool {
		n.unpack(cell.Name(name), b, x)
		return each(&n)
	})
}

// putNode packs a node into its place, and reports whether there was one of its name.
func (t *Tree) putNode(n *node) (replaced bool) {
	var buf [mostHead + mostPacked]byte
	var room apart
	b, x := n.pack(buf[:0], &room)
	return t.nodes.Set(string(n.name), b, x)
}

// addNode puts a new node in.
func (t *Tree) addNode(n *node) {
	if owner := n.extras().owner; owner != 0 {
		t.tie(owner).ephemerals.Insert(n.name)
		t.countOwned(owner, 1)
	}
	t.grow(n.name, 1, len(n.name)+len(n.contents))
	if n.extras().acl != nil {
		t.named++
	}
	t.keepACL(n)
	if t.enter(n) { // spelled out: arguments of an assertion cost an allocation each
		cell.Assert(false, "node %s made twice", n.name)
	}
}

// dropNode takes a node out. Its lock must be idle.
func (t *Tree) dropNode(n *node) {
	_, locked := t.locks.Get(n.name)
	children := n.extras().children
	if locked || children != 0 {
		cell.Assert(false, "node %s dropped with %d children, lock: %v", n.name, children, locked)
	}
	t.nodes.Delete(string(n.name))
	t.sum -= n.hash()
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

// ownNode gives the node of that name for editing until keepNode. The node must be there, and no other be edited
// meanwhile. What an earlier look-up gave is stale from here on.
func (t *Tree) ownNode(name cell.Name) *node {
	n := new(node) // inlined, as in node
	t.own(name, n)
	return n
}

func (t *Tree) own(name cell.Name, n *node) {
	if !t.find(name, n) || t.edited != "" {
		cell.Assert(false, "node %s edited and not there, or while %q is", name, t.edited)
	}
	t.edited = name
	t.sum -= n.hash()
	if n.extra != nil && n.extra.life != t.life { // a view may share it
		x := *n.extra
		n.extra = &x
	}
}

// keepNode ends an edit.
func (t *Tree) keepNode(n *node) {
	if replaced := t.enter(n); !replaced || t.edited != n.name {
		cell.Assert(false, "node %s kept and not there, or not edited; %q was", n.name, t.edited)
	}
	t.edited = ""
}

// enter puts a node as it is to be in its place, and counts it in the sum.
func (t *Tree) enter(n *node) (replaced bool) {
	if x := n.extra; x != nil {
		x.life = t.life
		if n.zxid == t.mark.Zxid && x.lasting.TTL != 0 {
			x.aged = t.age.Upto
		}
	}
	t.sum += n.hash()
	if n.extra != nil && n.extra.lasting != (call.Lasting{}) {
		t.keepPerishable(n)
	}
	return t.putNode(n)
}
