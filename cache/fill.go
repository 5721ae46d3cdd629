package cache

import (
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// FillNode keeps what a registered read answered: a Stat and, with hasContents, the contents,
// which the cache then owns. It reports whether it was kept: not when the ticket is spoiled or
// the incarnation is another one, nor when the contents are not those of the Stat (Z14).
func (c *Cache) FillNode(t Ticket, incarnation uint64, stat cell.Stat, contents []byte, hasContents bool) bool {
	if hasContents && !stat.Holds(contents) || !c.takes(t, incarnation, stat.Name) {
		return false
	}
	e := c.present(stat.Name, stat.Instance)
	if e.found.HasContents && e.found.Stat.ContentGeneration != stat.ContentGeneration {
		e.found.HasContents, e.found.Contents = false, nil
	}
	if e.found.Generation != stat.ChildrenGeneration {
		e.found.HasChildren, e.found.Children = false, nil
	}
	e.found.HasStat, e.found.Stat = true, stat
	if hasContents {
		e.found.HasContents, e.found.Contents = true, contents
	}
	c.settle(e)
	return true
}

// FillChildren keeps the complete child list of a node, sorted by name, which the cache then owns.
// parent is the node's own Stat as it came with the list. As FillNode it reports whether it was
// kept.
func (c *Cache) FillChildren(t Ticket, incarnation uint64, parent cell.Stat, kids []Child) bool {
	if !c.takes(t, incarnation, parent.Name) {
		return false
	}
	e := c.present(parent.Name, parent.Instance)
	if e.found.Stat.ChildrenGeneration != parent.ChildrenGeneration {
		e.found.HasStat, e.found.HasContents, e.found.Contents = false, false, nil
	}
	e.found.HasChildren, e.found.Children, e.found.Generation = true, kids, parent.ChildrenGeneration
	c.settle(e)
	return true
}

// FillHandle keeps the handle that came with the Stat of a node. As FillNode it reports whether it
// was kept; the Stat must have been, before.
func (c *Cache) FillHandle(t Ticket, incarnation uint64, stat cell.Stat, h call.Handle) bool {
	e, ok := c.entries[stat.Name]
	if !ok || e.life != c.life || e.found.Instance != stat.Instance || !c.takes(t, incarnation, stat.Name) {
		return false
	}
	others := slices.DeleteFunc(slices.Clone(e.found.Handles), func(x call.Handle) bool { return x.Mode == h.Mode })
	e.found.Handles = append(others, h)
	c.settle(e)
	return true
}

// FillAbsent keeps that n does not exist, as a fact about ancestor, the deepest that does. As
// FillNode it reports whether it was kept.
func (c *Cache) FillAbsent(t Ticket, incarnation uint64, n, ancestor cell.Name) bool {
	if !ancestor.Covers(n) || ancestor == n || !c.takes(t, incarnation, n) {
		return false
	}
	c.forget(n)
	e := c.add(n)
	e.found.Absent, e.ancestor = true, ancestor
	rest := c.resting[ancestor]
	i, _ := slices.BinarySearch(rest, n)
	c.resting[ancestor] = slices.Insert(rest, i, n)
	c.settle(e)
	return true
}

func (c *Cache) takes(t Ticket, incarnation uint64, n cell.Name) bool {
	return !c.off && incarnation != 0 && incarnation == c.incarnation && !c.stamps.spoiled(t, n)
}

// present is the entry of a node that exists; what was kept of another instance or of its absence
// goes, and what was set aside.
func (c *Cache) present(n cell.Name, instance uint64) *entry {
	if e, ok := c.entries[n]; ok {
		if e.life == c.life && !e.found.Absent && e.found.Instance == instance {
			c.order.MoveToFront(e.place)
			return e
		}
		c.remove(e)
	}
	e := c.add(n)
	e.found.Instance = instance
	return e
}

func (c *Cache) add(n cell.Name) *entry {
	e := &entry{name: n, life: c.life}
	e.place = c.order.PushFront(e)
	c.entries[n] = e
	return e
}

// settle weighs a changed entry anew and makes room: what is set aside goes first, and of each the
// least recently used.
func (c *Cache) settle(e *entry) {
	c.used -= e.cost
	e.cost = e.weigh()
	c.used += e.cost
	for c.used > c.most {
		last := c.aside.Back()
		if last == nil {
			last = c.order.Back()
		}
		c.counts.Evicted++
		c.remove(last.Value.(*entry))
	}
}
