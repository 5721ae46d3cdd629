package tree

import (
	"github.com/leasehold/leasehold/cell"
)

// Node is a node with its contents, which are not to be changed.
type Node struct {
	Stat     cell.Stat
	Contents []byte
}

// Get gives a node. The contents are not to be changed, and stand whatever becomes of the tree.
func (s *state) Get(name cell.Name) (cell.Stat, []byte, bool) {
	n := s.node(name)
	if n == nil {
		return cell.Stat{}, nil, false
	}
	return n.stat(), n.own(), true
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
	for from := cell.Name(prefix + after); from != ""; {
		below := from
		from = ""
		s.eachNode(below, func(kid *node) bool {
			if !under(prefix, kid.name) {
				return false
			}
			base := string(kid.name)[len(prefix):]
			if deeper := slash(base); deeper >= 0 { // below a child: go on behind that child's subtree
				from = cell.Name(prefix + base[:deeper] + "0")
				return false
			}
			if more = base > after && len(kids) == most; !more && base > after {
				kids = append(kids, kid.stat())
			}
			return !more
		})
	}
	return n.stat(), kids, more, true
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
		nodes = append(nodes, Node{n.stat(), n.own()})
	}
	s.eachNode(max(cell.Name(prefix), after), func(n *node) bool {
		if !under(prefix, n.name) {
			return false
		}
		if n.name == after {
			return true
		}
		more = len(nodes) >= most
		if !more {
			nodes = append(nodes, Node{n.stat(), n.own()})
		}
		return !more
	})
	return nodes, more
}
