package master

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/tree"
)

// tardy lets so many Steps come late that session leases are doubled.
func (r *rig) tardy() {
	for range tardyMost {
		r.at.Late = lease.Second
		r.once()
	}
}

// L6: from the proposal that shorter leases are counted with on, nothing longer is granted, whatever
// the load asks for meanwhile: the next master would not count with it.
func TestL6_NothingLongerIsGrantedWhileLessIsBeingLogged(t *testing.T) {
	r := newRig(t)
	c := r.open("c")
	base := lease.Duration(lengths().SessionLease)
	r.tardy()
	r.step()
	require.EqualValues(t, 2*base, r.tree.Granted().SessionLease)
	c.keep()
	r.keepLog = true
	for r.at.Now < r.m.load.calm || len(r.waiting) == 0 {
		r.pass(lease.Second)
		c.keep()
	}
	less := &tree.Allow{SessionLease: base, CacheLease: lease.Duration(lengths().CacheLease)}
	require.Equal(t, less, r.waiting[0].Txn.Op)
	r.tardy()
	c.attach()
	c.keep()
	k, ok := c.renewed()
	require.True(t, ok)
	r.once(r.commit())
	most := int64(r.tree.Granted().SessionLease)
	require.LessOrEqual(t, k.Session, most, "granted for longer than a new master counts with")
	r.keepLog = false
	r.step()
	require.EqualValues(t, 2*base, r.tree.Granted().SessionLease, "asked for anew")
}
