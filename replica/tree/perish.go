package tree

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/wire"
	"github.com/leasehold/leasehold/lease"
)

// Perish deletes nodes that go by themselves: containers whose last child has gone, and nodes
// whose time-to-live has run out by the master's clock. What has become another instance, has been
// changed since, has children, or has a lock that is taken or in lock-delay, is passed over.
// Rising by name.
type Perish struct{ Nodes []Perished }

// Perished names a node as it was when the master found that its time had come. Zxid is that of
// its last change.
type Perished struct {
	Name     cell.Name
	Instance uint64
	Zxid     cell.Zxid
}

// Perishable is a node that goes by itself, as it stands. Ready: it may go as soon as its time
// comes; a container's has come. Not Ready are those with children or a lock in use.
type Perishable struct {
	Perished
	TTL      lease.Duration // 0: a container
	Aged     lease.Duration // Age.Upto at the last change of one with a TTL
	Children int
	Ready    bool
}

// perishes reports whether the node is to be in the index: every node with a time-to-live, and the
// containers that have had children and have none.
func (n *node) perishes() bool {
	x := n.extras()
	return x.lasting.TTL != 0 || x.lasting.Container && x.children == 0 && x.childrenGeneration > 0
}

// keepPerishable enters a node that may go by itself into the index, or takes it out.
func (t *Tree) keepPerishable(n *node) {
	if n.perishes() {
		t.perishables.Insert(n.name)
	} else {
		t.perishables.Delete(n.name)
	}
}

// Perishable looks at one node; false if there is none of that name that goes by itself.
func (t *Tree) Perishable(name cell.Name) (Perishable, bool) {
	n := t.node(name)
	if n == nil || !n.perishes() {
		return Perishable{}, false
	}
	x := n.extras()
	return Perishable{Perished: Perished{Name: name, Instance: n.instance, Zxid: n.zxid},
		TTL: lease.Duration(x.lasting.TTL), Aged: x.aged, Children: x.children,
		Ready: x.children == 0 && t.deletable(name, 0) == nil}, true
}

// Perishables are names of nodes that go by themselves, in order, after the one named after, at
// most most.
func (t *Tree) Perishables(after cell.Name, most int) []cell.Name {
	var out []cell.Name
	t.perishables.Ascend(after, func(n cell.Name) bool {
		if n != after {
			out = append(out, n)
		}
		return len(out) < most
	})
	return out
}

func (t *Tree) decidePerish(o *Perish) (decision, error) {
	var d decision
	for _, p := range o.Nodes {
		is, ok := t.Perishable(p.Name)
		if !ok || is.Perished != p || !is.Ready {
			continue
		}
		parent, ok := p.Name.Parent()
		cell.Assert(ok, "the root perishes")
		d.reap = append(d.reap, p.Name)
		d.names = append(d.names, parent, p.Name)
	}
	return d, nil
}

func (t *Tree) perish(a *Applied, d *decision) {
	for _, name := range d.reap {
		t.remove(a, name)
	}
	a.Changes = foldChildren(a.Changes)
}

// Invalid: see Op.
func (o *Perish) Invalid() string {
	if len(o.Nodes) > MaxTxnReaped {
		return over("nodes of a transaction", MaxTxnReaped, len(o.Nodes))
	}
	for i := 1; i < len(o.Nodes); i++ {
		if o.Nodes[i-1].Name >= o.Nodes[i].Name {
			return "the names of perished nodes do not rise"
		}
	}
	return ""
}

func perishedToWire(nodes []Perished) []*wire.TxnPerished {
	out := make([]*wire.TxnPerished, len(nodes))
	for i, p := range nodes {
		out[i] = &wire.TxnPerished{Name: string(p.Name), Instance: p.Instance, Zxid: uint64(p.Zxid)}
	}
	return out
}

func perishedFromWire(nodes []*wire.TxnPerished) ([]Perished, error) {
	if len(nodes) > MaxTxnReaped {
		return nil, fmt.Errorf("%w: %s", cell.ErrProtocol, over("nodes of a transaction", MaxTxnReaped, len(nodes)))
	}
	var out []Perished
	for _, p := range nodes {
		n, err := cell.ParseName(p.Name)
		if err != nil {
			return nil, err
		}
		out = append(out, Perished{Name: n, Instance: p.Instance, Zxid: cell.Zxid(p.Zxid)})
	}
	return out, nil
}
