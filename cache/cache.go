package cache

import (
	"container/list"
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
)

// Cache is what one session may serve by itself. Make one with New.
type Cache struct {
	most, used  int // bytes
	entries     map[cell.Name]*entry
	resting     map[cell.Name][]cell.Name // absences by the ancestor they rest on, sorted
	order       *list.List                // of *entry, the most recently used first
	stamps      stamps
	incarnation uint64
	until       lease.Instant
	off         bool
}

// New makes an empty cache of at most most bytes; 0 is DefaultBytes. It serves nothing before
// the first Renew.
func New(most int) *Cache {
	if most == 0 {
		most = DefaultBytes
	}
	return &Cache{most: most, entries: map[cell.Name]*entry{}, resting: map[cell.Name][]cell.Name{},
		order: list.New(), stamps: newStamps()}
}

// Ticket is what a read must take before its request is sent.
func (c *Cache) Ticket() Ticket { return c.stamps.now }

// Look gives what is cached of n, with the deadline of the incarnation it belongs to, and
// false when there is nothing or no lease was ever granted in this incarnation.
func (c *Cache) Look(n cell.Name) (Found, bool) {
	e, ok := c.entries[n]
	if !ok || c.until == 0 {
		return Found{}, false
	}
	c.order.MoveToFront(e.place)
	f := e.found
	f.Until, f.Incarnation = c.until, c.incarnation
	return f, true
}

// Begin empties the cache for a new incarnation, which has no deadline yet. The incarnation
// that stands changes nothing.
func (c *Cache) Begin(incarnation uint64) {
	if c.incarnation == incarnation {
		return
	}
	c.SetAside()
	c.incarnation = incarnation
}

// Renew moves the deadline of an incarnation on; one of another incarnation, or an earlier
// one, changes nothing.
func (c *Cache) Renew(incarnation uint64, until lease.Instant) {
	if c.off || incarnation != c.incarnation || until <= c.until {
		return
	}
	c.until = until
}

// SetAside empties the cache and takes its deadline, as before an Attach or in jeopardy. Reads
// on their way fill nothing. Begin and Renew make it serve again.
func (c *Cache) SetAside() {
	c.entries, c.resting = map[cell.Name]*entry{}, map[cell.Name][]cell.Name{}
	c.order.Init()
	c.used, c.until, c.incarnation = 0, 0, 0
	c.stamps.hitAll()
}

// Drop empties the cache for good: the session is over.
func (c *Cache) Drop() {
	c.SetAside()
	c.off = true
}

// Invalidate forgets all that is cached of the names: Stat, contents, child list, and every
// absence that rests on one of them.
func (c *Cache) Invalidate(names []cell.Name) {
	for _, n := range names {
		c.stamps.hit(n)
		c.forget(n)
		for _, absent := range slices.Clone(c.resting[n]) {
			c.forget(absent)
		}
	}
}

func (c *Cache) forget(n cell.Name) {
	if e, ok := c.entries[n]; ok {
		c.remove(e)
	}
}

func (c *Cache) remove(e *entry) {
	delete(c.entries, e.name)
	c.order.Remove(e.place)
	c.used -= e.cost
	if e.ancestor == "" {
		return
	}
	rest := c.resting[e.ancestor]
	if i, ok := slices.BinarySearch(rest, e.name); ok {
		rest = slices.Delete(rest, i, i+1)
	}
	if len(rest) == 0 {
		delete(c.resting, e.ancestor)
		return
	}
	c.resting[e.ancestor] = rest
}

// Bytes is what the cache counts against its bound.
func (c *Cache) Bytes() int { return c.used }

// Len is the number of names of which something is cached.
func (c *Cache) Len() int { return len(c.entries) }

// Incarnation is the one that the cache serves in; 0: none.
func (c *Cache) Incarnation() uint64 { return c.incarnation }
