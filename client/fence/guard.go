package fence

import (
	"container/heap"
	"fmt"

	"github.com/leasehold/leasehold/cell"
)

// Mark is how far the holders of one resource have come: the highest token of any hold, and the
// highest of an exclusive one. The zero Mark has seen nobody.
type Mark struct{ Any, Exclusive uint64 }

// stale says that q has been overtaken.
func (m Mark) stale(q cell.Sequencer) bool {
	if q.Mode == cell.Exclusive {
		return q.Token() < m.Any
	}
	return q.Token() < m.Exclusive
}

// with is the mark when q has been seen.
func (m Mark) with(q cell.Sequencer) Mark {
	m.Any = max(m.Any, q.Token())
	if q.Mode == cell.Exclusive {
		m.Exclusive = max(m.Exclusive, q.Token())
	}
	return m
}

// Guard admits holders to resources, each resource by itself. It is not safe for concurrent use:
// whoever asks must hold the Guard, and the resource, until what was admitted has been done.
// Otherwise a newer holder may come between. Make one with New.
type Guard struct {
	most      int
	floor     Mark // of every resource that is not known, or not any more
	resources map[string]*resource
	oldest    byToken
}

// New makes a Guard that has seen nobody and remembers most resources at a time; most is 1 at
// least. Choose it above the number of resources in use: beyond, the one with the oldest token is
// forgotten, and a holder older than that is refused where it was not known. It has to acquire
// its lock anew.
func New(most int) *Guard {
	return &Guard{most: max(1, most), resources: map[string]*resource{}}
}

// Admit says whether the hold that q names may still act upon a resource. nil: it may, and
// whoever it overtakes is refused from now on. ErrStaleSequencer: it was overtaken, for ever.
// ErrUsage: q is no proof of a hold.
func (g *Guard) Admit(name string, q cell.Sequencer) error {
	if (q.Mode != cell.Shared && q.Mode != cell.Exclusive) || q.Token() == 0 {
		return fmt.Errorf("%w: %s is no proof of a hold", cell.ErrUsage, q)
	}
	mark := g.Seen(name)
	if mark.stale(q) {
		return fmt.Errorf("%w: %s at %s, which has seen token %d, exclusive %d",
			cell.ErrStaleSequencer, q, name, mark.Any, mark.Exclusive)
	}
	g.note(name, mark.with(q))
	return nil
}

// Seen is how far a resource has come. One that is not known gives what is demanded of all those.
func (g *Guard) Seen(name string) Mark {
	if r, ok := g.resources[name]; ok {
		return r.mark
	}
	return g.floor
}

// Len is how many resources are remembered.
func (g *Guard) Len() int { return len(g.resources) }

// note remembers a mark, and forgets the resource with the oldest one when there are too many.
func (g *Guard) note(name string, m Mark) {
	r, known := g.resources[name]
	if known {
		r.mark = m
		heap.Fix(&g.oldest, r.place)
		return
	}
	if len(g.oldest) >= g.most {
		gone := heap.Pop(&g.oldest).(*resource)
		delete(g.resources, gone.name)
		g.floor.Any = max(g.floor.Any, gone.mark.Any)
		g.floor.Exclusive = max(g.floor.Exclusive, gone.mark.Exclusive)
	}
	r = &resource{name: name, mark: m}
	g.resources[name] = r
	heap.Push(&g.oldest, r)
}

// resource is one that a Guard remembers.
type resource struct {
	name  string
	mark  Mark
	place int // in byToken
}

// byToken is a heap, the resource with the oldest token on top.
type byToken []*resource

func (h byToken) Len() int           { return len(h) }
func (h byToken) Less(i, j int) bool { return h[i].mark.Any < h[j].mark.Any }
func (h byToken) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

// Push is heap.Push's.
func (h *byToken) Push(x any) {
	r := x.(*resource)
	r.place = len(*h)
	*h = append(*h, r)
}

// Pop is heap.Pop's.
func (h *byToken) Pop() any {
	last := len(*h) - 1
	r := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return r
}
