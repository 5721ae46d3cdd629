package tree

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
)

// Check walks the whole tree and says what is wrong with it, or nil. It takes time in proportion
// to the tree. It does not look at limits: what they refuse may have been there before they were
// lowered.
func (t *Tree) Check() error {
	c := checker{t: t, children: map[cell.Name]int{}, used: map[cell.Name][2]int64{}}
	c.facts()
	c.eachSession()
	c.eachNode()
	c.eachLock()
	c.eachQuota()
	c.totals()
	return c.wrong
}

// checker keeps the first thing found wrong, and what is counted on the way.
type checker struct {
	t                                   *Tree
	wrong                               error
	children                            map[cell.Name]int // that were found
	parents                             []*node           // that say they have some
	above                               cell.Name         // the parent of the node before
	parent                              *node             // nil: it is not there
	below                               int               // children of it since then
	sum                                 uint64
	ephemerals, holds, held, perishable int
	tiedEphemerals, tiedHolds           int
	sessions, tied                      int // tied: those that have ties
	bytes                               int
	used                                map[cell.Name][2]int64 // nodes and bytes, of names with a quota
	named, acls                         int
}

func (c *checker) want(ok bool, format string, args ...any) bool {
	if !ok && c.wrong == nil {
		c.wrong = fmt.Errorf("tree at %v: %s", c.t.mark, fmt.Sprintf(format, args...))
	}
	return c.wrong == nil
}

func (c *checker) facts() {
	t := c.t
	if !t.Born() {
		c.want(t.nodes.Len()+t.sessions.Len()+t.locks.Len() == 0, "a cell that is not born has nodes or sessions")
		return
	}
	c.want(t.aclDir == cell.ACLDirectory(t.cell), "the ACLs are looked for at %s", t.aclDir)
	b := Birth{Cell: t.cell, ID: t.id, Members: t.members, Lengths: t.lengths, Limits: t.limits, Format: t.format,
		HandleKey: t.key, Admin: t.admin}
	why := b.Invalid()
	c.want(why == "", "%s", why)
	root, err := cell.RootName(t.cell)
	c.want(err == nil && t.node(root) != nil, "there is no root of %q", t.cell)
	c.want(t.granted.SessionLease >= t.lengths.SessionLease && t.granted.CacheLease >= t.lengths.CacheLease,
		"longer leases are granted than may be running")
}

// node wants something of a node. What it is told is not put on the heap while nothing is wrong: there may be
// millions.
func (c *checker) node(ok bool, n *node, wrong string, numbers ...uint64) bool {
	if !ok {
		args := []any{n.name}
		for _, x := range numbers {
			args = append(args, x)
		}
		c.want(false, "node %s: "+wrong, args...)
	}
	return c.wrong == nil
}

func (c *checker) eachNode() {
	t := c.t
	t.eachNode("", func(n *node) bool {
		x := n.extras()
		c.node(n.instance != 0 && cell.Zxid(n.instance) <= n.zxid && n.zxid <= t.mark.Zxid, n,
			"instance %d, zxid %d, in a tree at %d", n.instance, uint64(n.zxid), uint64(t.mark.Zxid))
		c.node(n.contentGeneration >= 1 && x.aclGeneration >= 1, n, "has no generation")
		c.node(uint64(x.children) <= x.childrenGeneration, n, "%d children, generation %d", uint64(x.children),
			x.childrenGeneration)
		c.node(n.checksum == cell.Checksum(n.contents), n, "its contents have another checksum")
		c.node(len(n.contents) <= cell.MostValue, n, "%d bytes", uint64(len(n.contents)))
		if p := x.past; p != nil {
			c.node(p.sum == pastOf(p.all).sum && len(p.all) <= MaxPast, n, "its lock's history")
		}
		c.node(t.perishables.Contains(n.name) == n.perishes(), n, "is among those that perish, or is not, and should be")
		if n.perishes() {
			c.perishable++
		}
		if x.children != 0 {
			parent := *n
			c.parents = append(c.parents, &parent)
		}
		c.sum += n.hash()
		c.measure(n)
		c.place(n)
		c.acl(n)
		return c.wrong == nil
	})
	c.countBelow()
	for _, n := range c.parents {
		found, children := c.children[n.name], n.extras().children
		c.node(found == children, n, "%d children, not %d", uint64(found), uint64(children))
	}
	c.want(len(c.children) == len(c.parents), "%d nodes have children; %d say so", len(c.children), len(c.parents))
}

// place checks where a node stands: below a parent, and if ephemeral with a session. Most have the parent of
// the node before.
func (c *checker) place(n *node) {
	above, ok := n.name.Parent()
	if !ok {
		c.node(n.name.Cell() == c.t.cell && n.extras().owner == 0, n, "is no root of this cell")
		return
	}
	if c.above != above {
		c.countBelow()
		c.above, c.parent = above, c.t.node(above)
	}
	c.node(c.parent != nil && c.parent.extras().owner == 0, n, "has no parent, or an ephemeral one")
	c.below++
	if owner := n.extras().owner; owner != 0 {
		own := c.t.tiesOf(owner)
		c.node(own.ephemerals.Contains(n.name), n, "is not its owner's, %d", uint64(owner))
		c.ephemerals++
	}
}

// countBelow counts the nodes that stood one after the other below one parent.
func (c *checker) countBelow() {
	if c.below > 0 {
		c.children[c.above] += c.below
	}
	c.below = 0
}

// acl checks a node's ACL names, and what it lists if it is one.
func (c *checker) acl(n *node) {
	if a := n.extras().acl; a != nil {
		c.named++
		why := a.Invalid()
		c.want(why == "" && a.Read != "" && a.Write != "" && a.Change != "", "node %s has the ACL %v %s",
			n.name, *a, why)
	}
	if name := c.t.aclName(n.name); name != "" {
		c.acls++
		is, ok := c.t.acls.Get(name)
		p, _ := cell.ParsePrincipals(n.contents)
		c.want(ok && is.Equal(p), "the ACL %s does not list what its node says", name)
	}
}

func (c *checker) eachSession() {
	t := c.t
	t.sessions.Scan(func(id cell.SessionID, x *session) bool {
		c.want(x.id == id && cell.Zxid(id) <= t.mark.Zxid, "session %v calls itself %v", id, x.id)
		c.want(x.sum == x.hash(), "session %v has another hash than it had", id)
		c.want(t.keys[x.keyHash] == id, "session %v is not found by its key", id)
		c.sum += x.sum
		last := uint64(0)
		for _, a := range x.answers {
			c.want(a.call > last && a.call >= x.acked && a.call <= x.lastCall, "session %v: record of call %d", id, a.call)
			c.want(a.sum == a.hash(id), "session %v: the record of call %d has another hash", id, a.call)
			c.sum += a.sum
			last = a.call
		}
		if own := t.ties[id]; own != nil {
			c.tied++
			c.tiedEphemerals += own.ephemerals.Len()
			c.tiedHolds += own.holds.Len()
		}
		c.sessions++
		return c.wrong == nil
	})
}

func (c *checker) totals() {
	t := c.t
	c.want(c.tiedEphemerals == c.ephemerals, "%d ephemerals, %d of them tied", c.ephemerals, c.tiedEphemerals)
	c.want(c.tiedHolds == c.holds, "%d holds and waits, %d of them tied", c.holds, c.tiedHolds)
	c.want(len(t.ties) == c.tied && len(t.keys) == c.sessions, "%d sessions, %d of them with ties, %d ties, %d keys",
		c.sessions, c.tied, len(t.ties), len(t.keys))
	c.want(t.named == c.named && t.acls.Len() == c.acls, "%d nodes have ACL names of their own, not %d; %d ACLs, not %d",
		c.named, t.named, c.acls, t.acls.Len())
	c.want(t.perishables.Len() == c.perishable, "%d nodes perish, not %d", t.perishables.Len(), c.perishable)
	c.want(t.locked == c.held, "%d locks are held, not %d", c.held, t.locked)
	c.want(t.bytes == c.bytes, "%d bytes, not %d", c.bytes, t.bytes)
	c.want(t.sum == c.sum, "the sum of hashes is off")
}

// measure counts a node where it counts.
func (c *checker) measure(n *node) {
	size := len(n.name) + len(n.contents)
	c.bytes += size
	for name, ok := n.name, c.t.quotas.Len() > 0; ok; name, ok = name.Parent() {
		if _, bounded := c.t.quotas.Get(name); bounded {
			u := c.used[name]
			c.used[name] = [2]int64{u[0] + 1, u[1] + int64(size)}
		}
	}
}

func (c *checker) eachQuota() {
	c.want(c.t.quotas.Len() <= MaxQuotas, "%d quotas", c.t.quotas.Len())
	c.t.quotas.Scan(func(name cell.Name, q cell.Quota) bool {
		u := c.used[name]
		c.want(q.Name == name && min(q.Nodes, q.Bytes) >= 0 && q.Nodes+q.Bytes > 0, "the quota of %s", name)
		c.want(q.UsedNodes == u[0] && q.UsedBytes == u[1], "the quota of %s counts %d nodes, %d bytes: there are %d, %d",
			name, q.UsedNodes, q.UsedBytes, u[0], u[1])
		c.sum += hashQuota(&q)
		return c.wrong == nil
	})
}
