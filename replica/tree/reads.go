package tree

import (
	"github.com/leasehold/leasehold/cell"
)

// Node is a node with its contents, which are not to be changed.
type Node struct {
	Stat     cell.Stat
	Contents []byte
}

// Get gives a node. The contents are the tree's own, and not to be changed.
func (s *state) Get(name cell.Name) (cell.Stat, []byte, bool) {
	n := s.node(name)
	if n == nil {
		return cell.Stat{}, nil, false
	}
	return n.stat(), n.contents, true
}

// Deepest is name itself if it exists, else the deepest ancestor that does; "" in another cell
// and before birth.
func (s *state) Deepest(name cell.Name) cell.Name {
	for ok := true; ok; name, ok = name.Parent() {
		if s.node(name) != nil {
			return name
		}
	}
	return ""
}

// List gives children of a node in order of name: those after the component after ("" for the
// first), at most most. more tells that others follow.
func (s *state) List(name cell.Name, after string, most int) (parent cell.Stat, kids []cell.Stat, more, ok bool) {
	n := s.node(name)
	if n == nil {
		return cell.Stat{}, nil, false, false
	}
	if n.extras().children == 0 {
		return n.stat(), nil, false, true
	}
	prefix := string(name) + "/"
	it := s.nodes.Iter()
	found := it.Seek(cell.Name(prefix + after))
	for found && under(prefix, it.Key()) {
		base := string(it.Key())[len(prefix):]
		if deeper := slash(base); deeper >= 0 { // below a child: go on behind that child's subtree
			found = it.Seek(cell.Name(prefix + base[:deeper] + "0"))
			continue
		}
		if base > after {
			if len(kids) == most {
				return n.stat(), kids, true, true
			}
			kids = append(kids, it.Value().stat())
		}
		found = it.Next()
	}
	return n.stat(), kids, false, true
}

func under(prefix string, name cell.Name) bool {
	return len(name) > len(prefix) && string(name[:len(prefix)]) == prefix
}

func slash(s string) int {
	for i := range len(s) {
		if s[i] == '/' {
			return i
		}
	}
	return -1
}

// Below walks the subtree of name, itself included, parents before children: the nodes after the
// one named after ("" for the first), at most most. more tells that others follow.
func (s *state) Below(name, after cell.Name, most int) (nodes []Node, more bool) {
	prefix := string(name) + "/"
	if n := s.node(name); n != nil && after == "" && most > 0 {
		nodes = append(nodes, Node{n.stat(), n.contents})
	}
	s.nodes.Ascend(max(cell.Name(prefix), after), func(k cell.Name, n *node) bool {
		if !under(prefix, k) {
			return false
		}
		if k == after {
			return true
		}
		more = len(nodes) >= most
		if !more {
			nodes = append(nodes, Node{n.stat(), n.contents})
		}
		return !more
	})
	return nodes, more
}
