package tree

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// ReadNode answers a Read from the tree as it is: ErrWrongCell, ErrStaleHandle, or the node, which
// may be Absent. Whether the answer may be cached is not said here.
func (s *state) ReadNode(a *call.Read) (*call.NodeReply, error) {
	if err := s.inCell(a.Name); err != nil {
		return nil, err
	}
	stat, contents, ok := s.Get(a.Name)
	if err := sameInstance(a.Name, a.Instance, stat.Instance); err != nil {
		return nil, err
	}
	if !ok {
		return &call.NodeReply{Absent: true, Ancestor: s.Deepest(a.Name)}, nil
	}
	if a.StatOnly {
		contents = nil
	}
	return &call.NodeReply{Stat: stat, Contents: contents}, nil
}

// ReadList answers a List as ReadNode does a Read, with most children at the most. The names of the
// children are the node's; of those that the principal may not read it tells no more than name and
// instance.
func (t *Tree) ReadList(principal string, a *call.List, most int) (*call.ListReply, error) {
	if err := t.inCell(a.Name); err != nil {
		return nil, err
	}
	if a.Most > 0 {
		most = min(most, a.Most)
	}
	parent, kids, more, ok := t.List(a.Name, a.After, most)
	if err := sameInstance(a.Name, a.Instance, parent.Instance); err != nil {
		return nil, err
	}
	if !ok {
		return &call.ListReply{Absent: true, Ancestor: t.Deepest(a.Name)}, nil
	}
	for i, k := range kids {
		if a.Names || !t.Reads(principal, k.Name) {
			kids[i] = cell.Stat{Name: k.Name, Instance: k.Instance}
		}
	}
	return &call.ListReply{Parent: parent, Children: kids, More: more}, nil
}

// sameInstance refuses a question about an instance that is not there (0 asks for any; of an
// absent node it is 0).
func sameInstance(n cell.Name, asked, is uint64) error {
	if asked != 0 && asked != is {
		return fmt.Errorf("%w: instance %d of %s", cell.ErrStaleHandle, asked, n)
	}
	return nil
}
