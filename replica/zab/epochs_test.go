package zab

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/record"
)

// manyEpochs is a replica whose log holds one record of each of n epochs, all committed.
func manyEpochs(n int) Config {
	c := soloConfig(3)
	for i := 1; i <= n; i++ {
		r := record.Make(uint64(i), cell.MakeZxid(cell.Epoch(i), 1), record.Normal, []byte("1 1"))
		c.Recent = append(c.Recent, r)
		c.Log.Epochs = append(c.Log.Epochs, record.EpochEnd{Epoch: cell.Epoch(i), Last: r.Mark()})
		c.Log.Last = r.Mark()
	}
	c.Hard.AcceptedEpoch, c.Hard.AcceptedFrom = cell.Epoch(n), 1
	c.Hard.CurrentEpoch, c.Hard.Begun = cell.Epoch(n), true
	return c
}

// A quiet cell may hold a thousand elections before its log is long enough for a snapshot.
func TestZ11_ALogOfThousandsOfEpochsStarts(t *testing.T) {
	s := newSolo(t, manyEpochs(3*maxEpochs))
	require.Empty(t, s.core.Dead())
	s.meet(2, record.Voter)
	s.led(2, 3*maxEpochs+1)
	info, ok := last[*FollowerInfo](s)
	require.True(t, ok)
	require.Empty(t, info.Invalid(), "what it says of itself is no nonsense to others")
	require.Len(t, info.Epochs, maxEpochs)
}

// leadsMany makes a core of manyEpochs the leader of the next epoch, replica 2 behind it.
func leadsMany(t *testing.T, n int) *solo {
	s := newSolo(t, manyEpochs(n))
	next := cell.Epoch(n + 1)
	for id := cell.ReplicaID(2); id <= 3; id++ {
		s.meet(id, record.Voter)
		s.hears(id, &Status{Role: RoleLooking, Abstain: true})
	}
	at, epochs := s.core.Last(), s.core.log.epochs[n-1:]
	s.hears(2, &FollowerInfo{Ask: 1, Accepted: next - 1, Current: next - 1, Last: at, Epochs: epochs})
	s.hears(2, &AckEpoch{Epoch: next, Current: next - 1, Last: at})
	s.hears(2, &AckNewLeader{Epoch: next, Last: at})
	e, ok := s.core.Leading()
	require.True(t, ok)
	require.Equal(t, next, e)
	return s
}

func TestZ5_ASnapshotOfALongPastEpochIsGoneOnFrom(t *testing.T) {
	const n = 3 * maxEpochs
	s := leadsMany(t, n)
	snapshot := record.Mark{Index: 7, Zxid: cell.MakeZxid(7, 1)}
	s.step(Compacted{First: 8, Snapshot: snapshot})
	s.hears(3, &FollowerInfo{Ask: 1})
	s.hears(3, &AckEpoch{Epoch: n + 1})
	snap, ok := last[*Snap](s)
	require.True(t, ok)
	s.step(SnapshotOffered{3, snap.Attempt, snapshot})
	s.hears(3, &SnapshotDurable{Epoch: n + 1, Attempt: snap.Attempt, Mark: snapshot})
	require.NotZero(t, s.core.peer(3).link.number)
	first, ok := last[*Entries](s)
	require.True(t, ok)
	require.Equal(t, snapshot, first.Prev, "the stream goes on right behind the snapshot")
}

// A leader whose life ended has begun to send a snapshot; its next life must not call another by
// the same number, or the first, coming late, is installed for the second.
func TestZ7_TwoLivesOfALeaderNumberTheirSnapshotsApart(t *testing.T) {
	attempt := func(n int) uint64 {
		s := leadsMany(t, n)
		s.step(Compacted{First: 3, Snapshot: record.Mark{Index: 2, Zxid: cell.MakeZxid(2, 1)}})
		s.hears(3, &FollowerInfo{Ask: 1})
		s.hears(3, &AckEpoch{Epoch: cell.Epoch(n + 1)})
		snap, ok := last[*Snap](s)
		require.True(t, ok)
		return snap.Attempt
	}
	require.NotEqual(t, attempt(5), attempt(6))
}

// One message must not use up the epochs of the whole cell, nor end its leader.
func TestB1_AnEpochFarAheadIsNotBelieved(t *testing.T) {
	s := soloLeader(t)
	s.hears(3, &FollowerInfo{Ask: 2, Accepted: maxEpoch, From: 2})
	require.Empty(t, s.core.Dead())
	require.Equal(t, cell.Epoch(1), s.core.saved.AcceptedEpoch)
	require.Zero(t, s.core.peer(3).link.number, "the liar loses its link")

	f := newSolo(t, soloConfig(3))
	f.meet(2, record.Voter)
	f.led(2, maxEpoch)
	f.pass(lease.Second)
	require.Zero(t, f.core.saved.AcceptedEpoch)
	require.Zero(t, f.core.peer(2).link.number)
}

// Whoever starts often from an emptied disk must not make its peers forget the directory that
// the list binds: a copy of that one would be believed.
func TestZ11_TheBoundDirectoryIsNotForgotten(t *testing.T) {
	c := soloConfig(3)
	bound := cell.Members{{ID: 1, Incarnation: 101}, {ID: 2, Incarnation: 102}, {ID: 3, Incarnation: 103}}
	c.Lists = []List{{0, bound}}
	c.Hard.Seen[0].Boot = 5
	s := newSolo(t, c)
	for i := uint64(1); i <= 3*maxSeen; i++ {
		s.step(LinkUp{2, i})
		s.step(Received{2, i, &Hello{ID: 2, Incarnation: cell.Incarnation(1000 + i), Boot: 9, Format: cell.Format}})
	}
	require.Equal(t, uint64(5), s.core.bootOf(2, 102))
}
