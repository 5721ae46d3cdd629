package master

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/tree"
)

func exclusive(wait bool) *call.Acquire {
	return &call.Acquire{Name: "/ls/x/l", Mode: cell.Exclusive, Wait: wait}
}

// contended is a lock that holder has.
func contended(t *testing.T) (r *rig, holder *client, held *call.HoldState) {
	r = newRig(t)
	holder = r.open("holder")
	holder.must(create("/ls/x/l"))
	held = holder.must(exclusive(false)).Acquired
	require.True(t, held.Held)
	return r, holder, held
}

// proposedOps are the ops proposed since the last look.
func (r *rig) proposedOps() (ops []tree.Op) {
	for _, p := range r.proposd {
		ops = append(ops, p.Txn.Op)
	}
	r.proposd = nil
	return ops
}

// C1, C7: who comes to a lock that another has is put in its queue with the very append by which the lock
// passes on: one commit a hand-over.
func TestC1_AQueuedAcquireLeavesWithTheRelease(t *testing.T) {
	r, holder, held := contended(t)
	a, b := r.open("a"), r.open("b")
	r.keepLog, r.proposd = true, nil
	r.once(a.mutation(exclusive(true)))
	r.once(b.mutation(exclusive(true)))
	require.Empty(t, r.proposedOps(), "nobody waits for their places in the queue")
	release := &call.Release{Name: "/ls/x/l", Hold: held.Hold}
	r.once(holder.mutation(release))
	require.Equal(t, []tree.Op{exclusive(true), exclusive(true), release}, r.proposedOps())
	var landed []Input
	for len(r.waiting) > 0 {
		landed = append(landed, r.commit())
	}
	r.once(landed...)
	got, ok := last[*call.Granted](a)
	require.True(t, ok, "the first of the queue has it")
	require.NotZero(t, got.Sequencer.Grant)
	_, ok = last[*call.Granted](b)
	require.False(t, ok)
}

// An acquire that lingers does so for a moment, and not at all when the lock has come free.
func TestC1_AQueuedAcquireLingersForAMoment(t *testing.T) {
	r, _, _ := contended(t)
	a := r.open("a")
	r.keepLog, r.proposd = true, nil
	r.once(a.mutation(exclusive(true)))
	require.Empty(t, r.proposedOps())
	require.LessOrEqual(t, r.wake, r.at.Now.Add(lingersFor))
	r.at.Now = r.at.Now.Add(lingersFor - 1)
	r.once()
	require.Empty(t, r.proposedOps())
	r.at.Now = r.at.Now.Add(1)
	r.once()
	require.Equal(t, []tree.Op{exclusive(true)}, r.proposedOps())
}

func TestC1_ALockThatCameFreeIsNotLingeredFor(t *testing.T) {
	r, holder, held := contended(t)
	a := r.open("a")
	r.keepLog, r.proposd = true, nil
	r.once(holder.mutation(&call.Release{Name: "/ls/x/l", Hold: held.Hold}))
	r.proposd = nil
	r.once(a.mutation(exclusive(true)))
	require.Empty(t, r.proposedOps(), "as the tree stands the lock is held")
	r.once(r.commit())
	require.Equal(t, []tree.Op{exclusive(true)}, r.proposedOps())
}

// C7: a later call of the session does not overtake its acquire, and no more than so many linger.
func TestC7_WhatIsProposedAfterALingeringAcquireComesBehindIt(t *testing.T) {
	r, _, _ := contended(t)
	a := r.open("a")
	r.keepLog, r.proposd = true, nil
	r.once(a.mutation(exclusive(true)), a.mutation(put("/ls/x/l", "v")))
	require.Equal(t, []tree.Op{exclusive(true), put("/ls/x/l", "v")}, r.proposedOps())
	for range mostLinger {
		r.once(a.mutation(exclusive(true)))
	}
	require.Empty(t, r.proposedOps())
	r.once(a.mutation(exclusive(true)))
	require.Len(t, r.proposedOps(), mostLinger+1)
}

// A planned hand-over takes along what lingers.
func TestC5_WhoLeavesProposesWhatLingers(t *testing.T) {
	r, _, _ := contended(t)
	a := r.open("a")
	r.keepLog, r.proposd = true, nil
	r.once(a.mutation(exclusive(true)))
	var out Out
	r.m.Leave(r.at, &out)
	r.collect(&out)
	require.Contains(t, r.proposedOps(), tree.Op(exclusive(true)))
	require.Equal(t, lease.Never, r.m.lingering.wake())
}
