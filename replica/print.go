package replica

import "fmt"

// String is the state of core and tree in a few lines, the same for the same state.
func (r *Replica) String() string {
	nodes, sessions, locks := r.tree.Counts()
	return fmt.Sprintf("%v  tree at %v, digest %016x: %d nodes, %d sessions, %d locks held; master %v\n",
		r.core, r.tree.Mark(), r.tree.Digest(), nodes, sessions, locks, r.master != nil)
}
