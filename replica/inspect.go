package replica

import (
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/tree"
)

// Holds reports whether this replica is the master and its lease holds at now (L9). It changes
// nothing; now may be any reading of the replica's clock that is not older than its last Step.
func (r *Replica) Holds(now lease.Instant) bool { return r.master != nil && now < r.core.Lease(now) }

// Quorate reports whether this replica reaches voters enough for a quorum, itself included.
func (r *Replica) Quorate() bool {
	_, _, voters := r.present()
	return voters > len(r.list())/2
}

// Tree is what this replica has applied, to be read and not to be changed, for who checks it.
// It is another one after a snapshot was installed.
func (r *Replica) Tree() *tree.Tree { return r.tree }

// Quarantined reports whether this replica's tree was found not to be a quorum's (Z14): it answers
// nobody and counts in nothing.
func (r *Replica) Quarantined() bool { return r.suspect() }

// Disputed reports whether no quorum of replicas reports the same tree (Z14), as far as the log says.
func (r *Replica) Disputed() bool { return r.check.disputed }
