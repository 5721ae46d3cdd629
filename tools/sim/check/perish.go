package check

import (
	"slices"

	"github.com/leasehold/leasehold/cell"
)

// Perishables is a book of the nodes that go by themselves: a container not before it had a child
// and its last has gone, a node with a time-to-live not before that has passed since its last
// change, in true time as far as a clock may be off; and neither stays for ever (C11).
type Perishables struct {
	court *Court
	drift int64 // in millionths
	nodes map[cell.Name]*perishable
}

type perishable struct {
	ttl      int64 // nanoseconds; 0: a container
	changed  int64 // true time
	children int
	parent   bool // it has had a child
}

// NewPerishables has seen nothing. Clocks run up to so many millionths faster than true time.
func NewPerishables(c *Court, drift int64) *Perishables {
	return &Perishables{court: c, drift: drift, nodes: map[cell.Name]*perishable{}}
}

// Made says that the history made a container, or with ttl a node that has one, at true time now.
func (p *Perishables) Made(name cell.Name, ttl, now int64) {
	p.nodes[name] = &perishable{ttl: ttl, changed: now}
}

// Changed says that the history wrote a node.
func (p *Perishables) Changed(name cell.Name, now int64) {
	if n := p.nodes[name]; n != nil {
		n.changed = now
	}
}

// Child says that the history made (1) or deleted (-1) a child of name.
func (p *Perishables) Child(name cell.Name, by int) {
	if n := p.nodes[name]; n != nil {
		n.children += by
		n.parent = true
	}
}

// Deleted says that the history deleted a node; asked: because a client's call wanted it.
func (p *Perishables) Deleted(name cell.Name, asked bool, now int64) {
	n := p.nodes[name]
	delete(p.nodes, name)
	switch {
	case n == nil || asked:
	case n.children > 0 || n.ttl == 0 && !n.parent:
		p.court.Fail("C11", "the cell deleted %s: children %d, had one: %v", name, n.children, n.parent)
	case n.ttl > 0 && now-n.changed < n.ttl/(1_000_000+p.drift)*1_000_000:
		p.court.Fail("C11", "the cell deleted %s %d ns after its last change; its time-to-live is %d ns",
			name, now-n.changed, n.ttl)
	}
}

// Left are the nodes that ought to have gone by now.
func (p *Perishables) Left(now int64) []cell.Name {
	var names []cell.Name
	for name, n := range p.nodes {
		if n.children == 0 && (n.ttl == 0 && n.parent || n.ttl > 0 && now-n.changed > n.ttl) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
