package master

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/replica/tree"
)

// unfit refuses what would grow the tree while the disks of a quorum are as good as full (B3). What is left on them
// is for what goes on: KeepAlives' marks, releases, deletes, expiries, and new sessions, without which nobody could
// delete anything.
func (m *Master) unfit() *call.Result {
	m.out.Unfit++
	r := call.Fail(fmt.Errorf("%w: the disks of a quorum have less than 1 GiB left; delete nodes, or make room there",
		cell.ErrNoSpace))
	r.Zxid = m.tree.Mark().Zxid
	return &r
}

// grows reports whether an op may make the tree larger than it is.
func (m *Master) grows(op tree.Op) bool {
	switch op := op.(type) {
	case *call.Create:
		return true
	case *call.Write:
		return len(op.Contents) > m.sizeOf(op.Name)
	case *call.Acquire:
		return op.Create && m.tree.Deepest(op.Name) != op.Name
	case *call.Txn:
		for _, p := range op.Parts {
			if m.grows(p) {
				return true
			}
		}
	}
	return false
}

// sizeOf is how many bytes a node has; −1 when it is absent.
func (m *Master) sizeOf(n cell.Name) int {
	stat, _, ok := m.tree.Get(n)
	if !ok {
		return -1
	}
	return stat.Size
}

// tellFull says once that the disks are full, and once that they are not any more.
func (m *Master) tellFull() {
	switch {
	case m.at.Full == m.toldFull:
		return
	case m.at.Full:
		m.line(Warn, "no quorum has 1 GiB left on its disks: what grows the tree is refused")
	default:
		m.line(Info, "a quorum has room on its disks again")
	}
	m.toldFull = m.at.Full
}
