package directory

import (
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
)

// RoundID names a round; the caller chooses it, each once.
type RoundID uint64

// Directory records who may cache what, and the open rounds. It is not for concurrent use.
type Directory struct {
	length  lease.Duration // of a cache lease
	lastInc uint64         // the newest incarnation given out
	total   int            // registrations
	cachers map[cell.SessionID]*cacher
	entries map[cell.Name]*entry
	rounds  map[RoundID]*round
	owing   lease.Queue[cell.SessionID] // cachers with debts, by the end of their cache lease
	excused lease.Instant               // a lapse before that is not the cacher's fault
	old     suspects

	everything int     // open rounds that cover every name
	broad      []*debt // of every name, not yet acked
}

// entry is a name that somebody caches, owes an ack for, or that a round covers.
type entry struct {
	name  cell.Name
	open  int // rounds that cover it
	regs  []*registration
	debts []*debt
}

// registration is one cacher of one name; at and of are its places in both lists.
type registration struct {
	cacher *cacher
	entry  *entry
	at, of int
}

// Invalidation is to be sent to Session, as Seq of its stream.
type Invalidation struct {
	Session cell.SessionID
	Seq     uint64
	Names   []cell.Name

	Everything bool // of every name
}

// Lapse tells that a session's cache lease ran out while rounds waited for it (C10).
type Lapse struct {
	Session  cell.SessionID
	Name     cell.Name      // one of the names waited for; "" for everything
	Waited   lease.Duration // how long the longest of the rounds has waited
	FailOver bool
	Excused  bool // acks could not be heard in time: it is not penalized
}

// Effects are appended to by the calls that take one. Done are rounds nobody is waited for any
// more: their writes may be proposed.
type Effects struct {
	Invalidate []Invalidation
	Done       []RoundID
	Lapses     []Lapse
}

// Reset empties e and keeps its memory.
func (e *Effects) Reset() {
	e.Invalidate, e.Done, e.Lapses = e.Invalidate[:0], e.Done[:0], e.Lapses[:0]
}

// New begins a mastership at now. Incarnations are numbered above firstIncarnation. The
// caching sessions count as cachers of everything until they attach, or length has passed (C5).
func New(now lease.Instant, length lease.Duration, firstIncarnation uint64, caching []cell.SessionID) *Directory {
	cell.Assert(length > 0, "a cache lease of %v", length)
	d := &Directory{
		length: length, lastInc: firstIncarnation,
		cachers: map[cell.SessionID]*cacher{},
		entries: map[cell.Name]*entry{},
		rounds:  map[RoundID]*round{},
	}
	d.old = newSuspects(now.Add(length), caching)
	return d
}

// SetLength says how long the cache leases are that are granted from now on. What was granted before
// keeps its end.
func (d *Directory) SetLength(length lease.Duration) {
	if length <= 0 { // spelled out: each Step comes by here
		cell.Assert(false, "a cache lease of %v", length)
	}
	d.length = length
}

// Wake is when Tick has something to do: lease.Never when nothing can lapse into an effect.
func (d *Directory) Wake() lease.Instant {
	next := d.owing.Next()
	if len(d.old.waiting) > 0 && d.old.until < next {
		next = d.old.until
	}
	return next
}

// Excuse says that until then a lapse may be ours: acks could not be heard in time. Leases end all
// the same; nobody is penalized (C10).
func (d *Directory) Excuse(until lease.Instant) { d.excused = max(d.excused, until) }

// Tick ends what has lapsed by now.
func (d *Directory) Tick(now lease.Instant, fx *Effects) {
	for {
		s, ok := d.owing.Due(now)
		if !ok {
			break
		}
		d.lapse(now, d.cachers[s], fx)
	}
	d.endSuspicion(now, fx)
}

// Awaited is how many sessions that cached under an earlier mastership have neither attached nor
// lapsed (C5).
func (d *Directory) Awaited() int { return len(d.old.waiting) }

// Counts tells how much is recorded: cachers, registered names, open rounds.
func (d *Directory) Counts() (cachers, names, rounds int) {
	return len(d.cachers), len(d.entries), len(d.rounds)
}

func (d *Directory) entry(n cell.Name) *entry {
	e, ok := d.entries[n]
	if !ok {
		e = &entry{name: n}
		d.entries[n] = e
	}
	return e
}

func (d *Directory) tidy(e *entry) {
	if e.open == 0 && len(e.regs) == 0 && len(e.debts) == 0 {
		delete(d.entries, e.name)
	}
}

func (d *Directory) unregister(r *registration) {
	r.entry.regs = swapOut(r.entry.regs, r.at, func(m *registration, to int) { m.at = to })
	r.cacher.regs = swapOut(r.cacher.regs, r.of, func(m *registration, to int) { m.of = to })
	delete(r.cacher.index, r.entry)
	d.total--
}

func (d *Directory) unregisterAll(c *cacher) {
	for len(c.regs) > 0 {
		r := c.regs[len(c.regs)-1]
		d.unregister(r)
		d.tidy(r.entry)
	}
}

// swapOut takes the element at i out by moving the last one there.
func swapOut(list []*registration, i int, moved func(*registration, int)) []*registration {
	last := len(list) - 1
	list[i] = list[last]
	moved(list[i], i)
	list[last] = nil
	return list[:last]
}

func without[T comparable](list []T, x T) []T {
	if i := slices.Index(list, x); i >= 0 {
		return slices.Delete(list, i, i+1)
	}
	return list
}
