package check

import (
	"slices"

	"github.com/leasehold/leasehold/cell"
)

// Queue checks the children of one node that sequential creates make: no name comes twice, and
// every list has who was there all the while it was made, and nobody who was gone before (C6).
type Queue struct {
	court *Court
	items map[cell.Name]*item
	last  cell.Name // by the history
}

type item struct{ leaving, gone bool }

// NewQueue has seen nothing.
func NewQueue(c *Court) *Queue { return &Queue{court: c, items: map[cell.Name]*item{}} }

// Numbered says that the history made name: numbers grow, also past those that were deleted.
func (q *Queue) Numbered(name cell.Name) {
	if name <= q.last {
		q.court.Fail("C7", "a sequential create made %s after %s", name, q.last)
	}
	q.last = name
}

// Made says that a client was told that it made name.
func (q *Queue) Made(name cell.Name) {
	if q.items[name] != nil {
		q.court.Fail("C7", "two clients were told that they made %s", name)
	}
	q.items[name] = &item{}
}

// There are the names that nobody has begun to delete, rising.
func (q *Queue) There() []cell.Name {
	return q.which(func(i *item) bool { return !i.leaving })
}

// Leaving says that a client begins to delete name; Gone that it was told so.
func (q *Queue) Leaving(name cell.Name) { q.items[name].leaving = true }

// Gone says that a client was told that name is deleted.
func (q *Queue) Gone(name cell.Name) { q.items[name].gone = true }

func (q *Queue) which(of func(*item) bool) []cell.Name {
	var names []cell.Name
	for name, i := range q.items {
		if of(i) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Listing is a list that somebody has begun to ask for.
type Listing struct {
	queue       *Queue
	client      int
	there, gone []cell.Name
}

// Begin says that a client begins to ask for the list.
func (q *Queue) Begin(client int) *Listing {
	return &Listing{q, client, q.There(), q.which(func(i *item) bool { return i.gone })}
}

// End takes the answer, rising.
func (l *Listing) End(names []cell.Name, how string) {
	for _, n := range l.there {
		if _, has := slices.BinarySearch(names, n); !has && !l.queue.items[n].leaving {
			l.queue.court.Fail("C6", "client %d listed (%s) and %s was missing, made before and not deleted", l.client, how, n)
		}
	}
	for _, n := range l.gone {
		if _, has := slices.BinarySearch(names, n); has {
			l.queue.court.Fail("C6", "client %d listed (%s) and %s was there, deleted before", l.client, how, n)
		}
	}
}
