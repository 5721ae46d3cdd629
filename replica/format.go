package replica

import (
	"fmt"

	"github.com/leasehold/leasehold/replica/tree"
)

// raise is the transaction that raises the cell's format, once every member has said that it knows a
// higher one, on the link that stands (Z16); nil: there is none to be made. While it is on its way no
// list of members is changed: a newcomer might not know it.
func (r *Replica) raise() tree.Op {
	is := r.tree.Format()
	if is >= r.core.Knows() || r.check.raising { // each Step of a master comes by here
		return nil
	}
	to := r.core.Formats()
	if to <= is || r.core.Changing() || r.changes() {
		return nil
	}
	r.check.raising = true
	return &tree.Raise{Format: to}
}

// raised takes up that the format has risen.
func (r *Replica) raised(eff *Effects) {
	r.check.raising = false
	eff.Counts.Raises++
	eff.Lines = append(eff.Lines, Line{"info", fmt.Sprintf("the cell's format is now %d", r.tree.Format())})
}

// Format is the cell's (Z16); 0 before birth.
func (r *Replica) Format() uint32 { return r.tree.Format() }
