package master

import (
	"github.com/leasehold/leasehold/master/session"
	"github.com/leasehold/leasehold/replica/tree"
)

// piece gives the next nodes of a watch's current state, after those walked: the name itself,
// its children, or all below it, parents first.
func (m *Master) piece(w *session.Watch) (nodes []tree.Node, more bool) {
	if w.Recursive {
		return m.tree.Below(w.Name, w.After, pieceNodes)
	}
	if w.After == "" {
		if stat, contents, ok := m.tree.Get(w.Name); ok {
			nodes = append(nodes, tree.Node{Stat: stat, Contents: contents})
		}
		if len(nodes) == 0 || !w.Children {
			return nodes, false
		}
	}
	if !w.Children {
		return nil, false
	}
	after := ""
	if w.After != "" && w.After != w.Name {
		after = w.After.Base()
	}
	_, kids, more, _ := m.tree.List(w.Name, after, pieceNodes)
	for _, k := range kids {
		_, contents, _ := m.tree.Get(k.Name)
		nodes = append(nodes, tree.Node{Stat: k, Contents: contents})
	}
	return nodes, more
}
