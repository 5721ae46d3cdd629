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
	life        uint64
	entries     map[cell.Name]*entry
	resting     map[cell.Name][]cell.Name // absences by the ancestor they rest on, sorted
	order       *list.List                // of *entry that may be served, the most recently used first
	aside       *list.List                // of *entry set aside, the most recently used first
	asked       bool                      // claims are out and not answered
	stamps      stamps
	incarnation uint64
	until       lease.Instant
	off         bool
	counts      Counts
}

// Counts tell what a cache did since it was made.
type Counts struct {
	Invalidated uint64 // entries that the master's word emptied
	Revalidated uint64 // entries set aside that came back
	Evicted     uint64 // entries that made room for others
}

// New makes an empty cache of at most most bytes; 0 is DefaultBytes. It serves nothing before
// the first Renew.
func New(most int) *Cache {
	if most == 0 {
		most = DefaultBytes
	}
	return &Cache{most: most, entries: map[cell.Name]*entry{}, resting: map[cell.Name][]cell.Name{},
		order: list.New(), aside: list.New(), stamps: newStamps()}
}

// Ticket is what a read must take before its request is sent.
func (c *Cache) Ticket() Ticket { return c.stamps.now }

// Look gives what may be served of n, with the deadline of the incarnation it belongs to, and
// false when there is nothing or no lease was ever granted in this incarnation. It changes
// nothing: several may look at a time.
func (c *Cache) Look(n cell.Name) (Found, bool) {
	e, ok := c.entries[n]
	if !ok || e.life != c.life || c.until == 0 {
		return Found{}, false
	}
	f := e.found
	f.Until, f.Incarnation = c.until, c.incarnation
	return f, true
}

// Touch says that n was used: of what may be served it goes last.
func (c *Cache) Touch(n cell.Name) {
	if e, ok := c.entries[n]; ok && e.life == c.life {
		c.order.MoveToFront(e.place)
	}
}

// Begin sets the cache aside for a new incarnation, which has no deadline yet. The incarnation
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

// SetAside takes everything out of use, and the deadline with it, as before an Attach or in
// jeopardy. Reads on their way fill nothing. Begin and Renew make the cache serve again what is
// filled from then on, and of what was set aside what is revalidated (see Claims).
func (c *Cache) SetAside() {
	if c.aside.Len() == 0 {
		c.order, c.aside = c.aside, c.order
	}
	for last := c.order.Back(); last != nil; last = c.order.Back() { // before what was set aside earlier
		e := c.order.Remove(last).(*entry)
		e.place = c.aside.PushFront(e)
	}
	c.life++
	c.asked = false
	c.until, c.incarnation = 0, 0
	c.stamps.hitAll()
}

// Drop empties the cache for good: the session is over.
func (c *Cache) Drop() {
	c.SetAside()
	c.forgetAside()
	c.off = true
}

// Invalidate forgets all that is kept of the names: Stat, contents, child list, handles, and
// every absence that rests on one of them.
func (c *Cache) Invalidate(names []cell.Name) {
	for _, n := range names {
		c.stamps.hit(n)
		c.invalidated(n)
		for _, absent := range slices.Clone(c.resting[n]) {
			c.invalidated(absent)
		}
	}
}

// InvalidateAll forgets all that is kept, what is set aside too, and spoils every read on its way: who
// may read what has changed. The cache serves again what is filled from then on.
func (c *Cache) InvalidateAll() {
	c.stamps.hitAll()
	c.counts.Invalidated += uint64(len(c.entries))
	for first := c.order.Front(); first != nil; first = c.order.Front() {
		c.remove(first.Value.(*entry))
	}
	c.forgetAside()
}

func (c *Cache) invalidated(n cell.Name) {
	if e, ok := c.entries[n]; ok {
		c.counts.Invalidated++
		c.remove(e)
	}
}

func (c *Cache) forget(n cell.Name) {
	if e, ok := c.entries[n]; ok {
		c.remove(e)
	}
}

func (c *Cache) forgetAside() {
	for first := c.aside.Front(); first != nil; first = c.aside.Front() {
		c.remove(first.Value.(*entry))
	}
}

// listOf is the list in which e stands.
func (c *Cache) listOf(e *entry) *list.List {
	if e.life == c.life {
		return c.order
	}
	return c.aside
}

func (c *Cache) remove(e *entry) {
	delete(c.entries, e.name)
	c.listOf(e).Remove(e.place)
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

// Bytes is what the cache counts against its bound, what is set aside included.
func (c *Cache) Bytes() int { return c.used }

// Len is the number of names of which something may be served.
func (c *Cache) Len() int { return c.order.Len() }

// Aside is the number of names that wait to be revalidated.
func (c *Cache) Aside() int { return c.aside.Len() }

// Counts tell what the cache did since it was made.
func (c *Cache) Counts() Counts { return c.counts }

// Incarnation is the one that the cache serves in; 0: none.
func (c *Cache) Incarnation() uint64 { return c.incarnation }
