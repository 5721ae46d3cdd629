package check

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
)

// History is the one canonical history of commits. The first replica that delivers a record
// writes it; all others, and the same one after each restart, must deliver the same.
type History struct {
	court   *Court
	commits []commit
	leaders map[cell.Epoch]int
	digests map[uint64]digest // by index
}

type commit struct {
	mark record.Mark
	sum  uint32
	by   int
}

type digest struct {
	value uint64
	by    int
}

// NewHistory is empty.
func NewHistory(c *Court) *History {
	return &History{court: c, leaders: map[cell.Epoch]int{}, digests: map[uint64]digest{}}
}

// Len is the number of commits so far.
func (h *History) Len() int { return len(h.commits) }

// Position follows one life of one replica along the history.
type Position struct {
	history *History
	machine int
	index   uint64
}

// Start begins to follow a life whose tree stands at m.
func (h *History) Start(machine int, m record.Mark) *Position {
	p := &Position{history: h, machine: machine}
	p.Jump(m)
	return p
}

// Jump says that the tree was replaced by a snapshot at m, which must be a point of the history.
func (p *Position) Jump(m record.Mark) {
	h := p.history
	switch {
	case m.Index == 0:
	case m.Index > uint64(len(h.commits)):
		h.court.Fail("Z6", "machine %d stands on a snapshot at %v; only %d records are committed",
			p.machine, m, len(h.commits))
	case h.commits[m.Index-1].mark != m:
		h.court.Fail("Z6", "machine %d stands on a snapshot at %v; committed there is %v",
			p.machine, m, h.commits[m.Index-1].mark)
	}
	p.index = m.Index
}

// Delivered says that the replica has delivered r as committed, while its disk knows so much.
func (p *Position) Delivered(r record.Record, d Durable) {
	h := p.history
	if r.Index > d.Last.Index {
		h.court.Fail("Z6", "machine %d delivered %v; its own disk ends at %v", p.machine, r.Mark(), d.Last)
	}
	c := commit{r.Mark(), r.Sum, p.machine}
	switch n := uint64(len(h.commits)); {
	case r.Index != p.index+1:
		h.court.Fail("Z6", "machine %d delivered %v after index %d: a gap", p.machine, r.Mark(), p.index)
	case r.Index > n+1:
		h.court.Fail("Z6", "machine %d delivered %v; the history ends at %d", p.machine, r.Mark(), n)
	case r.Index == n+1:
		if n > 0 && r.Zxid <= h.commits[n-1].mark.Zxid {
			h.court.Fail("Z13", "machine %d delivered %v after %v", p.machine, r.Mark(), h.commits[n-1].mark)
		}
		h.commits = append(h.commits, c)
	case h.commits[r.Index-1].mark != c.mark || h.commits[r.Index-1].sum != c.sum:
		was := h.commits[r.Index-1]
		h.court.Fail("Z1", "machine %d delivered %v (sum %08x) where machine %d had delivered %v (sum %08x)",
			p.machine, c.mark, c.sum, was.by, was.mark, was.sum)
	}
	p.index = r.Index
}

// Leading says that the machine leads an epoch: a quorum has acked, it may broadcast.
func (h *History) Leading(machine int, e cell.Epoch) {
	if by, ok := h.leaders[e]; ok && by != machine {
		h.court.Fail("Z4", "machines %d and %d both lead epoch %d", by, machine, e)
	}
	h.leaders[e] = machine
}

// Tree says which digest the machine's tree has at an index.
func (h *History) Tree(machine int, index, value uint64) {
	was, ok := h.digests[index]
	if ok && was.value != value {
		h.court.Fail("Z17", "at index %d the tree of machine %d has digest %016x, that of machine %d %016x",
			index, machine, value, was.by, was.value)
	}
	h.digests[index] = digest{value, machine}
}

// Behind is how many commits of the history this life has not delivered yet.
func (p *Position) Behind() int { return len(p.history.commits) - int(p.index) }

// Index is how far this life has delivered.
func (p *Position) Index() uint64 { return p.index }

// Sound reports whether a tree of that digest is the history's at an index; true where that is not known.
func (h *History) Sound(index, value uint64) bool {
	was, ok := h.digests[index]
	return !ok || was.value == value
}
